"""SNS in the embedded AWS: topics that reach mailboxes and functions, and its resource types.

Never opens a connection, and knows no publisher: alarms and SES come here.
"""
