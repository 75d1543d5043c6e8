"""What SES says of how a sender's mails prove where they come from: DKIM, SPF and DMARC. It only
reads, and asks nobody but SES.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from deploy.aws.ses import identities_of, verified_identities
from deploy.aws.side_by_side import side_by_side

if TYPE_CHECKING:
    from deploy.aws.clients import Clients

_DONE = "Success"


@dataclass(frozen=True)
class Identity:
    """An address or a domain, as SES knows it; the states are SES's words."""

    name: str
    is_verified: bool
    dkim_status: str = "NotStarted"
    is_dkim_enabled: bool = True
    mail_from: str = ""
    mail_from_status: str = ""
    refuses_without_mx: bool = False

    @property
    def is_domain(self) -> bool:
        return "@" not in self.name

    @property
    def has_keys(self) -> bool:
        """Whether its DKIM records were found. SES finds none of an address."""
        return self.is_domain and self.dkim_status == _DONE

    @property
    def has_mail_from(self) -> bool:
        return bool(self.mail_from) and self.mail_from_status == _DONE


def read_identities(clients: Clients, address: str) -> list[Identity]:
    """The address, its domain and each parent domain: the nearest goes before the others."""
    names = list(dict.fromkeys(identities_of(address)))
    asked: tuple[partial[Any], ...] = (
        partial(_verified, clients, names),
        partial(_dkim, clients, names),
        partial(_mail_from, clients, names),
    )
    verified, dkim, mail_from = side_by_side(asked)
    return [
        _identity(name, name in verified, dkim.get(name, {}), mail_from.get(name, {}))
        for name in names
    ]


def open_dmarc_advice(clients: Clients, domains: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each of the domains whose DMARC record SES finds fault with, and its sentence for that.

    Nothing is no proof of a record: SES looks only where its Virtual Deliverability Manager is on.
    """
    names = {domain.lower() for domain in domains}
    page: dict[str, str] = {}
    while True:
        answer = clients.sesv2.list_recommendations(
            Filter={"TYPE": "DMARC", "STATUS": "OPEN"}, PageSize=100, **page
        )
        for advice in answer.get("Recommendations", []):
            domain = advice.get("ResourceArn", "").rpartition("identity/")[2].lower()
            if domain in names:
                yield domain, advice.get("Description", "")
        if not answer.get("NextToken"):
            return
        page = {"NextToken": answer["NextToken"]}


def _verified(clients: Clients, names: list[str]) -> frozenset[str]:
    return frozenset(verified_identities(clients, names))


def _dkim(clients: Clients, names: list[str]) -> Mapping[str, Any]:
    return clients.ses.get_identity_dkim_attributes(Identities=names)["DkimAttributes"]


def _mail_from(clients: Clients, names: list[str]) -> Mapping[str, Any]:
    answer = clients.ses.get_identity_mail_from_domain_attributes(Identities=names)
    return answer["MailFromDomainAttributes"]


def _identity(
    name: str, is_verified: bool, dkim: Mapping[str, Any], mail_from: Mapping[str, Any]
) -> Identity:
    return Identity(
        name,
        is_verified,
        dkim_status=dkim.get("DkimVerificationStatus", "NotStarted"),
        is_dkim_enabled=dkim.get("DkimEnabled", True),
        mail_from=mail_from.get("MailFromDomain") or "",
        mail_from_status=mail_from.get("MailFromDomainStatus") or "",
        refuses_without_mx=mail_from.get("BehaviorOnMXFailure") == "RejectMessage",
    )
