"""Makes the AWS clients of a function, all from one session: how long each waits, how often it
tries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_cognito_idp import CognitoIdentityProviderClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_s3 import S3Client
    from types_boto3_ses import SESClient
    from types_boto3_sns import SNSClient

# For clients that tell the addresses of files. Without v4 botocore may sign in a way that new
# regions refuse; regional virtual-hosted addresses are never redirected, which a signed link would
# not survive.
ADDRESSES = Config(
    signature_version="s3v4",
    s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
)
# SES may have taken a mail whose answer never came, and botocore would send it again.
_ONE_ATTEMPT = Config(retries={"mode": "standard", "total_max_attempts": 1})


def patience(*, attempts: int, connect: int, read: int) -> Config:
    """How often a call is tried, and for how many seconds one try waits, at most."""
    return Config(
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=connect,  # seconds
        read_timeout=read,  # seconds
    )


class Clients:
    """The clients of one function; `config` holds for each of them but for what it says itself."""

    def __init__(self, config: Config) -> None:
        self.session = boto3.Session()
        self._config = config

    def s3(self, owner: str, config: Config | None = None) -> S3Client:
        """Every call says that the bucket must be the account `owner`'s; S3 refuses it otherwise.

        Whoever deletes a bucket frees its name for everybody.
        """
        store = self.session.client("s3", config=self._merged(config).merge(ADDRESSES))

        def add(params: dict[str, Any], **_: Any) -> None:
            params["ExpectedBucketOwner"] = owner

        store.meta.events.register("provide-client-params.s3", add)
        return store

    def dynamodb(self, config: Config | None = None) -> DynamoDBClient:
        return self.session.client("dynamodb", config=self._merged(config))

    def ses(self) -> SESClient:
        return self.session.client("ses", config=self._merged(_ONE_ATTEMPT))

    def sns(self) -> SNSClient:
        return self.session.client("sns", config=self._config)

    def functions(self) -> LambdaClient:
        return self.session.client("lambda", config=self._config)

    def user_pools(self) -> CognitoIdentityProviderClient:
        return self.session.client("cognito-idp", config=self._config)

    def schedules(self) -> Any:
        return self.session.client("scheduler", config=self._config)

    def _merged(self, config: Config | None) -> Config:
        return self._config.merge(config) if config else self._config
