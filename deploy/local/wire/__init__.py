"""HTTP between callers and the embedded AWS: server, requests read, errors in AWS's words, faults.

Knows no service's state; every other folder may use it, and it uses none of them.
"""
