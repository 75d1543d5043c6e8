"""The portal's tables: links with their tokens, what may be done with them, and how often people
asked for them.

It makes no page, mails nothing and signs nothing.
"""
