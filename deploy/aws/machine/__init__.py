"""What this machine brings before AWS is called: profile, region, credentials, certificates, proxy.

It checks them and says what is wrong, once; it builds no client, and knows no service but by name.
"""
