"""One CloudFormation stack: its template, its change set, applying it, following it, its end.

It calls CloudFormation, and looks whether buckets are empty; a template that is too large for a
call it puts into the artifacts bucket, through `package`. It takes nothing away without consent.
"""
