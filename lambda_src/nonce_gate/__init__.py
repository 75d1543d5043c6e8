"""NonceGate: the API's authorizer of `GET /access-object`, which lets each nonce in once.

handler    what Lambda calls; builds the client, once
gate       whether a request may pass, which takes its nonce
log        one line per request

It answers only yes or no: API Gateway refuses with 403, and why is in the log. The nonce is taken
before the portal redirects: of any number of requests at the same moment one passes.
"""
