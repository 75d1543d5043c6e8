"""The deliveries ledger: one row per delivery, that is, per upload and recipient.

rows    what a row says, and how its state reads
claims  before and after a mail: claim deliveries, record what SES said (LinkGenerator)
fates   what became of a mail (FateRecorder)

It holds no link, token or mail body, and sends nothing.
"""
