"""Builds every AWS client of the tool; nothing else imports boto3."""

from __future__ import annotations

from functools import cache, cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from deploy import __version__
from deploy.aws.side_by_side import PARTS_AT_ONCE, WHOLE_FILES_AT_ONCE

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_cognito_idp import CognitoIdentityProviderClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_s3 import S3Client
    from types_boto3_ses import SESClient
    from types_boto3_sns import SNSClient
    from types_boto3_sqs import SQSClient
    from types_boto3_sts import STSClient

    from deploy.aws.machine.named import Named

# One call is tried this often when AWS throttles it or the network fails: some seconds, so
# that an operator without a network is told soon. `deploy.aws.polling` has more patience.
_ATTEMPTS = 4
_CONNECT_TIMEOUT_SECONDS = 10
# How long one try waits for an answer. S3 gets longer: on a slow line much of an upload is still
# under way when the wait for its answer begins.
_READ_TIMEOUT_SECONDS = 20
_S3_READ_TIMEOUT_SECONDS = 60
# Lambda lets a function run for up to 15 minutes, and only then answers whoever waits for it.
_RUN_READ_TIMEOUT_SECONDS = 15 * 60 + 20

_making = Lock()

if TYPE_CHECKING:
    made_once = cached_property
else:

    class made_once(cached_property):  # noqa: N801 - as the one that it is
        """Several threads may use a client at once, but not make clients."""

        def __get__(self, clients, owner=None):
            with _making:
                return super().__get__(clients, owner)


class Clients:
    """One client per service, made when first used, all for one account, region and endpoint.

    `session` is a boto3 Session with a region; `endpoint_url` replaces every service's endpoint.
    """

    def __init__(self, session: boto3.Session, endpoint_url: str | None = None) -> None:
        self._session = session
        self.endpoint_url = endpoint_url

    @property
    def region(self) -> str:
        return self._session.region_name

    @property
    def partition(self) -> str:
        """The first part of this region's ARNs: `aws`, but for China and GovCloud."""
        return self._session.get_partition_for_region(self.region)

    @made_once
    def s3_host(self) -> str:
        """S3's own host in this region, whatever endpoint the other calls go to."""
        from botocore.config import Config

        options: dict[str, Any] = {
            "ignore_configured_endpoint_urls": True,
            "s3": {"us_east_1_regional_endpoint": "regional"},
        }
        config = Config(**options)
        address = self._session.client("s3", config=config).meta.endpoint_url
        return urlsplit(address).netloc

    def offers(self, service: str) -> bool:
        """Whether boto3 knows the service in this region; nothing is asked over the network."""
        return self.region in self._session.get_available_regions(
            service, partition_name=self.partition
        )

    @cached_property
    def account(self) -> str:
        """The twelve digits of the account that the credentials belong to."""
        return self.sts.get_caller_identity()["Account"]

    @made_once
    def acm(self) -> Any:
        return self._session.client("acm", **self._options)

    @made_once
    def apigatewayv2(self) -> Any:
        return self._session.client("apigatewayv2", **self._options)

    @made_once
    def cloudformation(self) -> CloudFormationClient:
        return self._session.client("cloudformation", **self._options)

    @made_once
    def cloudwatch(self) -> CloudWatchClient:
        return self._session.client("cloudwatch", **self._options)

    @made_once
    def cognito(self) -> CognitoIdentityProviderClient:
        return self._session.client("cognito-idp", **self._options)

    @made_once
    def dynamodb(self) -> DynamoDBClient:
        return self._session.client("dynamodb", **self._options)

    @made_once
    def iam(self) -> Any:
        return self._session.client("iam", **self._options)

    @made_once
    def awslambda(self) -> LambdaClient:
        return self._session.client("lambda", **self._options)

    @made_once
    def waiting_lambda(self) -> LambdaClient:
        """For calls that wait until a function has ended. Whoever calls decides on another try."""
        from botocore.config import Config

        waiting = self._config.merge(
            Config(
                read_timeout=_RUN_READ_TIMEOUT_SECONDS,
                retries={"mode": "standard", "total_max_attempts": 1},
                tcp_keepalive=True,  # routers forget a connection on which nothing is said
            )
        )
        return self._session.client("lambda", config=waiting, endpoint_url=self.endpoint_url)

    @made_once
    def logs(self) -> CloudWatchLogsClient:
        return self._session.client("logs", **self._options)

    @made_once
    def route53(self) -> Any:
        return self._session.client("route53", **self._options)

    @made_once
    def s3(self) -> S3Client:
        from botocore.config import Config

        patient = Config(
            read_timeout=_S3_READ_TIMEOUT_SECONDS,
            # One for each call of an upload: what is more would be opened anew each time.
            max_pool_connections=WHOLE_FILES_AT_ONCE + PARTS_AT_ONCE,
        )
        config = self._config.merge(patient)
        return self._session.client("s3", config=config, endpoint_url=self.endpoint_url)

    @made_once
    def scheduler(self) -> Any:
        return self._session.client("scheduler", **self._options)

    @made_once
    def ses(self) -> SESClient:
        return self._session.client("ses", **self._options)

    @made_once
    def sesv2(self) -> Any:
        """For what the first version of SES's API does not tell."""
        return self._session.client("sesv2", **self._options)

    @made_once
    def sns(self) -> SNSClient:
        return self._session.client("sns", **self._options)

    @made_once
    def sqs(self) -> SQSClient:
        return self._session.client("sqs", **self._options)

    @made_once
    def sts(self) -> STSClient:
        return self._session.client("sts", **self._options)

    @cached_property
    def _config(self) -> Config:
        from botocore.config import Config

        return Config(
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            connect_timeout=_CONNECT_TIMEOUT_SECONDS,
            read_timeout=_READ_TIMEOUT_SECONDS,
            user_agent_extra=f"s3link/{__version__}",
        )

    @property
    def _options(self) -> dict[str, Any]:
        return {"config": self._config, "endpoint_url": self.endpoint_url}


def connect(
    profile: Named | None,
    region: Named | None,
    endpoint: Named | None,
    insecure_endpoint: bool = False,
) -> Clients:
    """Clients for a profile and region as the AWS tools find them, with credentials that are found.

    Whatever on this machine keeps a call from being made is said here, once: raises
    ConfigurationError or AccessError. `insecure_endpoint` lets plain http to others pass.
    """
    import boto3

    from deploy.aws.machine.credentials import require_credentials
    from deploy.aws.machine.endpoints import (
        check_configured_endpoints,
        check_endpoint,
        guard_requests,
    )
    from deploy.aws.machine.network import check_certificates, check_proxy
    from deploy.aws.machine.session import open_session

    if endpoint:
        check_endpoint(endpoint, insecure_endpoint)
    session = open_session(profile, region)
    check_configured_endpoints(session)
    guard_requests(session, insecure_endpoint)
    endpoint_url = endpoint.value if endpoint else None
    called = endpoint_url or f"https://sts.{session.get_config_variable('region')}.amazonaws.com"
    check_proxy(called)
    if called.startswith("https:"):
        check_certificates(session)
    require_credentials(session)
    return Clients(boto3.Session(botocore_session=session), endpoint_url)


@cache
def known_regions() -> frozenset[str]:
    """Every region that boto3 knows, in all partitions; no profile and no network is needed."""
    from botocore.loaders import Loader

    partitions = Loader().load_data("endpoints")["partitions"]
    return frozenset(region for partition in partitions for region in partition["regions"])


def connect_with_keys(
    access_key: str, secret_key: str, region: str, endpoint_url: str | None
) -> Clients:
    """Clients for given keys, whatever the environment and the AWS configuration files say."""
    import boto3

    session = boto3.Session(
        aws_access_key_id=access_key, aws_secret_access_key=secret_key, region_name=region
    )
    return Clients(session, endpoint_url)
