"""Checks that nothing stands in the way of a deployment, each finding with its fix.

It only reads; nothing is put right here.
"""
