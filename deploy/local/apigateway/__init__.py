"""HTTP APIs of the embedded AWS: each listens on a port of its own and runs functions.

moto keeps APIs, routes and authorizers, and answers no request to them. `http_api`
opens a port for each API and answers its requests, and the other modules each do one part of
that. Any number of APIs stand side by side; what their functions do is not this folder's business.
"""
