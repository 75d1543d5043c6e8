"""What every function begins with: its environment, its clients, its clock, its log, and
text made harmless.

It knows nothing of files, mails or links, and imports no other package of ours.
"""
