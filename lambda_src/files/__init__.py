"""The files in FileExchangeBucket: their events, what S3 says of them, their names and metadata.

It mails nothing and signs nothing.
"""
