"""Makes the Lambda zip, and keeps it and large templates in the artifacts bucket.

It touches no other bucket, and no stack.
"""
