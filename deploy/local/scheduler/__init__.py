"""EventBridge Scheduler in the embedded AWS: schedules that fire, and their resource types.

Reaches targets through Lambda's asynchronous invocations only, with the schedule's own role; what
cannot be handed over goes to the schedule's dead-letter queue in SQS.
"""
