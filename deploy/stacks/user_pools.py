"""Lets a stack's user pools be deleted: Cognito deletes no pool that is protected from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deploy.aws.explain import error_code
from deploy.stacks.lookup import resources_of_type

if TYPE_CHECKING:
    from types_boto3_cognito_idp.type_defs import UserPoolTypeTypeDef

    from deploy.aws.clients import Clients

USER_POOL = "AWS::Cognito::UserPool"

# UpdateUserPool: "If you don't provide a value for an attribute, Amazon Cognito sets it to its
# default value", which lets anybody sign up. Were the deletion to fail, that would be a pool open
# to all, so everything is given again as it is. The second factor goes by a call of its own: with
# it, UpdateUserPool wants settings for text messages, too.
_SETTINGS = (
    "AccountRecoverySetting",
    "AutoVerifiedAttributes",
    "DeviceConfiguration",
    "EmailConfiguration",
    "LambdaConfig",
    "Policies",
    "SmsAuthenticationMessage",
    "SmsConfiguration",
    "UserAttributeUpdateSettings",
    "UserPoolAddOns",
    "UserPoolTags",
    "UserPoolTier",
    "VerificationMessageTemplate",
)
# The older name of a password policy's setting; Cognito takes one of the two.
_OLDER = "UnusedAccountValidityDays"


def unprotect_user_pools(clients: Clients, stack_id: str) -> None:
    """Switch the protection off, and nothing else. Only for a stack that is to be deleted now."""
    for pool_id in resources_of_type(clients, stack_id, USER_POOL):
        try:
            pool = clients.cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
        except ClientError as exc:
            if error_code(exc) == "ResourceNotFoundException":
                continue
            raise
        if pool.get("DeletionProtection") == "ACTIVE":
            factors: Any = clients.cognito.get_user_pool_mfa_config(UserPoolId=pool_id)
            factors.pop("ResponseMetadata", None)
            clients.cognito.update_user_pool(
                **_as_it_is(pool), UserPoolId=pool_id, DeletionProtection="INACTIVE"
            )
            if factors["MfaConfiguration"] != "OFF":
                clients.cognito.set_user_pool_mfa_config(UserPoolId=pool_id, **factors)


def _as_it_is(pool: UserPoolTypeTypeDef) -> Any:
    found: dict[str, Any] = {**pool}
    settings = {name: found[name] for name in _SETTINGS if found.get(name)}
    invitations = found.get("AdminCreateUserConfig", {})
    kept = {name: value for name, value in invitations.items() if name != _OLDER}
    return {**settings, "AdminCreateUserConfig": kept, "PoolName": found["Name"]}
