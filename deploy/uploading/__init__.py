"""Finds files of this machine, and puts each whole into a bucket: in parts, with a bar.

What an upload means, and to which stack the bucket belongs, is for those above to know.
"""
