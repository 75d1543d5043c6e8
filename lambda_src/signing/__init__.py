"""Links to S3 itself, signed for a moment and pinned to one version of a file.

It writes into no table; who may have a link is decided before it is asked.
"""
