"""Signs links for a given moment, with botocore's signer for AWS Signature Version 4.

botocore signs for the moment at which it is called; here the moment is an argument, so that all
recipients of a file get a link that stops exactly when their mail says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.auth import SIGV4_TIMESTAMP, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from function.errors import SettingsError

if TYPE_CHECKING:
    from boto3 import Session
    from types_boto3_s3 import S3Client


# In small letters S3 takes it from the query, too, so that no browser has to send a header, which
# botocore would make of it (aws/aws-sdk-go-v2 issue 2508).
_OWNER_PARAMETER = "x-amz-expected-bucket-owner"


@dataclass(frozen=True)
class Signer:
    """Signs requests to S3 in one region.

    A bucket that does not belong to the account `owner` (None: whoever's) refuses them.
    """

    credentials: ReadOnlyCredentials = field(repr=False)
    region: str
    owner: str | None

    def signed_url(
        self,
        address: str,
        parameters: Mapping[str, str],
        moment: datetime,
        seconds: int,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """`address` (without a query) as a link that works from `moment` for `seconds`.

        Whoever opens it must send these `headers`, exactly so.
        """
        owner = {_OWNER_PARAMETER: self.owner} if self.owner else {}
        request = AWSRequest(method, address, headers=headers, params={**parameters, **owner})
        _SignatureAt(moment, self.credentials, self.region, seconds).add_auth(request)
        return str(request.url)


def signer_of(
    session: Session, store: S3Client, owner: str, otherwise: str
) -> Callable[[], Signer]:
    """Gives a signer for the client's region and the buckets of the account `owner`, with the
    session's credentials as they are then, for they are renewed.

    Raises SettingsError with `otherwise` for a session that has none.
    """
    credentials, region = session.get_credentials(), store.meta.region_name
    if credentials is None:
        raise SettingsError(otherwise)
    return lambda: Signer(credentials.get_frozen_credentials(), region, owner)


class _SignatureAt(S3SigV4QueryAuth):
    """botocore's query signature, dated `moment`.

    Should a botocore to come not call this hook any more, links are dated when they are signed,
    within the same second or the next.
    """

    def __init__(
        self, moment: datetime, credentials: ReadOnlyCredentials, region: str, seconds: int
    ) -> None:
        super().__init__(credentials, "s3", region, expires=seconds)
        self._timestamp = moment.strftime(SIGV4_TIMESTAMP)

    def _modify_request_before_signing(self, request: AWSRequest) -> None:
        request.context["timestamp"] = self._timestamp
        super()._modify_request_before_signing(request)  # type: ignore[misc]  # not in the stubs
