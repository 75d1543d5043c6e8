"""CloudFormation for the embedded AWS, in place of moto's.

moto's own drops resource types and properties without a word, loses Outputs and Exports of a
change set, never rolls back, and enforces neither parameters nor capabilities. So this package
keeps only moto's door (routing, parsing, serialising) and does the work itself:

template.py     reads a template; pure
intrinsics.py   Ref, Fn::GetAtt, Fn::Sub …; pure
parameters.py   the values of the parameters, checked; pure
scope.py        what the names in a template stand for; pure
details.py, changes.py   what an update would change; pure
stack.py, target.py      what is kept of a stack, and what it is to become
steps.py        creates, modifies and deletes one resource, through `deploy.local.resource_types`
operations.py   creates, updates, rolls back and deletes a stack
requests.py, backend.py  which requests are allowed
responses.py, documents.py   the API

Stacks are finished when the call that starts them returns.

For the rest of `deploy.local`, after a stack made a function, moto's LambdaFunction object carries
    dead_letter_target_arn   str | None, of DeadLetterConfig
    logging_config           dict with LogFormat, LogGroup …, of LoggingConfig; {} when absent
    tracing_config, architectures   moto's own attributes
    event_invoke_config      moto's own list of EventInvokeConfig (0 or 1); use
                             `deploy.local.lambda_.settings.invocation_rules(function)`,
                             which gives retries, maximum age and dead-letter target in one record
"""
