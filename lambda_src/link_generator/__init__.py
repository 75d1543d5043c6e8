"""LinkGenerator: a file lands in FileExchangeBucket, the right people get a link by mail.

handler       what Lambda calls; builds the settings and the clients, once
announcement  the steps, from an event's record to the mails
events        what S3 says about an upload
store         what the bucket says about the file
recipients    who gets it, and whether they may; `addresses` knows what an address is
expiry        the moment at which the link really stops
links         one link per recipient; `signing` and `file_names` make its parts
mails         what the mail says (`mail_data`) and whether SES took it (`mail_faults`)
settings      the function's environment, read once
errors, log, text   used by all of them

Only `handler` reads the environment; only the standard library and boto3 may be imported, because
nothing but this package is in the zip.
"""
