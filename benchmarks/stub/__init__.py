"""A server that answers as S3, STS, CloudFormation and DynamoDB do, as far as a benchmark asks.

It answers after a delay, costs little, and keeps nothing, so that whoever calls it is measured.

gate    holds answers: each for a while, or all of a round until nobody asks any more
server  the server, in a process of its own
answers what it says
"""
