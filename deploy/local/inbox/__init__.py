"""Every mail that would have been sent, and the page on which a person reads and clicks it.

Knows no service: SES and SNS put their mails here, and it asks nobody for anything.
"""
