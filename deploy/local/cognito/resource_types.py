"""User pool, and its domain, client, groups, scopes and the look of its login pages."""

from __future__ import annotations

from typing import Any

from moto.cognitoidp.models import cognitoidp_backends

from deploy.local.cloudformation.resource_type import (
    Context,
    PhysicalResource,
    Properties,
    ResourceError,
    ResourceType,
)

_POOL_SETTINGS = frozenset(
    {
        "AccountRecoverySetting",
        "AdminCreateUserConfig",
        "AutoVerifiedAttributes",
        "DeletionProtection",
        "EmailConfiguration",
        "Policies",
        "UserAttributeUpdateSettings",
        "UserPoolTags",
        "UserPoolTier",
        "VerificationMessageTemplate",
    }
)
_FIXED = frozenset({"UsernameAttributes", "UsernameConfiguration"})
_TOTP = "SOFTWARE_TOKEN_MFA"


class UserPool(ResourceType):
    type_name = "AWS::Cognito::UserPool"
    properties = _POOL_SETTINGS | _FIXED | {"EnabledMfas", "MfaConfiguration", "UserPoolName"}

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        _check_factors(properties)
        name = properties.get("UserPoolName") or context.generated_name(128)
        given = _chosen(properties, _POOL_SETTINGS | _FIXED)
        described = _call(context, "create_user_pool", _tagged(given, context) | {"PoolName": name})
        pool_id = described["UserPool"]["Id"]
        self._set_factors(pool_id, properties, context)
        pool = cognitoidp_backends[context.account][context.region].user_pools[pool_id]
        attributes = {
            "Arn": pool.arn,
            "ProviderName": pool.provider_name,
            "ProviderURL": pool.issuer,
            "UserPoolId": pool_id,
        }
        return PhysicalResource(pool_id, attributes)

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        _check_factors(after)
        backend = cognitoidp_backends[context.account][context.region]
        settings = backend.user_pools[physical.physical_id].extended_config
        for name in _FIXED:
            if settings.get(name) != after.get(name):
                raise ResourceError(f"Updates are not allowed for property - {name}.")
        given = _tagged(_chosen(after, _POOL_SETTINGS), context)
        if "UserPoolName" in after:
            given["PoolName"] = after["UserPoolName"]
        _call(context, "update_user_pool", {**given, "UserPoolId": physical.physical_id})
        self._set_factors(physical.physical_id, after, context)
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        context.clients.cognito.delete_user_pool(UserPoolId=physical.physical_id)

    def _set_factors(self, pool_id: str, properties: Properties, context: Context) -> None:
        mode = properties.get("MfaConfiguration", "OFF")
        given = {"UserPoolId": pool_id, "MfaConfiguration": mode}
        if mode != "OFF":
            given["SoftwareTokenMfaConfiguration"] = {"Enabled": True}
        _call(context, "set_user_pool_mfa_config", given)


class _PartOfPool(ResourceType):
    """What is made, changed and deleted with calls of one form, and known by a name in its pool."""

    subject: str  # of the calls' names
    identity: str  # the property with its name
    only_at_first: frozenset[str] = frozenset()  # what the call that changes it does not take
    replaced_by = frozenset({"UserPoolId"})

    def create(self, properties: Properties, context: Context) -> PhysicalResource:
        given = self._given(properties, context)
        answer = _call(context, f"create_{self.subject}", given)
        return self._physical(given, answer)

    def update(
        self, physical: PhysicalResource, before: Properties, after: Properties, context: Context
    ) -> PhysicalResource:
        said = {name: value for name, value in after.items() if name not in self.only_at_first}
        given = {**said, **self._key(physical, after)}
        _call(context, f"update_{self.subject}", given)
        return physical

    def delete(self, physical: PhysicalResource, properties: Properties, context: Context) -> None:
        _call(context, f"delete_{self.subject}", self._key(physical, properties))

    def _given(self, properties: Properties, context: Context) -> Properties:
        return properties

    def _key(self, physical: PhysicalResource, properties: Properties) -> dict[str, Any]:
        return {"UserPoolId": properties["UserPoolId"], self.identity: physical.physical_id}

    def _physical(self, given: Properties, answer: Properties) -> PhysicalResource:
        return PhysicalResource(given[self.identity])


class UserPoolClient(_PartOfPool):
    type_name = "AWS::Cognito::UserPoolClient"
    subject, identity = "user_pool_client", "ClientId"
    only_at_first = frozenset({"GenerateSecret"})
    replaced_by = frozenset({"GenerateSecret", "UserPoolId"})
    properties = frozenset(
        {
            "AccessTokenValidity",
            "AllowedOAuthFlows",
            "AllowedOAuthFlowsUserPoolClient",
            "AllowedOAuthScopes",
            "AuthSessionValidity",
            "CallbackURLs",
            "ClientName",
            "EnableTokenRevocation",
            "ExplicitAuthFlows",
            "GenerateSecret",
            "IdTokenValidity",
            "LogoutURLs",
            "PreventUserExistenceErrors",
            "RefreshTokenRotation",
            "RefreshTokenValidity",
            "SupportedIdentityProviders",
            "TokenValidityUnits",
            "UserPoolId",
        }
    )

    def _given(self, properties: Properties, context: Context) -> Properties:
        if str(properties.get("GenerateSecret", False)).lower() == "true":
            raise ResourceError("The embedded AWS knows clients without a secret only.")
        return {"ClientName": context.generated_name(128), **properties}

    def _physical(self, given: Properties, answer: Properties) -> PhysicalResource:
        client_id = answer["UserPoolClient"]["ClientId"]
        return PhysicalResource(
            client_id, {"ClientId": client_id, "Name": answer["UserPoolClient"]["ClientName"]}
        )


class UserPoolDomain(_PartOfPool):
    type_name = "AWS::Cognito::UserPoolDomain"
    subject, identity = "user_pool_domain", "Domain"
    properties = frozenset({"Domain", "ManagedLoginVersion", "UserPoolId"})
    replaced_by = frozenset({"Domain", "UserPoolId"})


class UserPoolGroup(_PartOfPool):
    type_name = "AWS::Cognito::UserPoolGroup"
    subject, identity = "group", "GroupName"
    properties = frozenset({"Description", "GroupName", "Precedence", "UserPoolId"})
    replaced_by = frozenset({"GroupName", "UserPoolId"})
    name_property = "GroupName"

    def _given(self, properties: Properties, context: Context) -> Properties:
        return {"GroupName": context.generated_name(128), **properties}


class UserPoolResourceServer(_PartOfPool):
    type_name = "AWS::Cognito::UserPoolResourceServer"
    subject, identity = "resource_server", "Identifier"
    properties = frozenset({"Identifier", "Name", "Scopes", "UserPoolId"})
    replaced_by = frozenset({"Identifier", "UserPoolId"})
    name_property = "Identifier"


class ManagedLoginBranding(_PartOfPool):
    type_name = "AWS::Cognito::ManagedLoginBranding"
    subject, identity = "managed_login_branding", "ManagedLoginBrandingId"
    properties = frozenset({"ClientId", "UseCognitoProvidedValues", "UserPoolId"})
    only_at_first = frozenset({"ClientId"})
    replaced_by = frozenset({"ClientId", "UserPoolId"})

    def _key(self, physical: PhysicalResource, properties: Properties) -> dict[str, Any]:
        branding_id = physical.attributes[self.identity]
        return {"UserPoolId": properties["UserPoolId"], self.identity: branding_id}

    def _physical(self, given: Properties, answer: Properties) -> PhysicalResource:
        branding_id = answer["ManagedLoginBranding"][self.identity]
        return PhysicalResource(
            f"{given['UserPoolId']}|{branding_id}", {self.identity: branding_id}
        )


def _chosen(properties: Properties, names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name in names}


def _tagged(given: Properties, context: Context) -> dict[str, Any]:
    """A pool's tags are a map."""
    return {**given, "UserPoolTags": {**context.stack_tags, **given.get("UserPoolTags", {})}}


def _check_factors(properties: Properties) -> None:
    mode, factors = properties.get("MfaConfiguration", "OFF"), properties.get("EnabledMfas", [])
    if mode not in ("OFF", "OPTIONAL", "ON"):
        raise ResourceError(f"MfaConfiguration can be OFF, OPTIONAL or ON, not {mode}.")
    if set(factors) - {_TOTP}:
        raise ResourceError(f"The embedded AWS knows {_TOTP} only, not {', '.join(factors)}.")
    if mode != "OFF" and not factors:
        raise ResourceError("MfaConfiguration needs at least one of EnabledMfas.")


def _call(context: Context, operation: str, parameters: Properties) -> dict[str, Any]:
    return context.clients.call(context.clients.cognito, operation, parameters)
