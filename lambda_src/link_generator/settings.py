"""The function's environment as a frozen object. Parameter names of the template are its keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from function.text import quoted
from mail.addresses import Address, parse_address, parse_domain

from link_generator.errors import SettingsError

_Parsed = TypeVar("_Parsed")

# Far beyond what the template takes; with more the calendar of Python ends.
MOST_DAYS = 999_999
_MOST_SECONDS = 999_999_999


@dataclass(frozen=True)
class Authorized:
    """AuthorizedRecipients: whole addresses, and domains of which every address may be mailed."""

    addresses: frozenset[str]
    domains: frozenset[str]

    def allows(self, address: Address) -> bool:
        """Whether the address, or exactly its domain, is listed. Tags and subdomains differ."""
        return address.identity in self.addresses or address.domain in self.domains


@dataclass(frozen=True)
class PortalSettings:
    """Where the links of the portal begin, and the table that has them."""

    url: str
    table: str


@dataclass(frozen=True)
class Settings:
    """`portal` is None where mails carry links to S3 itself."""

    bucket: str
    sender: Address
    default_recipients: tuple[Address, ...]
    authorized: Authorized
    days_to_live: int
    days_of_logs: int
    link_seconds: int
    configuration_set: str
    template: str
    ledger: str
    portal: PortalSettings | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises SettingsError that names the parameter and the value."""
        default_recipients = addresses_of(environment, "EmailRecipient")
        return cls(
            bucket=required(environment, "FileExchangeBucketName"),
            sender=sender_of(environment),
            default_recipients=default_recipients,
            authorized=authorized_of(environment, default_recipients),
            days_to_live=positive(environment, "ExchangableObjectsTTL", MOST_DAYS),
            days_of_logs=positive(environment, "LogsTTL", MOST_DAYS),
            link_seconds=positive(environment, "LinkExpirationPeriod", _MOST_SECONDS),
            configuration_set=required(environment, "ConfigSetName"),
            template=required(environment, "LinkDownloadTemplateName"),
            ledger=required(environment, "DeliveriesLedgerName"),
            portal=_portal(environment),
        )


def _portal(environment: Mapping[str, str]) -> PortalSettings | None:
    if not environment.get("PortalUrl"):
        return None
    return PortalSettings(
        url=required(environment, "PortalUrl"), table=required(environment, "LinksTableName")
    )


def sender_of(environment: Mapping[str, str]) -> Address:
    return _checked("EmailSender", required(environment, "EmailSender"), parse_address)


def required(environment: Mapping[str, str], name: str) -> str:
    """Raises SettingsError that names the parameter."""
    value = environment.get(name, "").strip()
    if not value:
        raise SettingsError(f"The function's environment has no {name}; deploy the stack again.")
    return value


def positive(environment: Mapping[str, str], name: str, most: int) -> int:
    """A number above 0. Raises SettingsError that names the parameter and the value."""
    value = required(environment, name)
    digits = value.lstrip("0")
    if not (digits.isascii() and digits.isdigit()):
        raise SettingsError(f"{name} is {quoted(value)}, but must be a whole number above 0.")
    # By length first: Python does not read numbers of thousands of digits.
    if len(digits) > len(str(most)) or int(digits) > most:
        raise SettingsError(f"{name} is {quoted(value)}, but must be at most {most}.")
    return int(digits)


def _checked(name: str, value: str, parse: Callable[[str], _Parsed]) -> _Parsed:
    try:
        return parse(value)
    except ValueError as exc:
        raise SettingsError(f"{name} has {quoted(value)}, which is no address: {exc}.") from exc


def _entries(value: str) -> list[str]:
    return [entry.strip() for entry in value.split(",") if entry.strip()]


def addresses_of(environment: Mapping[str, str], name: str) -> tuple[Address, ...]:
    entries = _entries(required(environment, name))
    if not entries:
        raise SettingsError(f"{name} names nobody; give it at least one address and deploy.")
    return tuple(_checked(name, entry, parse_address) for entry in entries)


def authorized_of(environment: Mapping[str, str], defaults: tuple[Address, ...]) -> Authorized:
    name = "AuthorizedRecipients"
    entries = _entries(environment.get(name, "")) or [str(address) for address in defaults]
    domains = [entry.removeprefix("@") for entry in entries if entry.startswith("@")]
    addresses = [entry for entry in entries if not entry.startswith("@")]
    return Authorized(
        addresses=frozenset(_checked(name, a, parse_address).identity for a in addresses),
        domains=frozenset(_checked(name, d, parse_domain) for d in domains),
    )
