"""What doctor says of DKIM, SPF and DMARC of the sender's domain, with the commands to type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from deploy.aws.clients import Clients
from deploy.deployment import Deployment
from deploy.doctor import authentication_checks
from deploy.doctor.checks import run_checks
from deploy.doctor.findings import Finding, Level

SENDER = "links@example.com"
SIGNED = {"DkimEnabled": True, "DkimVerificationStatus": "Success"}
UNSIGNED = {"DkimEnabled": True, "DkimVerificationStatus": "NotStarted"}
SWITCHED_OFF = {"DkimEnabled": False, "DkimVerificationStatus": "Success"}
FAILS = (
    "with neither DKIM nor SPF aligned they cannot pass DMARC, and are likely to land in spam or "
    "to be refused. Gmail and Yahoo demand SPF or DKIM of every sender, and DMARC of bulk senders."
)
PASSES_BY_SPF = "they pass DMARC by SPF alone, which breaks where a mail is forwarded."
PASSES_BY_DKIM = Finding(
    "spf",
    "ok",
    "SPF is not aligned, for SES uses its own MAIL FROM domain amazonses.com: DMARC passes by DKIM "
    "alone.",
)
ALIGNED = Finding(
    "spf",
    "ok",
    "SPF is aligned by the MAIL FROM domain bounce.example.com, as long as its TXT record includes "
    "amazonses.com.",
)
RECORDS = (
    "and publish, for each of the three tokens, the CNAME record TOKEN._domainkey.example.com → "
    "TOKEN.dkim.amazonses.com (some regions have another domain there: the SES console shows the "
    "records)."
)
VERIFY = f"Run `aws ses verify-domain-dkim --domain example.com --region eu-west-1` {RECORDS}"
ALIGN = (
    "Run `aws ses set-identity-mail-from-domain --identity example.com --mail-from-domain "
    "bounce.example.com --region eu-west-1` and publish two records of bounce.example.com: "
    'MX "10 feedback-smtp.eu-west-1.amazonses.com" and TXT "v=spf1 include:amazonses.com ~all".'
)


@dataclass
class MailService:
    """SES with identities, and with what its advisor finds, page by page."""

    verified: tuple[str, ...] = ()
    dkim: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    mail_from: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    advice: Sequence[Sequence[tuple[str, str]]] = ((),)
    fault: Exception | None = None

    @property
    def ses(self) -> MailService:
        return self

    @property
    def sesv2(self) -> MailService:
        return self

    def get_identity_verification_attributes(self, **request: Any) -> dict[str, Any]:
        known = set(request["Identities"]) & set(self.verified)
        return {
            "VerificationAttributes": {name: {"VerificationStatus": "Success"} for name in known}
        }

    def get_identity_dkim_attributes(self, **request: Any) -> dict[str, Any]:
        """As SES: of whatever was asked for, also of what it does not know."""
        names = request["Identities"]
        return {"DkimAttributes": {name: self.dkim.get(name, UNSIGNED) for name in names}}

    def get_identity_mail_from_domain_attributes(self, **request: Any) -> dict[str, Any]:
        usual = {"BehaviorOnMXFailure": "UseDefaultValue"}
        return {
            "MailFromDomainAttributes": {
                name: {**usual, **self.mail_from.get(name, {})} for name in request["Identities"]
            }
        }

    def list_recommendations(self, **request: Any) -> dict[str, Any]:
        if self.fault:
            raise self.fault
        assert request["Filter"] == {"TYPE": "DMARC", "STATUS": "OPEN"}
        number = int(request.get("NextToken", 0))
        found = [
            {"ResourceArn": f"arn:aws:ses:eu-west-1:123456789012:identity/{name}", "Type": "DMARC"}
            | {"Description": words}
            for name, words in self.advice[number]
        ]
        further = {"NextToken": str(number + 1)} if number + 1 < len(self.advice) else {}
        return {"Recommendations": found, **further}


def mail_from(status: str, **further: str) -> dict[str, str]:
    return {"MailFromDomain": "bounce.example.com", "MailFromDomainStatus": status, **further}


def authentication(service: MailService, sender: str = SENDER) -> list[Finding]:
    deployment = Deployment("s3link", "123456789012", "eu-west-1", {"EmailSender": sender})
    return list(authentication_checks.authentication(service, deployment))


def dmarc(service: MailService, sender: str = SENDER) -> list[Finding]:
    deployment = Deployment("s3link", "123456789012", "eu-west-1", {"EmailSender": sender})
    return list(authentication_checks.dmarc(service, deployment))


@pytest.mark.parametrize(
    ("sender", "verified", "dkim"),
    [
        (SENDER, ("example.com",), {}),
        ("links@Example.com", ("example.com",), {}),
        ("links@files.example.com", ("example.com",), {}),
        (SENDER, ("example.com", SENDER), {SENDER: UNSIGNED}),
    ],
)
def test_dkim_of_the_domain_is_enough(
    sender: str, verified: tuple[str, ...], dkim: Mapping[str, Any]
) -> None:
    """Its addresses and subdomains inherit it; DMARC needs no more."""
    service = MailService(verified, {"example.com": SIGNED, **dkim})

    assert authentication(service, sender) == [
        Finding("dkim", "ok", f"Mails from {sender} have a DKIM signature of example.com."),
        PASSES_BY_DKIM,
    ]


def test_the_nearest_keys_sign() -> None:
    """What is above them does not matter."""
    service = MailService(
        ("files.example.com", "example.com"),
        {"files.example.com": SIGNED, "example.com": SWITCHED_OFF},
    )

    [dkim, _] = authentication(service, "links@files.example.com")

    assert dkim == Finding(
        "dkim",
        "ok",
        "Mails from links@files.example.com have a DKIM signature of files.example.com.",
    )


def test_dkim_and_spf() -> None:
    """Nothing is missing that SES can see."""
    service = MailService(
        ("example.com",), {"example.com": SIGNED}, {"example.com": mail_from("Success")}
    )

    assert authentication(service) == [
        Finding("dkim", "ok", f"Mails from {SENDER} have a DKIM signature of example.com."),
        ALIGNED,
    ]


def test_spf_alone() -> None:
    """DMARC passes, but not everywhere: the warning says so, and no more."""
    service = MailService(("example.com",), {}, {"example.com": mail_from("Success")})

    assert authentication(service) == [
        Finding(
            "dkim",
            "warning",
            f"Mails from {SENDER} have no valid DKIM signature of example.com: {PASSES_BY_SPF}",
            VERIFY,
        ),
        ALIGNED,
    ]


def test_neither_dkim_nor_spf() -> None:
    """Both ways to put it right, with the records."""
    service = MailService(("example.com",))

    assert authentication(service) == [
        Finding(
            "dkim",
            "warning",
            f"Mails from {SENDER} have no valid DKIM signature of example.com: {FAILS}",
            VERIFY,
        ),
        Finding(
            "spf",
            "warning",
            "SPF is not aligned: example.com has no MAIL FROM domain, so SES uses its own "
            "amazonses.com.",
            ALIGN,
        ),
    ]


@pytest.mark.parametrize(
    ("status", "command"),
    [
        ("Pending", "get-identity-dkim-attributes --identities example.com"),
        ("TemporaryFailure", "get-identity-dkim-attributes --identities example.com"),
        ("Failed", "verify-domain-dkim --domain example.com"),
    ],
)
def test_dkim_records_that_ses_does_not_find(status: str, command: str) -> None:
    """While SES looks, the tokens are asked for; once it has given up, it begins anew."""
    service = MailService(
        ("example.com",), {"example.com": {"DkimEnabled": True, "DkimVerificationStatus": status}}
    )

    [dkim, _] = authentication(service)

    assert dkim == Finding(
        "dkim",
        "warning",
        f"Mails from {SENDER} have no valid DKIM signature of example.com (DKIM: {status}): "
        f"{FAILS}",
        f"Run `aws ses {command} --region eu-west-1` {RECORDS}",
    )


def test_only_the_address_is_verified() -> None:
    """Its domain may be somebody else's, such as a public mail service's: both ways out."""
    assert authentication(MailService((SENDER,))) == [
        Finding(
            "dkim",
            "warning",
            f"Only the address {SENDER} is verified, not example.com, so that its mails have no "
            f"DKIM signature of example.com: {FAILS}",
            f"If example.com is yours: r{VERIFY[1:]} If it is not, nobody but its owner can: "
            "choose an EmailSender at a domain of yours.",
        )
    ]


def test_a_domain_that_is_not_verified_yet() -> None:
    """Meanwhile the address can do without DKIM, if it has a MAIL FROM domain of its own."""
    pending = {"DkimEnabled": True, "DkimVerificationStatus": "Pending"}
    service = MailService((SENDER,), {"example.com": pending}, {SENDER: mail_from("Success")})

    assert authentication(service) == [
        Finding(
            "dkim",
            "warning",
            f"Only the address {SENDER} is verified, not example.com (DKIM: Pending), so that its "
            f"mails have no DKIM signature of example.com: {PASSES_BY_SPF}",
            "If example.com is yours: run `aws ses get-identity-dkim-attributes --identities "
            f"example.com --region eu-west-1` {RECORDS} If it is not, nobody but its owner can: "
            "choose an EmailSender at a domain of yours.",
        ),
        ALIGNED,
    ]


def test_what_an_address_says_of_dkim_is_left_alone() -> None:
    """Nobody knows whether SES says "off" where it inherits from its domain."""
    dkim = {"example.com": SIGNED, SENDER: SWITCHED_OFF}

    [finding, *_] = authentication(MailService(("example.com", SENDER), dkim))

    assert finding.level == "ok"


def test_dkim_that_is_switched_off() -> None:
    """Of a domain, the mails of all its addresses are without."""
    named = "example.com"

    [finding, *_] = authentication(MailService((named,), {named: SWITCHED_OFF}))

    assert finding == Finding(
        "dkim",
        "warning",
        f"DKIM is switched off for {named}, so that mails from {SENDER} have no DKIM signature of "
        f"example.com: {FAILS}",
        f"Run `aws ses set-identity-dkim-enabled --identity {named} --dkim-enabled "
        "--region eu-west-1`.",
    )


@pytest.mark.parametrize(
    ("further", "instead", "level"),
    [
        ({}, "uses its own amazonses.com instead", "warning"),
        ({"BehaviorOnMXFailure": "RejectMessage"}, "refuses to send", "error"),
    ],
)
def test_a_mail_from_domain_that_does_not_work(
    further: dict[str, str], instead: str, level: Level
) -> None:
    """Worth knowing where DKIM is fine, too: SES may send nothing at all."""
    service = MailService(
        ("example.com",), {"example.com": SIGNED}, {"example.com": mail_from("Failed", **further)}
    )

    [dkim, spf] = authentication(service)

    assert dkim.level == "ok"
    assert spf == Finding(
        "spf",
        level,
        "SES has not found the MX record of the MAIL FROM domain bounce.example.com (Failed), and "
        f"{instead}.",
        ALIGN,
    )


@pytest.mark.parametrize(
    ("sender", "verified"),
    [("", ()), (SENDER, ()), ("links@localhost", ("links@localhost",))],
)
def test_what_is_said_needs_a_sender_of_a_domain(sender: str, verified: tuple[str, ...]) -> None:
    """What SES would not send is the sender check's matter."""
    assert authentication(MailService(verified), sender) == []


def test_what_ses_says_of_the_dmarc_record() -> None:
    """In its own words, of the sender's domain and those above; others are not asked about."""
    missing, broken = "DMARC configuration was not found.", "DMARC could not be parsed."
    service = MailService(
        advice=[[("example.org", missing)], [("Example.com", missing), ("a.example.com", broken)]]
    )

    assert dmarc(service) == [
        Finding(
            "dmarc",
            "warning",
            f'SES says of the DMARC record of example.com: "{missing}"',
            "See it with `dig +short TXT _dmarc.example.com`; where there is none, publish the TXT "
            'record _dmarc.example.com "v=DMARC1; p=none".',
        )
    ]


def test_silence_of_ses_is_no_dmarc_record() -> None:
    """SES looks only where Virtual Deliverability Manager is on: so it is said how to look."""
    assert dmarc(MailService()) == [
        Finding(
            "dmarc",
            "ok",
            "SES does not say whether example.com has a DMARC record: "
            "`dig +short TXT _dmarc.example.com` shows it.",
        )
    ]


DENIED = ClientError(
    {
        "Error": {
            "Code": "AccessDeniedException",
            "Message": "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: "
            "ses:ListRecommendations",
        }
    },
    "ListRecommendations",
)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (
            DENIED,
            ": AWS denied ses:ListRecommendations for arn:aws:iam::123456789012:user/ann; ask your "
            "administrator to allow it, or use another --profile.",
        ),
        (ClientError({"Error": {"Code": "BadRequestException"}}, "ListRecommendations"), "."),
        (EndpointConnectionError(endpoint_url="https://email.eu-west-1.amazonaws.com"), "."),
    ],
)
def test_a_dmarc_record_that_cannot_be_asked_for(fault: Exception, reason: str) -> None:
    """It stands in nobody's way, and an action that is missing is named."""
    assert dmarc(MailService(fault=fault)) == [
        Finding(
            "dmarc",
            "ok",
            f"Whether example.com has a DMARC record cannot be told{reason} "
            "`dig +short TXT _dmarc.example.com` shows it.",
        )
    ]


@pytest.mark.parametrize("sender", ["", "links@localhost"])
def test_without_a_domain_nothing_is_asked(sender: str) -> None:
    """A sender that is missing is the parameters check's matter."""
    assert dmarc(MailService(fault=AssertionError("asked")), sender) == []


def test_doctor_says_it_all(embedded_clients: Clients) -> None:
    """The embedded AWS answers as SES does, of a domain whose DKIM was set up and of an address."""
    embedded_clients.ses.verify_email_identity(EmailAddress="links@example.org")

    def levels(sender: str) -> dict[str, str]:
        deployment = Deployment("s3link", "123456789012", "eu-west-1", {"EmailSender": sender})
        found = run_checks(embedded_clients, deployment)
        return {one.check: one.level for one in found if one.check in ("dkim", "spf", "dmarc")}

    assert levels(SENDER) == {"dkim": "ok", "spf": "ok", "dmarc": "ok"}
    assert levels("links@example.org") == {"dkim": "warning", "dmarc": "ok"}
