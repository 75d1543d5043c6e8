"""One CloudFormation stack: its template, its change set, applying it, following it, its end.

It calls CloudFormation, and looks whether buckets are empty; it takes nothing away without consent.
"""
