"""CloudWatch in the embedded AWS: alarms that are evaluated and act, and its resource types.

Reads metrics through CloudWatch's own API only, and never a function's or a queue's state.
"""
