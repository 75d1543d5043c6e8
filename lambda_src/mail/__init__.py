"""Mails: addresses and who gets a file, what a mail says, and handing it to SES.

It makes no links and writes into no table.
"""
