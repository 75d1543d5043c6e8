"""PresignApi: programs with AWS credentials get URLs to upload and download with, and links that
work once.

handler    what Lambda calls; builds the settings and the clients, once
routes     which route does what, and what its errors are answered with
keys       which keys programs may use
asked      what an upload is asked with, checked
uploads    URLs to upload with, whole or in parts; `completing` puts the parts together
downloads  a URL to download with
one_time   a link that works exactly once (`nonce_gate` lets it in)
files      whether a file is there
faults     what it means that S3 or DynamoDB did not answer
settings, services, errors, log   used by all of them

A URL works for 15 minutes; those of parts for 6 hours, because large files take long. An upload or
download that has begun by then is not cut off. What is uploaded is announced like any other file.
Only `handler` reads the environment.
"""
