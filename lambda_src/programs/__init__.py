"""Programs and NonceGate: programs with AWS credentials get URLs to upload and download with, and
links that work once.

handler          what Lambda calls for the API's routes; builds the settings and the clients, once
gate_handler     what Lambda calls for the API's authorizer, which keeps out who has no nonce
routes           which route does what, and what its errors are answered with
upload_requests  what a program asks to upload, checked as LinkGenerator will check it
uploads          URLs to upload with, whole or in parts
completing       puts the parts of an upload together, or gives the upload up
objects          which keys programs may use, whether a file is there, and a URL to download it
one_time         a link that works exactly once: made, let in by the gate, followed
nonces           the table of these links, and their secrets
settings, errors, log  used by all of them

A URL works for 15 minutes; those of parts for 6 hours, because large files take long; the one that
a one-time link redirects to for 60 seconds. An upload or download that has begun by then is not cut
off. What is uploaded is announced like any other file.
Only the handlers read the environment. Nothing here knows of the portal.
"""
