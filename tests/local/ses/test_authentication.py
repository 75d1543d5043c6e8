"""What SES says of DKIM, MAIL FROM domains and DMARC."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws
from moto.ses.models import SESBackend
from moto.sesv2.responses import SESV2Response

from tests.local.account import Account

NAMES = ["example.com", "example.org", "files@example.com", "files@example.net"]


def _dkim(account: Account) -> dict[str, tuple[bool, str]]:
    answer = account.client("ses").get_identity_dkim_attributes(Identities=NAMES)
    return {
        name: (state["DkimEnabled"], state["DkimVerificationStatus"])
        for name, state in answer["DkimAttributes"].items()
    }


@pytest.fixture
def ses(account: Account) -> Any:
    """SES with a domain that has DKIM, one that was only verified, and two addresses."""
    ses = account.client("ses")
    ses.verify_domain_dkim(Domain="example.com")
    ses.verify_domain_identity(Domain="example.org")
    for name in NAMES[2:]:
        ses.verify_email_identity(EmailAddress=name)
    return ses


def test_only_a_domain_has_dkim_records(account: Account, ses: Any) -> None:
    """An address has the signing of its domain, and no state of its own."""
    assert _dkim(account) == {
        "example.com": (True, "Success"),
        "example.org": (True, "NotStarted"),
        "files@example.com": (True, "NotStarted"),
        "files@example.net": (False, "NotStarted"),
    }


def test_a_deleted_domain_has_no_settings(account: Account, ses: Any) -> None:
    """Whoever verifies it again begins anew."""
    ses.set_identity_mail_from_domain(Identity="example.com", MailFromDomain="bounce.example.com")

    ses.delete_identity(Identity="example.com")
    ses.verify_domain_identity(Domain="example.com")

    assert _dkim(account)["example.com"] == (True, "NotStarted")
    mail_from = ses.get_identity_mail_from_domain_attributes(Identities=["example.com"])
    assert mail_from["MailFromDomainAttributes"] == {
        "example.com": {"BehaviorOnMXFailure": "UseDefaultValue"}
    }


def test_what_happens_without_an_mx_record(ses: Any) -> None:
    """SES's own domain is used, unless somebody has said that SES is to refuse."""
    ses.set_identity_mail_from_domain(Identity="example.com", MailFromDomain="bounce.example.com")

    answer = ses.get_identity_mail_from_domain_attributes(Identities=["example.com"])

    assert answer["MailFromDomainAttributes"]["example.com"] == {
        "MailFromDomain": "bounce.example.com",
        "MailFromDomainStatus": "Success",
        "BehaviorOnMXFailure": "UseDefaultValue",
    }


def test_ses_advises_nothing(account: Account) -> None:
    """As in an account without Virtual Deliverability Manager."""
    wanted = {"TYPE": "DMARC", "STATUS": "OPEN"}
    answer = account.client("sesv2").list_recommendations(Filter=wanted)

    assert answer["Recommendations"] == []


@pytest.fixture
def plain_moto() -> Iterator[SESBackend]:
    with mock_aws():
        yield SESBackend("eu-west-1", "123456789012")


def test_gap_moto_takes_every_identity_for_signed(plain_moto: SESBackend) -> None:
    """Once this fails, see whether moto tells DKIM of a domain from that of an address; then delete
    `dkim_domains` of SesBackend in deploy/local/ses/backend.py.
    """
    plain_moto.verify_domain("example.org")
    plain_moto.verify_email_identity("files@example.net")

    found = plain_moto.get_identity_dkim_attributes(["example.org", "files@example.net"])

    assert {state["DkimVerificationStatus"] for state in found.values()} == {"Success"}


def test_gap_moto_forgets_what_happens_without_an_mx_record(plain_moto: SESBackend) -> None:
    """Once this fails, delete `set_identity_mail_from_domain` in deploy/local/ses/backend.py."""
    plain_moto.verify_domain("example.com")
    plain_moto.set_identity_mail_from_domain("example.com", "bounce.example.com")

    found = plain_moto.get_identity_mail_from_domain_attributes(["example.com"])

    assert found["example.com"]["BehaviorOnMXFailure"] is None


def test_gap_moto_keeps_the_mail_from_domain_of_what_is_deleted(plain_moto: SESBackend) -> None:
    """Once this fails, delete the line about it in `delete_identity` of SesBackend."""
    plain_moto.verify_domain("example.com")
    plain_moto.set_identity_mail_from_domain("example.com", "bounce.example.com")

    plain_moto.delete_identity("example.com")

    assert plain_moto.identity_mail_from_domains


def test_gap_moto_advises_nobody() -> None:
    """Once this fails, delete deploy/local/ses/backend_v2.py."""
    assert not hasattr(SESV2Response, "list_recommendations")
