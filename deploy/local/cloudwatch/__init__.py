"""CloudWatch in the embedded AWS: alarms that are evaluated and act, and its resource types.

Only reads what it watches, and tells of it through SNS alone.
"""
