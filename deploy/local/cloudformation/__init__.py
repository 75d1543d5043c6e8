"""CloudFormation for the embedded AWS, in place of moto's.

moto's own drops resource types and properties without a word, loses Outputs and Exports of a
change set, never rolls back, and enforces neither parameters nor capabilities. So this package
keeps only moto's routing, parsing and serialising and does the work itself:

template.py     reads a template; pure
intrinsics.py   Ref, Fn::GetAtt, Fn::Sub …; pure
parameters.py   the values of the parameters, checked; pure
scope.py        what the names in a template stand for; pure
changes.py      a change set: what an update would change; pure
drift.py        which resources somebody has deleted elsewhere
stack.py        what is kept of a stack, and what it is to become
resource_type.py, registry.py   what a resource type is, and which there are
steps.py        creates, modifies and deletes one resource
operations.py   creates, updates, rolls back and deletes a stack
requests.py, backend.py      which requests are allowed, and what they start
responses.py, documents.py   the API: its actions, and what they answer
errors.py                    its errors, with AWS's codes

Stacks are finished when the call that starts them returns.
The folder touches no service: it gives properties to resource types, which call the services.
"""
