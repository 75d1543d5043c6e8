"""SES in the embedded AWS: mails rendered, kept in the inbox, and their fate told as events.

Never opens a connection: no mail leaves this machine.
"""
