"""What every function begins with: its environment, its clock, its log, and text made harmless.

It knows nothing of files, mails or links, and imports no other package of ours.
"""
