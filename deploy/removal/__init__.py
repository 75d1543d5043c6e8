"""Takes a deployment, an optional stack of it, or single files of it, away for good.

Nothing is touched before the operator was told what is lost and has agreed.
"""
