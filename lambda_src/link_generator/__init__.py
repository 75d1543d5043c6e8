"""LinkGenerator: a file lands in FileExchangeBucket, the right people get a link by mail.

handler       what Lambda calls; builds the settings and the clients, once
announcement  the steps, from an event's record to the mails
mailing       claims in the ledger, sends, records, and waits while SES is busy
sharing       several files as one: which belong together, and whether all is there
linking       the links of the mails: to S3 itself, or to the portal
deliveries    one upload for one recipient: its id, its mail
faults        what it means that SES, the ledger or the portal's table did not do it
settings, errors, log, side_by_side   used by all of them

Only `handler` reads the environment; nobody else imports this package.
"""
