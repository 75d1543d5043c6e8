"""Every error of AWS that an operator can meet is one sentence with the next step."""

from __future__ import annotations

import pytest
from botocore import exceptions as botocore_errors
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from deploy.aws.explain import denied_action, explain, is_transient

ENDPOINT = "https://cloudformation.eu-west-1.amazonaws.com/"
LOG_IN = "log in again (`aws sso login` or `aws login`) or renew the keys, then repeat the command."
ALLOW = "ask your administrator to allow it, or use another --profile."
CHECK_KEYS = (
    "check the keys of the profile, this machine's clock, and that the region is enabled for the "
    "account."
)


def answered(
    code: str, message: str = "", operation: str = "CreateChangeSet", status: int = 400
) -> ClientError:
    """An error as AWS answers with it."""
    response = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, operation)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            answered("ServiceUnavailable", "try later", "GetSendQuota", status=503),
            "AWS could not answer GetSendQuota (ServiceUnavailable: try later); "
            "repeat the command in a few minutes, and see https://health.aws.amazon.com/.",
        ),
        (
            botocore_errors.NoCredentialsError(),
            "No AWS credentials were found; run `aws configure`, `aws sso login` or `aws login`, "
            "or add --profile.",
        ),
        (
            botocore_errors.PartialCredentialsError(
                provider="env", cred_var="aws_secret_access_key"
            ),
            "The AWS credentials are incomplete: aws_secret_access_key is missing from env; "
            "complete them with `aws configure`.",
        ),
        (
            botocore_errors.TokenRetrievalError(provider="sso", error_msg="Token has expired"),
            f"The AWS session could not be renewed; {LOG_IN}",
        ),
        (
            botocore_errors.UnauthorizedSSOTokenError(),
            f"The AWS session could not be renewed; {LOG_IN}",
        ),
        (
            botocore_errors.SSOTokenLoadError(error_msg="no token for sign-in"),
            f"The AWS session could not be renewed; {LOG_IN}",
        ),
        (
            botocore_errors.LoginRefreshRequired(),
            f"The AWS session could not be renewed; {LOG_IN}",
        ),
        (
            botocore_errors.CredentialRetrievalError(provider="process", error_msg="exit code 1"),
            f"The AWS session could not be renewed; {LOG_IN}",
        ),
        (
            botocore_errors.RefreshWithMFAUnsupportedError(),
            "The session that an MFA code opened has ended; repeat the command, which asks for "
            "another.",
        ),
        (
            botocore_errors.MissingDependencyException(msg="pip install botocore[crt]"),
            "What this profile asks for needs the package awscrt, which is not installed beside "
            "s3link; run `pipx inject s3link 'botocore[crt]'`, or use another --profile.",
        ),
        (
            botocore_errors.HTTPClientError(
                error=ValueError("Invalid header value b'AWS4-HMAC-SHA256 Credential=AKIAX\\n'")
            ),
            "A key or token of the AWS credentials has a line end or another character that "
            "cannot be sent; set it again without, for example with `aws configure`.",
        ),
        (
            botocore_errors.ProxyConnectionError(proxy_url="http://user:1/se#c@proxy.example.com"),
            "AWS could not be reached at the proxy http://proxy.example.com; check the network, "
            "the proxy, --region and --endpoint-url.",
        ),
        (answered("ExpiredToken"), f"The AWS session has expired; {LOG_IN}"),
        (answered("ExpiredTokenException"), f"The AWS session has expired; {LOG_IN}"),
        (
            answered("InvalidClientTokenId"),
            f"AWS does not accept these credentials (InvalidClientTokenId); {CHECK_KEYS}",
        ),
        (
            answered("SignatureDoesNotMatch"),
            f"AWS does not accept these credentials (SignatureDoesNotMatch); {CHECK_KEYS}",
        ),
        (
            answered("UnrecognizedClientException"),
            f"AWS does not accept these credentials (UnrecognizedClientException); {CHECK_KEYS}",
        ),
        (
            answered(
                "AccessDenied",
                "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: "
                "cloudformation:CreateChangeSet on resource: "
                "arn:aws:cloudformation:eu-west-1:123456789012:stack/s3link-sender/* because no "
                "identity-based policy allows the cloudformation:CreateChangeSet action",
            ),
            "AWS denied cloudformation:CreateChangeSet on "
            "arn:aws:cloudformation:eu-west-1:123456789012:stack/s3link-sender/* for "
            f"arn:aws:iam::123456789012:user/ann; {ALLOW}",
        ),
        (
            answered(
                "AccessDeniedException",
                "User: arn:aws:sts::123456789012:assumed-role/ops/ann is not authorized to "
                "perform: logs:FilterLogEvents with an explicit deny in a service control policy",
            ),
            "AWS denied logs:FilterLogEvents for arn:aws:sts::123456789012:assumed-role/ops/ann; "
            + ALLOW,
        ),
        (
            answered("AccessDenied", "Access Denied", "PutObject"),
            f"AWS denied PutObject; {ALLOW}",
        ),
        (
            answered(
                "AccessDenied",
                "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: "
                's3:PutObject on resource: "arn:aws:s3:::files/my report.pdf" because no '
                "identity-based policy allows the s3:PutObject action",
                "PutObject",
            ),
            "AWS denied s3:PutObject on arn:aws:s3:::files/my report.pdf for "
            f"arn:aws:iam::123456789012:user/ann; {ALLOW}",
        ),
        (
            answered(
                "AccessDenied",
                "User `arn:aws:iam::123456789012:user/ann' is not authorized to perform "
                "`ses:GetSendQuota' on resource `arn:aws:ses:eu-west-1:123456789012:*'",
                "GetSendQuota",
            ),
            "AWS denied ses:GetSendQuota on arn:aws:ses:eu-west-1:123456789012:* for "
            f"arn:aws:iam::123456789012:user/ann; {ALLOW}",
        ),
        (
            answered("403", "Forbidden", "HeadBucket"),
            f"AWS denied HeadBucket (s3:ListBucket); {ALLOW}",
        ),
        (
            answered("403", "Forbidden", "HeadObject"),
            "AWS denied HeadObject (s3:GetObject, s3:ListBucket; of a version "
            f"s3:GetObjectVersion, s3:ListBucketVersions); {ALLOW}",
        ),
        (
            answered("Throttling", "Rate exceeded", "DescribeStacks"),
            "AWS asks to slow down (DescribeStacks); wait a minute and repeat the command.",
        ),
        (
            answered("LimitExceededException", "Limit for stack has been exceeded."),
            "A quota of the account is used up (CreateChangeSet: Limit for stack has been "
            "exceeded); free some of it, or ask for more in the Service Quotas console.",
        ),
        (
            answered("ValidationError", "Stack with id s3link-sender does not exist"),
            "There is no stack s3link-sender in this account and region; check --name and "
            "--region, or deploy it first.",
        ),
        (
            answered("ValidationError", "Stack [s3link-sender] does not exist"),
            "There is no stack s3link-sender in this account and region; check --name and "
            "--region, or deploy it first.",
        ),
        (
            botocore_errors.EndpointConnectionError(endpoint_url=ENDPOINT),
            f"AWS could not be reached at {ENDPOINT}; check the network, the proxy, --region and "
            "--endpoint-url.",
        ),
        (
            botocore_errors.ConnectTimeoutError(endpoint_url=ENDPOINT),
            f"AWS could not be reached at {ENDPOINT}; check the network, the proxy, --region and "
            "--endpoint-url.",
        ),
        (
            botocore_errors.ProxyConnectionError(proxy_url="http://proxy.example.com:3128"),
            "AWS could not be reached at the proxy http://proxy.example.com:3128; check the "
            "network, the proxy, --region and --endpoint-url.",
        ),
        (
            botocore_errors.SSLError(endpoint_url=ENDPOINT, error="self-signed certificate"),
            f"The certificate of {ENDPOINT} is not trusted here; if a proxy opens TLS "
            "connections, name its certificates in AWS_CA_BUNDLE.",
        ),
        (
            botocore_errors.SSLError(
                endpoint_url="https://127.0.0.1:5055/",
                error="[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:992)",
            ),
            "https://127.0.0.1:5055/ does not speak TLS; use http:// in its place, if it is yours.",
        ),
        (
            botocore_errors.InvalidRegionError(region_name="eu west"),
            '"eu west" is not an AWS region; correct --region, for example eu-west-1.',
        ),
        (
            botocore_errors.ConfigParseError(path="/home/ann/.aws/config"),
            "The AWS configuration file /home/ann/.aws/config is not in the form that AWS's tools "
            "read; correct it, or name another in AWS_CONFIG_FILE.",
        ),
        (
            ResponseParserError("Unable to parse response (syntax error): <html>"),
            "The endpoint did not answer as AWS does; check --endpoint-url and the proxy.",
        ),
    ],
    ids=lambda value: getattr(value, "operation_name", None) and value.response["Error"]["Code"],
)
def test_an_error_becomes_one_sentence(error: Exception, sentence: str) -> None:
    """It says what failed and on what, and what to do next."""
    assert str(explain(error)) == sentence


@pytest.mark.parametrize(
    "error",
    [
        answered("ValidationError", "Template format error: unsupported structure"),
        answered("SomethingNew", "never heard of"),
        botocore_errors.ParamValidationError(report="Missing required parameter"),
        ValueError("not of AWS"),
    ],
)
def test_what_is_not_understood_passes_on(error: Exception) -> None:
    """A wrong explanation would be worse than none."""
    assert explain(error) is None


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (
            answered(
                "AccessDenied", "User: ann is not authorized to perform: iam:GetRole on resource: r"
            ),
            "iam:GetRole",
        ),
        (answered("403", "Forbidden", "HeadBucket", 403), "s3:ListBucket"),
        (answered("AccessDenied", "Access Denied", "GetBucketPolicy"), "GetBucketPolicy"),
        (answered("Throttling"), None),
        (botocore_errors.NoCredentialsError(), None),
    ],
)
def test_a_denial_names_its_action(error: Exception, action: str | None) -> None:
    """As IAM calls it; where AWS does not say it, the operation."""
    assert denied_action(error) == action


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (answered("Throttling"), True),
        (answered("RequestLimitExceeded"), True),
        (answered("InternalFailure", status=500), True),
        (answered("ServiceUnavailable", status=503), True),
        (botocore_errors.EndpointConnectionError(endpoint_url=ENDPOINT), True),
        (botocore_errors.ConnectionClosedError(endpoint_url=ENDPOINT), True),
        (botocore_errors.ReadTimeoutError(endpoint_url=ENDPOINT), True),
        (botocore_errors.SSLError(endpoint_url=ENDPOINT, error="expired"), False),
        (answered("ExpiredToken"), False),
        (answered("AccessDenied"), False),
        (answered("ValidationError"), False),
    ],
)
def test_only_a_throttle_or_a_blip_is_worth_asking_again(error: Exception, passes: bool) -> None:
    """A poll goes on after these; every other error would come again."""
    assert is_transient(error) == passes
