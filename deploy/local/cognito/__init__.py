"""Cognito in the embedded AWS: user pools, their login pages and OAuth endpoints, their mails.

moto keeps pools, clients, groups and people. What is signed is signed by joserfc; no password, code
or token is written to a log, and mails go to the inbox only.
"""
