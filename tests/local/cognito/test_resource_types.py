"""Stacks with user pools: what they make, change and delete, and what cannot be."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.cognito.area import POOL, Area, resources, said, title
from tests.local.stacks import Stacks, template

pytestmark = pytest.mark.slow


def changed(logical_id: str, **properties: Any) -> dict[str, Any]:
    """The stack with other properties of one resource."""
    described = resources()
    described[logical_id]["Properties"].update(properties)
    return template(described)


def apply(area: Area, changes: dict[str, Any]) -> None:
    assert area.stacks.apply("area", changes) == "UPDATE_COMPLETE", area.stacks.history("area")


def test_what_is_made(area: Area) -> None:
    """The pool is as the template says, and Ref and GetAtt give its names."""
    outputs = {
        name: {"Value": {"Fn::GetAtt": ["Pool", name]}}
        for name in ("Arn", "ProviderName", "ProviderURL")
    }
    apply(area, {**template(resources()), "Outputs": outputs})

    pool = area.api.describe_user_pool(UserPoolId=area.pool_id)["UserPool"]
    given = area.stacks.outputs("area")

    assert given["Arn"] == pool["Arn"]
    assert given["ProviderName"] == f"cognito-idp.eu-west-1.amazonaws.com/{area.pool_id}"
    assert given["ProviderURL"].startswith("http://127.0.0.1:")
    assert given["ProviderURL"].endswith(f"/{area.pool_id}")
    for name, value in POOL.items():
        assert pool[name] == {**pool[name], **value} if isinstance(value, dict) else value
    assert (pool["MfaConfiguration"], pool["Domain"]) == ("OFF", "area-1")
    assert area.names["Domain"] == "area-1"
    assert (area.names["Members"], area.names["Scope"]) == ("members", "area")
    domain = area.api.describe_user_pool_domain(Domain="area-1")["DomainDescription"]
    assert (domain["ManagedLoginVersion"], domain["UserPoolId"]) == (2, area.pool_id)


def test_a_pool_is_changed(area: Area) -> None:
    """People stay; what the template leaves out goes back to its default."""
    described = copy.deepcopy(resources())
    pool = described["Pool"]["Properties"]
    pool |= {"MfaConfiguration": "OPTIONAL", "EnabledMfas": ["SOFTWARE_TOKEN_MFA"]}
    pool["UserPoolName"] = "members"
    del pool["VerificationMessageTemplate"]

    apply(area, template(described))

    after = area.api.describe_user_pool(UserPoolId=area.pool_id)["UserPool"]
    factors = area.api.get_user_pool_mfa_config(UserPoolId=area.pool_id)
    assert after["Name"] == "members"
    assert factors["MfaConfiguration"] == "OPTIONAL"
    assert factors["SoftwareTokenMfaConfiguration"] == {"Enabled": True}
    subject = after["VerificationMessageTemplate"]["EmailSubject"]
    assert subject == "Your verification code"
    assert after["UsernameAttributes"] == ["email"]
    assert after["EstimatedNumberOfUsers"] == 1


def test_a_client_is_changed(area: Area) -> None:
    """It keeps its id, and loses what the template leaves out."""
    described = resources()
    client = described["Client"]["Properties"]
    client["CallbackURLs"] = ["https://example.com/"]
    del client["LogoutURLs"]

    apply(area, template(described))

    after = area.api.describe_user_pool_client(UserPoolId=area.pool_id, ClientId=area.client_id)
    assert after["UserPoolClient"]["CallbackURLs"] == ["https://example.com/"]
    assert "LogoutURLs" not in after["UserPoolClient"]


def test_parts_are_changed(area: Area) -> None:
    """Group, scopes, domain and branding, without becoming others."""
    described = resources()
    scopes = [{"ScopeName": name, "ScopeDescription": name} for name in ("use", "see")]
    described["Scope"]["Properties"] |= {"Name": "The area", "Scopes": scopes}
    described["Members"]["Properties"]["Description"] = "All of us"
    described["Domain"]["Properties"]["ManagedLoginVersion"] = 1
    described["Branding"]["Properties"]["UseCognitoProvidedValues"] = False
    before = area.names

    apply(area, template(described))

    pool = {"UserPoolId": area.pool_id}
    server = area.api.describe_resource_server(**pool, Identifier="area")["ResourceServer"]
    group = area.api.get_group(**pool, GroupName="members")["Group"]
    domain = area.api.describe_user_pool_domain(Domain="area-1")["DomainDescription"]
    branding = area.api.describe_managed_login_branding_by_client(**pool, ClientId=area.client_id)
    assert (server["Name"], server["Scopes"]) == ("The area", scopes)
    assert group["Description"] == "All of us"
    assert domain["ManagedLoginVersion"] == 1
    assert branding["ManagedLoginBranding"]["UseCognitoProvidedValues"] is False
    assert area.stacks.resources("area") == before


def test_another_prefix(area: Area) -> None:
    """CloudFormation makes the new domain first, and Cognito lets a pool have one only."""
    status = area.stacks.apply("area", changed("Domain", Domain="area-2"))

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    reason = area.stacks.reason("area", "Domain", "CREATE_FAILED")
    assert reason.startswith("User pool already has a domain configured.")


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"UsernameAttributes": ["phone_number"]}, "property - UsernameAttributes."),
        ({"UsernameConfiguration": {"CaseSensitive": True}}, "property - UsernameConfiguration."),
        ({"MfaConfiguration": "ON"}, "MfaConfiguration needs at least one of EnabledMfas."),
        (
            {"MfaConfiguration": "ON", "EnabledMfas": ["SMS_MFA"]},
            "The embedded AWS knows SOFTWARE_TOKEN_MFA only, not SMS_MFA.",
        ),
        ({"MfaConfiguration": "on"}, "MfaConfiguration can be OFF, OPTIONAL or ON, not on."),
        ({"LambdaConfig": {}}, "does not know LambdaConfig of AWS::Cognito::UserPool."),
    ],
)
def test_changes_that_cannot_be(area: Area, properties: dict[str, Any], reason: str) -> None:
    """Nothing is dropped silently."""
    status = area.stacks.apply("area", template(resources(**properties)))

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert reason in area.stacks.reason("area", "Pool", "UPDATE_FAILED")


@pytest.mark.parametrize(
    ("prefix", "reason"),
    [
        ("taken", "Domain already associated with another user pool."),
        ("my-aws-area", "Domain cannot contain reserved word: aws"),
        ("amazon", "Domain cannot contain reserved word: amazon"),
        ("xcognitox", "Domain cannot contain reserved word: cognito"),
        ("Area", "Domain Area does not have a valid form."),
        ("-area", "Domain -area does not have a valid form."),
    ],
)
def test_prefixes_that_cannot_be(stacks: Stacks, prefix: str, reason: str) -> None:
    """The stack fails, and leaves nothing behind."""
    others = resources("taken")
    stacks.apply("other", template({name: others[name] for name in ("Pool", "Domain")}))

    status = stacks.apply("area", template(resources(prefix)))

    assert status == "ROLLBACK_COMPLETE"
    assert reason in stacks.reason("area", "Domain", "CREATE_FAILED")


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"AllowedOAuthScopes": ["other/use"]}, "Invalid scope requested: other/use"),
        (
            {"ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"]},
            "Refresh token rotation cannot be used with ALLOW_REFRESH_TOKEN_AUTH.",
        ),
        ({"AccessTokenValidity": 4}, "Invalid range for token validity: AccessTokenValidity."),
        ({"RefreshTokenValidity": 0.5}, "RefreshTokenValidity"),
    ],
)
def test_clients_that_cannot_be(area: Area, properties: dict[str, Any], reason: str) -> None:
    """As Cognito refuses them."""
    status = area.stacks.apply("area", changed("Client", **properties))

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert reason in area.stacks.reason("area", "Client", "UPDATE_FAILED")


def test_a_client_with_a_secret(area: Area) -> None:
    """It would be another client, and one that the embedded AWS does not know."""
    status = area.stacks.apply("area", changed("Client", GenerateSecret=True))

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    reason = area.stacks.reason("area", "Client", "CREATE_FAILED")
    assert reason == "The embedded AWS knows clients without a secret only."


def test_deleting(area: Area) -> None:
    """Everything goes, and the prefix is free again."""
    area.stacks.client.delete_stack(StackName="area")

    assert area.api.list_user_pools(MaxResults=10)["UserPools"] == []
    assert area.api.describe_user_pool_domain(Domain="area-1")["DomainDescription"] == {}


def test_a_protected_pool(bare_area: Area) -> None:
    """It stays, and the stack's deletion fails, until the protection is off."""
    bare_area.deploy(DeletionProtection="ACTIVE")
    stacks, name = bare_area.stacks, bare_area.pool_id

    stacks.client.delete_stack(StackName="area")

    assert stacks.status("area") == "DELETE_FAILED"
    assert "deletion protection is activated" in stacks.reason("area", "Pool", "DELETE_FAILED")
    pool = bare_area.api.describe_user_pool(UserPoolId=name)["UserPool"]
    bare_area.api.update_user_pool(UserPoolId=name, DeletionProtection="INACTIVE")
    stacks.client.delete_stack(StackName="area")
    assert pool["DeletionProtection"] == "ACTIVE"
    assert stacks.status("area") == ""


def test_a_pool_with_a_domain(area: Area) -> None:
    """The domain has to go first."""
    with pytest.raises(ClientError, match="It has a domain configured"):
        area.api.delete_user_pool(UserPoolId=area.pool_id)


def test_pages_without_branding(area: Area) -> None:
    """Managed login shows an error to clients that have none, as on AWS."""
    branding = area.api.describe_managed_login_branding_by_client(
        UserPoolId=area.pool_id, ClientId=area.client_id
    )["ManagedLoginBranding"]["ManagedLoginBrandingId"]
    area.api.delete_managed_login_branding(UserPoolId=area.pool_id, ManagedLoginBrandingId=branding)

    assert said(area.authorize(area.browser())) == (
        "Login pages unavailable. Please contact an administrator."
    )
    area.api.update_user_pool_domain(
        UserPoolId=area.pool_id, Domain="area-1", ManagedLoginVersion=1
    )
    assert title(area.authorize(area.browser())) == "Sign in"


def test_pages_without_a_domain(area: Area) -> None:
    """There are none."""
    area.api.delete_user_pool_domain(UserPoolId=area.pool_id, Domain="area-1")

    assert area.authorize(area.browser()).status == 404
