"""What the user pool mails: the invitation, and the code for a new password."""

from __future__ import annotations

from functools import cache

import pytest
from botocore.model import StructureShape
from botocore.session import get_session

from tests.templates.mails import AREA, CODE_MAIL, INVITATION_MAIL, MailTemplate, Reader
from tests.templates.reading import MEMBERS

PASSWORD_POLICY = MEMBERS.properties("MembersPool")["Policies"]["PasswordPolicy"]
_USERNAME, _CODE = "{username}", "{####}"

each_mail = pytest.mark.parametrize(
    ("mail", "shape"),
    [
        pytest.param(INVITATION_MAIL, "MessageTemplateType", id="invitation"),
        pytest.param(CODE_MAIL, "VerificationMessageTemplateType", id="code"),
    ],
)


@cache
def longest(shape: str, member: str) -> int:
    """How many characters Cognito takes."""
    model = get_session().get_service_model("cognito-idp").shape_for(shape)
    assert isinstance(model, StructureShape)
    return int(model.members[member].metadata["max"])


@each_mail
def test_cognito_takes_the_mail(mail: MailTemplate, shape: str) -> None:
    """Neither the subject nor the page is too long for it."""
    assert len(mail.parts["SubjectPart"]) <= longest(shape, "EmailSubject") == 140
    assert len(mail.parts["HtmlPart"]) <= longest(shape, "EmailMessage") == 20_000


def test_cognito_fills_in_what_it_knows() -> None:
    """An invitation has the address and the password; elsewhere Cognito knows the code only."""
    invitation, code = INVITATION_MAIL.parts["HtmlPart"], CODE_MAIL.parts["HtmlPart"]

    assert (invitation.count(_USERNAME), invitation.count(_CODE)) == (1, 1)
    assert (code.count(_USERNAME), code.count(_CODE)) == (0, 1)
    assert "${" not in invitation + code


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param("files@example.com invites you", id="who invites"),
        pytest.param("where you can download releases", id="to what"),
        pytest.param(f"the address this email was sent to: {_USERNAME}", id="the address"),
        pytest.param(f"works for 7 days: {_CODE}", id="the password, and for how long"),
        pytest.param("The first time you sign in, you choose your own password", id="what is next"),
        pytest.param(f"The members area is at {AREA}/", id="where to go"),
        pytest.param("for you alone. Please do not forward this email", id="not to pass it on"),
        pytest.param("ask the person who invited you for a new invitation", id="when it ended"),
        pytest.param("Not expecting an invitation?", id="what if not"),
    ],
)
def test_the_invitation_says_everything(wanted: str) -> None:
    """Whoever has never heard of s3link knows what to do."""
    assert wanted in INVITATION_MAIL.text_of("HtmlPart", {})


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param("for the members area of files@example.com", id="of what"),
        pytest.param(f"works for one hour: {_CODE}", id="the code, and for how long"),
        pytest.param("Enter it on the page that asks for it", id="what to do"),
        pytest.param(f"The members area is at {AREA}/", id="where to go"),
        pytest.param("nobody who helps you needs it", id="not to tell it"),
        pytest.param("You, or the person who invited you, asked for", id="why it came"),
        pytest.param("If you were not expecting this, do nothing", id="what if not"),
    ],
)
def test_the_code_says_everything(wanted: str) -> None:
    """It comes to those who forgot their password, and to those whose password the admin reset."""
    assert wanted in CODE_MAIL.text_of("HtmlPart", {})


def test_the_mails_say_what_the_pool_does() -> None:
    """The days of a temporary password and the length of the next one are the policy's."""
    days, length = (
        PASSWORD_POLICY["TemporaryPasswordValidityDays"],
        PASSWORD_POLICY["MinimumLength"],
    )

    invitation = INVITATION_MAIL.text_of("HtmlPart", {})

    assert f"The temporary password works for {days} days" in invitation
    assert f"which works for {days} days:" in invitation
    for said in (invitation, CODE_MAIL.text_of("HtmlPart", {})):
        assert f"of at least {length} characters" in said


@each_mail
def test_the_only_way_out_is_the_members_area(mail: MailTemplate, shape: str) -> None:
    """One link, with the slash that the sign-in page's callback has."""
    assert Reader(mail.parts["HtmlPart"]).links == [f"{AREA}/"]
