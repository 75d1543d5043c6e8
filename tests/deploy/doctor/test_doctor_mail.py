"""What doctor finds out about SES: region, sender, sandbox and quota, and the fix for each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from deploy.aws.ses import verified_among
from deploy.deployment import Deployment
from deploy.doctor import mail_checks
from deploy.doctor.findings import Finding

SANDBOX = 200.0
PRODUCTION = 50_000.0


@dataclass
class MailService:
    """SES of one account and region, with the identities that somebody verified or began to."""

    verified: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    per_day: float = PRODUCTION
    sent_today: float = 0.0
    is_offered: bool = True
    unregistered: tuple[str, ...] = ()
    endpoint_url: None = None
    asked: list[int] = field(default_factory=list)

    @property
    def ses(self) -> MailService:
        return self

    @property
    def cloudformation(self) -> MailService:
        return self

    def describe_type(self, Type: str, TypeName: str) -> dict[str, str]:  # noqa: N803
        if TypeName in self.unregistered:
            raise ClientError({"Error": {"Code": "TypeNotFoundException"}}, "DescribeType")
        return {"Type": Type, "TypeName": TypeName}

    def offers(self, service: str) -> bool:
        assert service == "ses"
        return self.is_offered

    def get_send_quota(self) -> dict[str, float]:
        return {
            "Max24HourSend": self.per_day,
            "MaxSendRate": 14.0,
            "SentLast24Hours": self.sent_today,
        }

    def get_identity_verification_attributes(self, **request: Any) -> dict[str, Any]:
        identities = request["Identities"]
        self.asked.append(len(identities))
        known = dict.fromkeys(self.pending, "Pending") | dict.fromkeys(self.verified, "Success")
        return {
            "VerificationAttributes": {
                identity: {"VerificationStatus": known[identity]}
                for identity in identities
                if identity in known
            }
        }


def deployment(**parameters: str) -> Deployment:
    return Deployment("s3link", "123456789012", "eu-west-1", parameters)


def how_to_verify(address: str) -> str:
    return f"Run `s3link doctor --verify {address}` and click the link it gets."


@pytest.mark.parametrize(
    ("entry", "verified", "is_covered"),
    [
        ("bob@example.com", "bob@example.com", True),
        ("bob@example.com", "example.com", True),
        ("bob@Mail.Example.com", "example.com", True),
        ("bob@EXAMPLE.com", "bob@example.com", True),
        ("@example.com", "example.com", True),
        ("@mail.example.com", "example.com", True),
        ("success@simulator.amazonses.com", "", True),
        ("bob@example.com", "eve@example.com", False),
        ("bob@example.com", "mail.example.com", False),
        ("bob@notexample.com", "example.com", False),
        ("bob@example.com", "com", False),
        ("@example.com", "bob@example.com", False),
    ],
)
def test_an_identity_covers_itself_and_what_is_below_it(
    entry: str, verified: str, is_covered: bool
) -> None:
    """A verified domain covers its addresses and subdomains; an address covers only itself."""
    service = MailService(verified=(verified,))

    covered = verified_among(service, [entry])

    assert covered == ({entry} if is_covered else frozenset())


def test_a_verification_that_was_only_begun_covers_nothing() -> None:
    """Until the link in SES's mail is clicked the identity is pending."""
    service = MailService(pending=("bob@example.com",))

    assert verified_among(service, ["bob@example.com"]) == frozenset()


def test_many_addresses_are_asked_about_in_portions() -> None:
    """SES takes up to 100 identities a call."""
    service = MailService(verified=("example.com",))

    covered = verified_among(service, [f"user{number}@example.com" for number in range(250)])

    assert len(covered) == 250
    assert sum(service.asked) == 251
    assert max(service.asked) <= 100


def test_a_verified_sender_is_fine() -> None:
    """By its address or by its domain."""
    findings = mail_checks.sender(
        MailService(verified=("example.com",)), deployment(EmailSender="links@example.com")
    )

    assert list(findings) == [
        Finding("sender", "ok", "links@example.com, or its domain, is verified.")
    ]


def test_an_unverified_sender_stands_in_the_way() -> None:
    """SES would refuse every mail."""
    findings = mail_checks.sender(MailService(), deployment(EmailSender="links@example.com"))

    assert list(findings) == [
        Finding(
            "sender",
            "error",
            "links@example.com is not verified in eu-west-1: SES sends no mail from it.",
            how_to_verify("links@example.com"),
        )
    ]


def test_outside_the_sandbox_recipients_need_not_be_verified() -> None:
    """Nothing is asked about them."""
    service = MailService(per_day=PRODUCTION)

    findings = list(mail_checks.sandbox(service, deployment(EmailRecipient="bob@example.com")))

    assert findings == [Finding("sandbox", "ok", "SES sends to any recipient.")]
    assert service.asked == []


def test_in_the_sandbox_every_recipient_is_judged() -> None:
    """The usual ones must be verified; the others are named, for they may never be mailed."""
    service = MailService(verified=("ann@example.com", "example.net"), per_day=SANDBOX)

    [sandbox, *recipients] = mail_checks.sandbox(
        service,
        deployment(
            EmailRecipient="ann@example.com, bob@example.com",
            AuthorizedRecipients="bob@example.com,carl@example.com,@example.net,@example.org",
        ),
    )

    assert (sandbox.level, sandbox.check) == ("warning", "sandbox")
    assert recipients == [
        Finding(
            "sandbox",
            "error",
            "bob@example.com is not verified in eu-west-1: the sandbox sends no mail to it.",
            how_to_verify("bob@example.com"),
        ),
        Finding(
            "sandbox",
            "warning",
            "carl@example.com is not verified: the sandbox sends no mail to it.",
            how_to_verify("carl@example.com"),
        ),
        Finding(
            "sandbox",
            "warning",
            "example.org is not verified, so that each of its addresses has to be.",
            "Verify the domain: aws ses verify-domain-dkim --domain example.org",
        ),
    ]


@pytest.mark.parametrize(
    ("kinds", "whom", "told"),
    [({"portal"}, "sender", True), ({"portal"}, "nobody", False), (set(), "sender", False)],
)
def test_in_the_sandbox_who_is_told_of_downloads_is_judged(
    kinds: set[str], whom: str, told: bool
) -> None:
    """Of those who may be named as who shares a file; all others are mailed nothing."""
    given = deployment(
        EmailRecipient="bob@example.com", AuthorizedSenders="ann@example.com", NotifyOnDownload=whom
    )
    service = MailService(verified=("bob@example.com",), per_day=SANDBOX)

    [_, *found] = mail_checks.sandbox(service, replace(given, optional_kinds=frozenset(kinds)))

    sentence = "ann@example.com is not verified: the sandbox sends no mail to it."
    assert [finding.sentence for finding in found] == ([sentence] if told else [])


@pytest.mark.parametrize(
    ("per_day", "sent", "level", "sentence"),
    [
        (200, 180, "ok", "180 mails sent in the last 24 hours of 200 mails a day, 14 a second."),
        (
            200,
            181,
            "warning",
            "19 mails left today: 181 mails sent in the last 24 hours of 200 mails a day, "
            "14 a second.",
        ),
        (
            200,
            205,
            "warning",
            "0 mails left today: 205 mails sent in the last 24 hours of 200 mails a day, "
            "14 a second.",
        ),
        (
            -1,
            1_000_000,
            "ok",
            "1,000,000 mails sent in the last 24 hours of no daily limit, 14 a second.",
        ),
    ],
)
def test_little_quota_is_worth_knowing(
    per_day: float, sent: float, level: str, sentence: str
) -> None:
    """Less than a tenth of the day's mails; SES says -1 for no limit."""
    service = MailService(per_day=per_day, sent_today=sent)

    [finding] = mail_checks.quota(service, deployment())

    assert (finding.level, finding.sentence) == (level, sentence)


@pytest.mark.parametrize(
    ("per_day", "asked_for", "levels"),
    [
        (SANDBOX, "50", ["ok"]),
        (SANDBOX, "51", ["ok", "warning"]),
        (PRODUCTION, "12500", ["ok"]),
        (PRODUCTION, "1000000", ["ok", "warning"]),
        (-1, "1000000", ["ok"]),
    ],
)
def test_what_people_ask_for_leaves_mails_for_new_files(
    per_day: float, asked_for: str, levels: list[str]
) -> None:
    """A quarter of the day's mails at most."""
    portal = replace(
        deployment(MaxRequestedMailsPerDay=asked_for), optional_kinds=frozenset({"portal"})
    )

    findings = list(mail_checks.quota(MailService(per_day=per_day), portal))

    assert [finding.level for finding in findings] == levels
    if (per_day, levels[-1]) == (SANDBOX, "warning"):
        assert findings[-1].sentence == (
            "MaxRequestedMailsPerDay is 51 mails, of 200 mails a day that SES sends: what people "
            "ask for at the portal may leave too few for new files."
        )
        assert findings[-1].fix == "Set MaxRequestedMailsPerDay to 50 or less."


def test_a_region_without_ses_is_told_before_anything_is_asked() -> None:
    """A call to an endpoint that does not exist would be tried again for minutes."""
    service = MailService(is_offered=False)

    [finding] = mail_checks.region(service, deployment())

    assert (finding.level, finding.sentence) == (
        "error",
        "SES is not known to be offered in eu-west-1.",
    )
    assert service.asked == []


def test_a_region_whose_cloudformation_cannot_set_up_ses_stands_in_the_way() -> None:
    """In some regions SES answers and its types are missing: the first stack would fail."""
    types = ("AWS::SES::ConfigurationSet", "AWS::SES::Template")

    [finding] = mail_checks.region(MailService(unregistered=types), deployment())

    assert finding == Finding(
        "region",
        "error",
        "SES answers in eu-west-1, but CloudFormation cannot make AWS::SES::ConfigurationSet and "
        "AWS::SES::Template there.",
        "Choose another --region; docs/regions.md says which have both.",
    )


def test_what_is_deployed_has_its_types() -> None:
    """Whoever may not ask the registry loses nothing by it once the stacks are there."""
    service = MailService(unregistered=("AWS::SES::Template",))
    there = replace(deployment(), deployed_parameters={"AdminAlarmEMail": "admin@example.com"})

    [finding] = mail_checks.region(service, there)

    assert finding.level == "ok"
