"""DynamoDB in the embedded AWS: calls side by side, whole transactions, and its resource type.

Knows nothing of what s3link's tables hold, and asks no other service.
"""
