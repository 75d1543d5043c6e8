"""Uploads files so that LinkGenerator announces them, and waits for their mails.

It writes to FileExchangeBucket only, and to no stack.
"""
