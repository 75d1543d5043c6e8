"""Makes the Lambda zip and keeps it in the artifacts bucket.

It touches no other bucket, and no stack.
"""
