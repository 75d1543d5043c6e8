"""What SES allows this account in this region: quota, sandbox, verified identities.

It reads, except for `start_verification`, which the operator has to ask for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploy.wording import counted

if TYPE_CHECKING:
    from deploy.aws.clients import Clients

# SES: "sandbox: a maximum of 200 messages per 24-hour period"; production starts far above.
# The API that says so outright (sesv2) needs one more permission for the same answer.
_SANDBOX_MAILS_PER_DAY = 200

# GetIdentityVerificationAttributes takes "up to 100 identities at a time".
_IDENTITIES_PER_CALL = 100

# Takes mail from any account, in the sandbox too.
_MAILBOX_SIMULATOR = "simulator.amazonses.com"


@dataclass(frozen=True)
class Quota:
    """How many mails SES takes; a mail to three recipients counts as three."""

    per_day: float
    per_second: float
    sent_today: float

    @property
    def is_limited(self) -> bool:
        """SES says -1 for an account without a daily limit."""
        return self.per_day >= 0

    @property
    def is_sandbox(self) -> bool:
        """Whether SES sends to verified recipients only, as for every new account."""
        return self.is_limited and self.per_day <= _SANDBOX_MAILS_PER_DAY

    @property
    def left_today(self) -> float:
        return max(self.per_day - self.sent_today, 0) if self.is_limited else float("inf")

    def describe(self) -> str:
        per_day = counted(self.per_day, "mail")
        allowance = f"{per_day} a day" if self.is_limited else "no daily limit"
        return (
            f"{counted(self.sent_today, 'mail')} sent in the last 24 hours of {allowance}, "
            f"{self.per_second:g} a second"
        )


def read_quota(clients: Clients) -> Quota:
    answer = clients.ses.get_send_quota()
    return Quota(answer["Max24HourSend"], answer["MaxSendRate"], answer["SentLast24Hours"])


def verified_among(clients: Clients, addresses: Iterable[str]) -> frozenset[str]:
    """The addresses, or `@domain` entries, that SES accepts as verified.

    A verified domain covers all its addresses and subdomains, so each of them is asked for too.
    """
    candidates = {address: tuple(identities_of(address)) for address in addresses}
    asked = sorted({identity for identities in candidates.values() for identity in identities})
    verified = set(verified_identities(clients, asked)) | {_MAILBOX_SIMULATOR}
    return frozenset(
        address for address, identities in candidates.items() if verified & set(identities)
    )


def is_own_identity(clients: Clients, address: str) -> bool:
    """Whether the address itself or its own domain is verified; a parent domain does not count."""
    domain = address.rpartition("@")[2].lower()
    return any(verified_identities(clients, [address, domain]))


def start_verification(clients: Clients, address: str) -> None:
    """Have SES mail a verification link to the address."""
    clients.ses.verify_email_identity(EmailAddress=address)


def identities_of(address: str) -> Iterator[str]:
    """The identities that would verify an address: itself, its domain, each parent domain."""
    local, _, domain = address.rpartition("@")
    if local:
        yield address
        # SES compares the part before the @ by case, and the domain without.
        yield f"{local}@{domain.lower()}"
    labels = domain.lower().split(".")
    for start in range(len(labels) - 1):
        yield ".".join(labels[start:])


def verified_identities(clients: Clients, identities: Sequence[str]) -> Iterator[str]:
    """Those of the identities that are verified."""
    for start in range(0, len(identities), _IDENTITIES_PER_CALL):
        batch = identities[start : start + _IDENTITIES_PER_CALL]
        answer = clients.ses.get_identity_verification_attributes(Identities=batch)
        for identity, state in answer["VerificationAttributes"].items():
            if state["VerificationStatus"] == "Success":
                yield identity
