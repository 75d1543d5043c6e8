"""The commands, one module each, as `s3link --help` lists them.

A command may import neither another command nor boto3.
"""
