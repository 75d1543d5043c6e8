"""DynamoDB tables as the functions use them.

It knows no table's name or attributes.
"""
