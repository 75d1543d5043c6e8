"""What the operator chose: s3link.toml, --set, and the questions of `s3link init`.

It reads and writes that file only; AWS is not called.
"""
