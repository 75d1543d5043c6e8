"""A parameter that lists whole addresses, and domains of which every address is meant. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mail.addresses import Address, parse_address, parse_domain
from mail.senders import checked


@dataclass(frozen=True)
class Authorized:
    """AuthorizedRecipients or AuthorizedSenders, as it decides."""

    addresses: frozenset[str]
    domains: frozenset[str]

    def allows(self, address: Address) -> bool:
        """Whether the address, or exactly its domain, is listed. Tags and subdomains differ."""
        return address.identity in self.addresses or address.domain in self.domains


def entries_of(value: str) -> list[str]:
    """What stands between the commas of a parameter."""
    return [entry.strip() for entry in value.split(",") if entry.strip()]


def authorized_by(name: str, entries: Sequence[str]) -> Authorized:
    """Raises SettingsError with the parameter's `name` and the entry that is no address."""
    domains = [entry.removeprefix("@") for entry in entries if entry.startswith("@")]
    addresses = [entry for entry in entries if not entry.startswith("@")]
    return Authorized(
        addresses=frozenset(checked(name, a, parse_address).identity for a in addresses),
        domains=frozenset(checked(name, d, parse_domain) for d in domains),
    )
