"""What every command needs of AWS: clients, its errors in words, polling, SES's limits, one call.

`machine` looks at what this machine brings to the first call.

It knows AWS only: nothing of deployments, stacks or files.
"""
