"""The errors of the CloudFormation API, with AWS's codes. moto serialises them.

CloudFormationError
├── ValidationError                     most of what is wrong with a request
├── InsufficientCapabilitiesError       IAM resources need consent
├── AlreadyExistsError                  a stack or change set of this name is there
├── ChangeSetNotFoundError              there is no such change set
├── InvalidChangeSetStatusError         the change set cannot be executed
└── TypeNotFoundError                   the registry has no such type of resource
"""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class CloudFormationError(ServiceException):
    """Base of the API's errors."""

    def __str__(self) -> str:
        # moto puts the code in front; in a stack's or change set's reason there is none.
        return str(self.message)


class ValidationError(CloudFormationError):
    code = "ValidationError"


class InsufficientCapabilitiesError(CloudFormationError):
    code = "InsufficientCapabilitiesException"


class AlreadyExistsError(CloudFormationError):
    code = "AlreadyExistsException"


class ChangeSetNotFoundError(CloudFormationError):
    code = "ChangeSetNotFound"


class InvalidChangeSetStatusError(CloudFormationError):
    code = "InvalidChangeSetStatus"


class TypeNotFoundError(CloudFormationError):
    code = "TypeNotFoundException"
