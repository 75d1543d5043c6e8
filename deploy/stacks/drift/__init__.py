"""What was deleted behind CloudFormation's back: what it is, what was lost with it, and what a
drift-aware change set brings back.

It asks the services and changes nothing, but for topics, which get their old names back.
"""
