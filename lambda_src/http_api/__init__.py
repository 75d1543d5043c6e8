"""What an HTTP API asks of a function (payload 2.0), and what it is answered.

requests  an event as a Request; its query, its form and its JSON, each as it must be
fields    the values in them, each refused with a sentence that names it
answers   a status and a body of JSON

Pure: nothing here knows of files or links.
"""
