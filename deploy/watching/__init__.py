"""Looks at a deployment at work: stacks, alarms, queues, deliveries, logs.

It only reads.
"""
