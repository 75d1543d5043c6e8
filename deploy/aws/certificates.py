"""What ACM says of a certificate, and which names it is good for. It only reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deploy.aws.explain import NOT_THERE, error_code

if TYPE_CHECKING:
    from deploy.aws.clients import Clients

ISSUED = "ISSUED"
_ARN = re.compile(r"arn:(?P<partition>[^:]*):acm:(?P<region>[^:]*):(?P<account>[^:]*):certificate/")


@dataclass(frozen=True)
class Certificate:
    """A certificate; `status` is ACM's word. One that is not issued has no `expires`."""

    names: tuple[str, ...]
    status: str
    expires: datetime | None = None
    is_imported: bool = False

    def covers(self, domain: str) -> bool:
        """Whether one of its names is the domain; a * stands for one label."""
        above = domain.partition(".")[2]
        return any(name.lower() in (domain, f"*.{above}") for name in self.names)


@dataclass(frozen=True)
class Place:
    """Where an ARN says that a certificate is."""

    partition: str
    region: str
    account: str


def place_of(arn: str) -> Place | None:
    """None for what is no ARN of a certificate in ACM."""
    match = _ARN.match(arn)
    return Place(**match.groupdict()) if match else None


def read_certificate(clients: Clients, arn: str) -> Certificate | None:
    """The certificate, if there is one in this account and region."""
    try:
        answer = clients.acm.describe_certificate(CertificateArn=arn)["Certificate"]
    except ClientError as exc:
        if error_code(exc) in NOT_THERE:
            return None
        raise
    return Certificate(
        names=(answer["DomainName"], *answer.get("SubjectAlternativeNames", ())),
        status=answer["Status"],
        expires=answer.get("NotAfter"),
        is_imported=answer.get("Type") == "IMPORTED",
    )
