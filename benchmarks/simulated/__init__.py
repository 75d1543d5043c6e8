"""A deployment in simulated time: what AWS does around LinkGenerator, whose code is the real one.

clock     the time, and the threads in which handlers run, one at a time
services  S3, SES and DynamoDB as the handler sees them
table     DynamoDB's part of it: reads the real expressions, once each
queues    how uploads reach the handler: Lambda's own queue, or SQS before it
run       one burst from the first upload to the last mail
"""
