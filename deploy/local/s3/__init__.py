"""S3 in the embedded AWS: signatures, what is refused beside them, notifications, what moto's S3
lacks, and its resource types.

Stores no object itself, and decides no permission: that is `deploy.local.iam`.
"""
