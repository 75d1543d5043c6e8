"""The brand that pages and mails carry: a name, a colour and a logo, made safe for the Lambda zip.

It reads the logo's file and nothing else; nothing here knows of AWS, stacks or the zip.
"""
