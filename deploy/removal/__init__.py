"""Takes a deployment, or an optional stack of it, away for good.

Nothing is touched before the operator was told what is lost and has agreed.
"""
