"""What the stacks permit to whom, and how a change of it reads, statement by statement.

Pure: nothing here calls AWS, asks or prints.
"""
