"""A pool's login: its pages, from the password to the code that the client gets for it, and its
OAuth endpoints. It uses the pools beside it; they know nothing of it.
"""
