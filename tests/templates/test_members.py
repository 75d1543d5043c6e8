"""What the members stack makes, beyond the rules that hold for every template."""

from __future__ import annotations

import json
import re

import pytest
from members import caller, sessions
from members.settings import Settings
from survey import answers

from tests.templates.reading import MEMBERS, mentions
from tests.templates.test_portal import LAMBDA_SRC, LOGGED, Asked

POOL = MEMBERS.properties("MembersPool")
CLIENT = MEMBERS.properties("MembersClient")
FUNCTION = MEMBERS.properties("Members")
SCOPE = caller.SCOPE
# With rotation Cognito refuses this one.
ONLY_WITHOUT_ROTATION = {
    "Fn::If": ["HasManagedLogin", {"Ref": "AWS::NoValue"}, "ALLOW_REFRESH_TOKEN_AUTH"]
}
_API_GATEWAY_WAITS = 30  # seconds

PAGE = "GET /"
PROTECTED = {
    "GET /artifacts",
    "GET /artifacts/{version}",
    "GET /survey",
    "POST /survey",
    "GET /survey/answers",
    "POST /sign-out",
}


def test_people_are_invited_and_nobody_signs_up() -> None:
    """Their mail address is their name, in whatever letters; a message reaches no other way."""
    assert POOL["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert POOL["UsernameAttributes"] == ["email"]
    assert POOL["UsernameConfiguration"] == {"CaseSensitive": False}
    assert POOL["AutoVerifiedAttributes"] == ["email"]
    assert POOL["UserAttributeUpdateSettings"] == {
        "AttributesRequireVerificationBeforeUpdate": ["email"]
    }
    assert POOL["AccountRecoverySetting"] == {
        "RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]
    }


def test_passwords_are_long_and_that_is_all() -> None:
    """No kind of character is wanted, said for each, because Cognito's own defaults want all."""
    policy = dict(POOL["Policies"]["PasswordPolicy"])

    assert (policy.pop("MinimumLength"), policy.pop("TemporaryPasswordValidityDays")) == (12, 7)
    assert policy == dict.fromkeys(
        ("RequireLowercase", "RequireNumbers", "RequireSymbols", "RequireUppercase"), False
    )


def test_nothing_is_paid_for_but_the_plan() -> None:
    """Threat protection, and messages by telephone, cost money that no parameter speaks of."""
    assert POOL["UserPoolTier"] == {"Ref": "MembersPlan"}
    assert {"UserPoolAddOns", "SmsConfiguration", "LambdaConfig"}.isdisjoint(POOL)


def test_codes_of_an_app_are_off_optional_or_on() -> None:
    """Cognito refuses a kind of code where codes are off, and wants one where they are not."""
    assert POOL["MfaConfiguration"] == {
        "Fn::If": ["HasMembersMfaForAll", "ON", {"Fn::If": ["HasMembersMfa", "OPTIONAL", "OFF"]}]
    }
    assert POOL["EnabledMfas"] == {
        "Fn::If": ["HasMembersMfa", ["SOFTWARE_TOKEN_MFA"], {"Ref": "AWS::NoValue"}]
    }
    conditions = MEMBERS.document["Conditions"]
    off, on = conditions["HasMembersMfa"], conditions["HasMembersMfaForAll"]
    assert off == {"Fn::Not": [{"Fn::Equals": [{"Ref": "MembersMfa"}, "off"]}]}
    assert on == {"Fn::Equals": [{"Ref": "MembersMfa"}, "on"]}
    assert MEMBERS.parameters["MembersMfa"]["AllowedValues"] == ["off", "optional", "on"]


def test_mails_leave_from_the_sender_and_their_fates_are_heard_of() -> None:
    """SES sends them, through the sender stack's configuration set."""
    mail = POOL["EmailConfiguration"]
    arn = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${Sender}"

    assert mail == {
        "EmailSendingAccount": "DEVELOPER",
        "From": {"Ref": "EmailSender"},
        "SourceArn": {"Fn::Sub": [arn, {"Sender": {"Ref": "EmailSender"}}]},
        "ConfigurationSet": {"Fn::ImportValue": {"Fn::Sub": "${SenderStackName}-ConfigSetName"}},
    }


def test_only_the_code_flow_of_the_sign_in_page_opens_the_api() -> None:
    """A public client; the one flow beside it gives tokens without the scope that routes want."""
    scope = MEMBERS.properties("MembersScope")

    assert CLIENT["GenerateSecret"] is False
    assert CLIENT["AllowedOAuthFlowsUserPoolClient"] is True
    assert CLIENT["AllowedOAuthFlows"] == ["code"]
    assert CLIENT["AllowedOAuthScopes"] == ["openid", SCOPE]
    assert CLIENT["ExplicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH", ONLY_WITHOUT_ROTATION]
    assert CLIENT["SupportedIdentityProviders"] == ["COGNITO"]
    assert CLIENT["PreventUserExistenceErrors"] == "ENABLED"
    assert [f"{scope['Identifier']}/{one['ScopeName']}" for one in scope["Scopes"]] == [SCOPE]
    assert MEMBERS.resources["MembersClient"]["DependsOn"] == "MembersScope"


def test_the_sign_in_page_leads_back_to_the_area_alone() -> None:
    """The callback is the page itself, with the slash that a browser writes."""
    page = [{"Fn::Sub": "${MembersApi.ApiEndpoint}/"}]

    assert (CLIENT["CallbackURLs"], CLIENT["LogoutURLs"]) == (page, page)


def test_tokens_are_short_and_refreshed_once() -> None:
    """Five minutes, Cognito's least; the session lasts as long as the operator says."""
    assert CLIENT["TokenValidityUnits"] == {
        "AccessToken": "minutes",
        "IdToken": "minutes",
        "RefreshToken": "hours",
    }
    assert (CLIENT["AccessTokenValidity"], CLIENT["IdTokenValidity"]) == (5, 5)
    assert CLIENT["RefreshTokenValidity"] == {"Ref": "MembersSessionHours"}
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10}
    # AWS announced it for the plans Essentials and Plus (April 2025).
    assert CLIENT["RefreshTokenRotation"] == {
        "Fn::If": ["HasManagedLogin", rotation, {"Ref": "AWS::NoValue"}]
    }
    assert CLIENT["EnableTokenRevocation"] is True


def test_each_plan_has_the_pages_that_it_can_have() -> None:
    """Version 2 is broken without branding; LITE knows neither."""
    branding = MEMBERS.resources["MembersBranding"]
    version = MEMBERS.properties("MembersDomain")["ManagedLoginVersion"]

    assert version == {"Fn::If": ["HasManagedLogin", 2, 1]}
    assert branding["Condition"] == "HasManagedLogin"
    assert branding["Properties"]["UseCognitoProvidedValues"] is True
    assert branding["Properties"]["ClientId"] == {"Ref": "MembersClient"}


def test_a_prefix_is_given_or_cannot_collide() -> None:
    """The stack's own id, of hexadecimal figures: no word that Cognito refuses is in it."""
    condition, given, made = MEMBERS.properties("MembersDomain")["Domain"]["Fn::If"]

    assert (condition, given) == ("HasMembersDomainPrefix", {"Ref": "MembersDomainPrefix"})
    text, variables = made["Fn::Sub"]
    assert text == "s3link-${StackUuid}"
    assert mentions(variables) == {"AWS::StackId"}


def test_the_two_groups_have_the_names_that_the_function_reads() -> None:
    """A token says in which of them a member is."""
    groups = MEMBERS.of_type("AWS::Cognito::UserPoolGroup").values()

    assert {group["Properties"]["GroupName"] for group in groups} == {caller.ADMINS, caller.MEMBERS}


def test_every_route_but_the_page_wants_a_token_with_the_scope() -> None:
    """API Gateway lets everybody in where AuthorizationType is left out."""
    routes = {
        one["Properties"]["RouteKey"]: one["Properties"]
        for one in MEMBERS.of_type("AWS::ApiGatewayV2::Route").values()
    }

    assert set(routes) == {PAGE} | PROTECTED
    assert routes[PAGE]["AuthorizationType"] == "NONE"
    for key in PROTECTED:
        assert routes[key]["AuthorizationType"] == "JWT"
        assert routes[key]["AuthorizerId"] == {"Ref": "MembersAuthorizer"}
        assert routes[key]["AuthorizationScopes"] == [SCOPE]
    targets = {one["Target"]["Fn::Sub"] for one in routes.values()}
    assert targets == {"integrations/${MembersIntegration}"}


def test_the_gate_lets_in_tokens_of_this_pool_for_this_client() -> None:
    """From the header; a query would stand in logs."""
    assert MEMBERS.properties("MembersAuthorizer") == {
        "ApiId": {"Ref": "MembersApi"},
        "Name": {"Fn::Sub": "${AWS::StackName}-token"},
        "AuthorizerType": "JWT",
        "IdentitySource": ["$request.header.Authorization"],
        "JwtConfiguration": {
            "Audience": [{"Ref": "MembersClient"}],
            "Issuer": {"Fn::GetAtt": "MembersPool.ProviderURL"},
        },
    }


def test_the_access_log_tells_nothing_that_opens_anything() -> None:
    """Beside what the portal's log tells there is who called, by the pool's id, and the gate."""
    logged = MEMBERS.properties("MembersStage")["AccessLogSettings"]

    line = re.sub(r"\$context\.([\w.]+)", r"\1", logged["Format"])

    assert set(json.loads(line).values()) == {
        *LOGGED,
        "authorizer.claims.sub",
        "authorizer.error",
    }
    assert logged["DestinationArn"] == {"Fn::GetAtt": "MembersApiLogGroup.Arn"}


def test_all_callers_together_are_throttled() -> None:
    """More than members need, and less than an account's functions; no other page may call it."""
    limits = MEMBERS.properties("MembersStage")["DefaultRouteSettings"]

    assert 0 < limits["ThrottlingRateLimit"] <= limits["ThrottlingBurstLimit"] <= 1000
    assert "CorsConfiguration" not in MEMBERS.properties("MembersApi")


def test_versions_are_private_and_kept_as_long_as_the_operator_says() -> None:
    """What was replaced or withdrawn goes in any case; a rule that is off has a number, too."""
    bucket = MEMBERS.properties("ArtifactsBucket")
    versions, rest = bucket["LifecycleConfiguration"]["Rules"]

    assert "BucketName" not in bucket
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert versions["Status"] == {"Fn::If": ["HasArtifactsTTL", "Enabled", "Disabled"]}
    assert versions["ExpirationInDays"]["Fn::If"][:2] == [
        "HasArtifactsTTL",
        {"Ref": "ArtifactsTTL"},
    ]
    assert rest["Status"] == "Enabled"
    assert rest["NoncurrentVersionExpiration"]["NoncurrentDays"]["Fn::If"][1:] == [
        {"Ref": "ArtifactsTTL"},
        30,
    ]
    assert rest["ExpiredObjectDeleteMarker"] is True


@pytest.mark.parametrize(
    ("name", "key"),
    [("SurveyTable", [answers.VERSION, answers.MEMBER_ID]), ("SignedOutTable", [sessions.ID])],
)
def test_tables_are_what_the_function_reads(name: str, key: list[str]) -> None:
    """They are paid by the request, and have one row for a member's answer and for a session."""
    table = MEMBERS.properties(name)

    assert [one["AttributeName"] for one in table["KeySchema"]] == key
    assert [one["KeyType"] for one in table["KeySchema"]] == ["HASH", "RANGE"][: len(key)]
    assert {one["AttributeType"] for one in table["AttributeDefinitions"]} == {"S"}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_answers_can_be_brought_back_and_sign_outs_end_by_themselves() -> None:
    """An answer stays until it is deleted."""
    answers, signed_out = MEMBERS.properties("SurveyTable"), MEMBERS.properties("SignedOutTable")

    assert answers["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert "TimeToLiveSpecification" not in answers
    assert signed_out["TimeToLiveSpecification"] == {
        "AttributeName": sessions.REMOVED_AT,
        "Enabled": True,
    }


def test_what_goes_with_the_stack() -> None:
    """All of it, once Cognito's protection is off; a replaced pool or table of answers is kept."""
    held = {
        name: (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
        for name, resource in MEMBERS.resources.items()
        if "DeletionPolicy" in resource
    }

    assert POOL["DeletionProtection"] == "ACTIVE"
    assert held.pop("MembersPool") == ("Delete", "Retain")
    assert held.pop("SurveyTable") == ("Delete", "Retain")
    assert set(held.values()) == {("Delete", "Delete")}


def test_handler_is_there() -> None:
    """The handler that the template names is a function of lambda_src."""
    module, _, function = FUNCTION["Handler"].rpartition(".")

    source = (LAMBDA_SRC / f"{module.replace('.', '/')}.py").read_text("utf-8")

    assert re.search(rf"^def {function}\(", source, flags=re.MULTILINE)


def test_the_function_answers_while_its_caller_waits() -> None:
    """API Gateway gives up after 30 seconds."""
    assert 0 < FUNCTION["Timeout"] < _API_GATEWAY_WAITS


def test_the_function_is_traced_and_logs_json() -> None:
    """Its log is kept as long as the others."""
    assert FUNCTION["TracingConfig"] == {"Mode": "Active"}
    assert FUNCTION["LoggingConfig"] == {
        "LogFormat": "JSON",
        "LogGroup": {"Ref": "MembersLogGroup"},
    }
    assert MEMBERS.properties("MembersLogGroup")["RetentionInDays"] == {"Ref": "LogsTTL"}


def test_environment_is_what_the_function_reads() -> None:
    """Nothing is missing and nothing is left over."""
    asked = Asked()

    Settings.from_environment(asked)

    assert set(FUNCTION["Environment"]["Variables"]) == asked.names


def test_the_stack_needs_the_sender_only() -> None:
    """Neither portal nor generator: nothing is imported from elsewhere."""
    assert [name for name in MEMBERS.parameters if name.endswith("StackName")] == [
        "SenderStackName"
    ]


def test_outputs() -> None:
    """What the tool and people at the console need."""
    assert {name: output["Value"] for name, output in MEMBERS.outputs.items()} == {
        "MembersUrl": {"Fn::GetAtt": "MembersApi.ApiEndpoint"},
        "MembersPoolId": {"Ref": "MembersPool"},
        "MembersClientId": {"Ref": "MembersClient"},
        "ArtifactsBucketName": {"Ref": "ArtifactsBucket"},
        "SurveyTableName": {"Ref": "SurveyTable"},
        "SignedOutTableName": {"Ref": "SignedOutTable"},
        "MembersApiLogGroupName": {"Ref": "MembersApiLogGroup"},
        "MembersLogGroupName": {"Ref": "MembersLogGroup"},
    }
