"""Checks that receivers can tell that the sender's mails are from its domain. It only reads.

DMARC passes where DKIM or SPF is aligned: of the domain that people see as the sender. Only what
keeps SES from sending stands in the way of a deploy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import denied_action, explain
from deploy.aws.mail_authentication import Identity, open_dmarc_advice, read_identities
from deploy.aws.ses import identities_of
from deploy.deployment import Deployment
from deploy.doctor.findings import Finding

if TYPE_CHECKING:
    from deploy.aws.clients import Clients

_NOTHING_ALIGNED = (
    "with neither DKIM nor SPF aligned they cannot pass DMARC, and are likely to land in spam or "
    "to be refused. Gmail and Yahoo demand SPF or DKIM of every sender, and DMARC of bulk senders."
)
_SPF_ALONE = "they pass DMARC by SPF alone, which breaks where a mail is forwarded."
# While SES looks for the records, they are asked for without beginning anew.
_LOOKED_FOR = {"Pending", "TemporaryFailure"}


def authentication(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    """DKIM and SPF; where SES would not send at all, the sender check says so."""
    address = deployment.parameters.get("EmailSender")
    if not address:
        return
    identities = read_identities(clients, address)
    verified = [identity for identity in identities if identity.is_verified]
    own = next((identity for identity in identities if identity.is_domain), None)
    if not verified or own is None:
        return
    domain = next((identity for identity in verified if identity.is_domain), None)
    mail_from = next((identity for identity in verified if identity.mail_from), None)
    is_aligned = mail_from is not None and mail_from.has_mail_from
    dkim = _dkim(deployment, address, verified, domain, own, is_aligned)
    yield dkim
    if mail_from is not None:
        yield _spf_of(deployment, mail_from)
    elif dkim.level == "ok":
        yield Finding(
            "spf",
            "ok",
            "SPF is not aligned, for SES uses its own MAIL FROM domain amazonses.com: DMARC passes "
            "by DKIM alone.",
        )
    elif domain is not None:
        yield Finding(
            "spf",
            "warning",
            f"SPF is not aligned: {domain.name} has no MAIL FROM domain, so SES uses its own "
            "amazonses.com.",
            _how_to_align(deployment, domain.name, f"bounce.{domain.name}"),
        )


def dmarc(clients: Clients, deployment: Deployment) -> Iterator[Finding]:
    """What SES says of the DMARC record; where it says nothing, how to look."""
    address = deployment.parameters.get("EmailSender", "")
    domains = [name for name in identities_of(address) if "@" not in name]
    if not domains:
        return
    look = f"`dig +short TXT _dmarc.{domains[0]}`"
    try:
        advice = list(open_dmarc_advice(clients, domains))
    except (ClientError, BotoCoreError) as exc:
        reason = f": {explain(exc)}" if denied_action(exc) else "."
        yield Finding(
            "dmarc",
            "ok",
            f"Whether {domains[0]} has a DMARC record cannot be told{reason} {look} shows it.",
        )
        return
    for domain, words in advice:
        yield Finding(
            "dmarc",
            "warning",
            f'SES says of the DMARC record of {domain}: "{words}"',
            f"See it with `dig +short TXT _dmarc.{domain}`; where there is none, publish the TXT "
            f'record _dmarc.{domain} "v=DMARC1; p=none".',
        )
    if not advice:
        yield Finding(
            "dmarc",
            "ok",
            f"SES does not say whether {domains[0]} has a DMARC record: {look} shows it.",
        )


def _dkim(
    deployment: Deployment,
    address: str,
    verified: Sequence[Identity],
    domain: Identity | None,
    own: Identity,
    is_aligned: bool,
) -> Finding:
    therefore = _SPF_ALONE if is_aligned else _NOTHING_ALIGNED
    signer = next((identity for identity in verified if identity.has_keys), None)
    if signer is None:
        return _no_keys(deployment, address, domain, own, therefore)
    # Addresses and subdomains inherit from the domains above, unless it is switched off for them.
    # Of an address nobody knows whether SES says so of what it inherits.
    nearer = [one for one in verified[: verified.index(signer) + 1] if one.is_domain]
    off = next((identity for identity in nearer if not identity.is_dkim_enabled), None)
    if off is None:
        return Finding(
            "dkim", "ok", f"Mails from {address} have a DKIM signature of {signer.name}."
        )
    return Finding(
        "dkim",
        "warning",
        f"DKIM is switched off for {off.name}, so that mails from {address} have no DKIM signature "
        f"of {signer.name}: {therefore}",
        f"Run `aws ses set-identity-dkim-enabled --identity {off.name} --dkim-enabled "
        f"--region {deployment.region}`.",
    )


def _no_keys(
    deployment: Deployment, address: str, domain: Identity | None, own: Identity, therefore: str
) -> Finding:
    if domain is not None:
        return Finding(
            "dkim",
            "warning",
            f"Mails from {address} have no valid DKIM signature of {domain.name}{_state(domain)}: "
            f"{therefore}",
            _how_to_sign(deployment, domain),
        )
    step = _how_to_sign(deployment, own)
    return Finding(
        "dkim",
        "warning",
        f"Only the address {address} is verified, not {own.name}{_state(own)}, so that its mails "
        f"have no DKIM signature of {own.name}: {therefore}",
        f"If {own.name} is yours: {step[0].lower()}{step[1:]} If it is not, nobody but its owner "
        "can: choose an EmailSender at a domain of yours.",
    )


def _spf_of(deployment: Deployment, identity: Identity) -> Finding:
    if identity.has_mail_from:
        return Finding(
            "spf",
            "ok",
            f"SPF is aligned by the MAIL FROM domain {identity.mail_from}, as long as its TXT "
            "record includes amazonses.com.",
        )
    instead = (
        "refuses to send" if identity.refuses_without_mx else "uses its own amazonses.com instead"
    )
    return Finding(
        "spf",
        "error" if identity.refuses_without_mx else "warning",
        f"SES has not found the MX record of the MAIL FROM domain {identity.mail_from} "
        f"({identity.mail_from_status}), and {instead}.",
        _how_to_align(deployment, identity.name, identity.mail_from),
    )


def _state(identity: Identity) -> str:
    begun = identity.dkim_status != "NotStarted"
    return f" (DKIM: {identity.dkim_status})" if begun else ""


def _how_to_sign(deployment: Deployment, domain: Identity) -> str:
    command = (
        f"get-identity-dkim-attributes --identities {domain.name}"
        if domain.dkim_status in _LOOKED_FOR
        else f"verify-domain-dkim --domain {domain.name}"
    )
    return (
        f"Run `aws ses {command} --region {deployment.region}` and publish, for each of the three "
        f"tokens, the CNAME record TOKEN._domainkey.{domain.name} → TOKEN.dkim.amazonses.com (some "
        "regions have another domain there: the SES console shows the records)."
    )


def _how_to_align(deployment: Deployment, identity: str, mail_from: str) -> str:
    return (
        f"Run `aws ses set-identity-mail-from-domain --identity {identity} --mail-from-domain "
        f"{mail_from} --region {deployment.region}` and publish two records of {mail_from}: "
        f'MX "10 feedback-smtp.{deployment.region}.amazonses.com" and '
        'TXT "v=spf1 include:amazonses.com ~all".'
    )
