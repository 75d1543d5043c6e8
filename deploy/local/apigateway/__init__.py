"""HTTP APIs of the embedded AWS: each listens on a port of its own and runs functions.

moto keeps APIs, routes and authorizers, and answers no request to them. `apis` opens and closes
the ports, `front` answers a request, and the other modules each do one part of that.
"""
