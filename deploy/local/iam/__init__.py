"""IAM in the embedded AWS: whose keys sign a request, and what policies let them do.

Judges requests and never serves them: it touches no service's data but the policies kept there.
"""
