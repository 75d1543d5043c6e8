"""Links to S3 itself, signed for a limited time: downloads are pinned to one version of a file, and
uploads have none yet.

It writes into no table; who may have a link is decided before it is asked.
"""
