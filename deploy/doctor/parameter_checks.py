"""Checks that the parameters' values go together, and that LinkGenerator would take them.

It calls nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from deploy.brand.carried import brand_file
from deploy.deployment import PORTAL, Deployment
from deploy.doctor.findings import Finding
from deploy.errors import ConfigurationError
from deploy.lambda_packages import DIRECT_LINK_LIMIT_SECONDS, LONGEST_MAILED
from deploy.settings.configuration import known_parameters
from deploy.settings.recipients import unauthorized_recipients
from deploy.stacks import optional
from deploy.wording import counted, meant

if TYPE_CHECKING:
    from deploy.aws.clients import Clients

_SECONDS_PER_DAY = 86_400


def parameters(clients: Clients, deployment: Deployment, as_given: Deployment) -> Iterator[Finding]:
    unused = list(optional.unused_parameters(as_given))
    for name, stack in unused:
        yield Finding("parameters", "error", *optional.why_unused(as_given, name, stack))
    known = known_parameters(deployment.stacks)
    missing = [name for name in known if not _has_value(name, deployment)]
    for name in missing:
        yield Finding(
            "parameters",
            "error",
            f"{name} has no value.",
            f"Run `{deployment.command('init')}`, or add --set {name}=…",
        )
    if not missing and not unused:
        yield Finding("parameters", "ok", "Every parameter has a value.")


def time_zone(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    """Whether there is such a zone, as far as this machine knows: functions would take UTC."""
    from zoneinfo import available_timezones

    name, known = deployment.parameters.get("TimeZone", "UTC"), available_timezones()
    if known and name not in known:
        yield Finding(
            "time zone",
            "error",
            f'There is no time zone "{name}", so mails would tell times in UTC only.'
            f"{meant(name, known)}",
            "Give TimeZone a name of the IANA time zone database, such as Europe/Berlin.",
        )


def brand(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    """Whether the logo can be used; name and colour were checked when they were read."""
    try:
        has_brand = brand_file(deployment.brand) is not None
    except ConfigurationError as exc:
        yield Finding("brand", "error", str(exc), "Correct it, or leave brand_logo out.")
        return
    if has_brand:
        yield Finding("brand", "ok", "The brand can be shown in pages and mails.")


def _has_value(name: str, deployment: Deployment) -> bool:
    has_default = known_parameters()[name].default is not None
    return has_default or bool(deployment.parameters.get(name))


def recipients(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    """Whether LinkGenerator would start with these addresses, and mail the usual recipients."""
    known = known_parameters(deployment.stacks)
    if not all(_has_value(name, deployment) for name in known):
        return
    try:
        refused = unauthorized_recipients(deployment.parameters)
    except ConfigurationError as exc:
        yield Finding("recipients", "error", str(exc), "Correct it in s3link.toml.")
        return
    for address in refused:
        yield Finding(
            "recipients",
            "error",
            f"{address} is in EmailRecipient but not on AuthorizedRecipients, so no file would "
            "be announced to it.",
            "Add the address, or its @domain, to AuthorizedRecipients.",
        )
    if not refused:
        yield Finding("recipients", "ok", "EmailRecipient may get links.")


def expiry(clients: Clients, deployment: Deployment, as_given: Deployment) -> Iterator[Finding]:
    if deployment.has(PORTAL):
        yield from _portal_expiry(deployment, as_given)
        return
    link = int(float(deployment.parameters["LinkExpirationPeriod"]))
    file = int(float(deployment.parameters["ExchangableObjectsTTL"])) * _SECONDS_PER_DAY
    if link > file:
        yield Finding(
            "expiry",
            "error",
            f"Links would work for {link:,} seconds, but files are removed after {file:,}.",
            "Raise ExchangableObjectsTTL (days) or lower LinkExpirationPeriod (seconds).",
        )
    elif link > DIRECT_LINK_LIMIT_SECONDS:
        yield Finding(
            "expiry",
            "error",
            f"Links would have to work for {link:,} seconds, and direct ones do so for at most "
            f"{DIRECT_LINK_LIMIT_SECONDS:,} (6 hours).",
            f"Set LinkExpirationPeriod={DIRECT_LINK_LIMIT_SECONDS} or less, or deploy --with "
            "portal and leave it out.",
        )
    else:
        yield Finding(
            "expiry", "ok", f"Links work for {link:,} seconds; files stay for {file:,} or longer."
        )


def _portal_expiry(deployment: Deployment, as_given: Deployment) -> Iterator[Finding]:
    """With the portal, only the file's own time counts."""
    days = int(float(deployment.parameters["ExchangableObjectsTTL"]))
    if "LinkExpirationPeriod" in as_given.parameters:
        yield Finding(
            "expiry",
            "warning",
            "LinkExpirationPeriod concerns direct links only: those of the portal work for as "
            f"long as their file stays, which is {counted(days, 'day')}.",
            "Leave LinkExpirationPeriod out; ExchangableObjectsTTL says how long files stay.",
        )
    else:
        yield Finding(
            "expiry",
            "ok",
            f"Links of the portal work for as long as their file: {counted(days, 'day')}.",
        )


def links(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    """Where links to S3 end: LinkGenerator's session token alone has a thousand characters."""
    if deployment.has(PORTAL):
        return
    yield Finding(
        "links",
        "ok",
        "Links to S3 have 1,300 to 1,900 characters, and some mail programs cut links after "
        f"{LONGEST_MAILED:,}: long names are shortened in them, long keys cannot be. Those of a "
        "portal (--with portal) have about 100.",
    )


def downloads(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    """Whether a recipient whose line breaks can get the file after all."""
    if not deployment.has(PORTAL):
        return
    most = int(float(deployment.parameters["MaxDownloads"]))
    grace = int(float(deployment.parameters["DownloadGracePeriod"]))
    if not grace:
        yield Finding(
            "downloads",
            "warning",
            "A download that breaks off is counted, and cannot be tried again where none is left.",
            "Set DownloadGracePeriod to some minutes, such as 600 (seconds).",
        )
    elif most:
        yield Finding(
            "downloads",
            "ok",
            f"A link may be used for {counted(most, 'download')}, each of which may be tried again "
            f"for {counted(grace, 'second')}.",
        )
    else:
        yield Finding("downloads", "ok", "A link may be used any number of times.")
