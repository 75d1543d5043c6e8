"""LinkGenerator: a file lands in FileExchangeBucket, the right people get a link by mail.

handler       what Lambda calls; builds the settings and the clients, once
announcement  the steps, from an event's record to the mails
events        what S3 says about an upload
store         what the bucket says about the file
recipients    who gets it, and whether they may; `addresses` knows what an address is
expiry        the moment at which the link really stops
mailing       claims in the ledger, sends, records, and waits while SES is busy
links         one link per recipient; `signing` and `file_names` make its parts
mails         what the mail says (`mail_data`) and whether SES took it (`mail_faults`)
ledger_faults what it means that the ledger did not answer
outcomes      how it ended with an upload, in the function's answer
settings      the function's environment, read once
services      what it acts on; `invocation` is one run's clock and end
errors, log, text   used by all of them

Only `handler` reads the environment. Only the standard library, boto3 and `ledger` may be imported,
because nothing but this folder's packages is in the zip.
"""
