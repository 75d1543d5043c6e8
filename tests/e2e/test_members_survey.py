"""A member's survey form: what is sent, what is kept until then, and for whom.

The console has to stay empty in all of these tests.
"""

from __future__ import annotations

import pytest

from tests.browser import Browser
from tests.e2e.members_area import ANSWERED, MembersArea
from tests.e2e.members_login import MEMBER
from tests.e2e.members_window import SIGN_IN, heading_is, press_through, says, sign_in

pytestmark = pytest.mark.slow

SURVEY = "Survey for 1.4.0"
BOBS = ("1.4.0", MEMBER["sub"])
DRAFT_FOUND = "Your unsent answers have been filled in."


@pytest.fixture
def form(area: MembersArea, member: Browser) -> Browser:
    """In front of the form, with nothing answered."""
    sign_in(member, area)
    open_survey(member)
    return member


def open_survey(member: Browser) -> None:
    member.click('[data-slot="survey"]')
    heading_is(member, SURVEY)


def write(form: Browser, text: str) -> None:
    form.click("textarea")
    form.type(text)


def choose(form: Browser, text: str) -> None:
    position = form.texts(".choice").index(text)
    form.run(f"document.querySelectorAll('.choice')[{position}].click()")


def send(form: Browser) -> None:
    form.click('[data-slot="send"]')


def filled_in(form: Browser) -> list[str]:
    """The text, and the chosen of the others."""
    chosen: list[str] = form.run(
        """
        const text = document.querySelector("textarea").value;
        const chosen = [...document.querySelectorAll(".choice:has(:checked)")];
        return [text, ...chosen.map((one) => one.textContent.trim())];
        """
    )
    return chosen


def test_answers_are_sent_and_may_be_changed(area: MembersArea, form: Browser) -> None:
    """What was answered before is filled in; a cleared answer is no answer."""
    assert filled_in(form) == ["", "No answer"]
    write(form, "The music")
    choose(form, "Yes")
    choose(form, "4")
    send(form)
    says(form, "Thank you, your answers are saved.")
    sent = dict(area.answers[BOBS]["answers"])
    form.click('[data-slot="back"]')
    heading_is(form, "Versions")

    open_survey(form)
    before = filled_in(form)
    write(form, " and the cat")
    choose(form, "No answer")
    send(form)
    says(form, "Thank you, your answers are saved.")

    assert sent == {"liked": "The music", "again": "Yes", "overall": 4}
    assert before == ["The music", "Yes", "4"]
    assert area.answers[BOBS]["answers"] == {"liked": "The music and the cat", "again": "Yes"}
    assert "You answered on Saturday, 21 November 2026" in form.text('[data-slot="state"]')


def test_an_answer_that_is_needed_is_asked_for(area: MembersArea, form: Browser) -> None:
    """At the question itself, where the focus goes; nothing is sent."""
    send(form)
    says(form, "One question needs an answer. Nothing has been sent yet.")

    assert [text for text in form.texts(".wrong") if text] == ["Please answer this question."]
    assert form.run("return document.activeElement.closest('label').textContent.trim()") == "Yes"
    assert form.run("return document.querySelector('[aria-invalid]').ariaRequired") == "true"
    assert area.answers == {}
    choose(form, "No")
    assert not [text for text in form.texts(".wrong") if text]


def test_a_draft_survives_the_end_of_the_session(area: MembersArea, form: Browser) -> None:
    """Sending it leads to the sign-in, and the sign-in back to the form, where it is filled in."""
    write(form, "<b>The music</b>")
    choose(form, "Yes")
    area.login.end_sessions()
    area.login.logged_in.clear()

    send(form)
    heading_is(form, SIGN_IN)
    says(form, "Your session has ended. Sign in again to continue; what you wrote has been kept.")
    press_through(form, SURVEY)

    says(form, DRAFT_FOUND)
    assert filled_in(form) == ["<b>The music</b>", "Yes", "No answer"]
    send(form)
    says(form, "Thank you, your answers are saved.")
    assert area.answers[BOBS]["answers"] == {"liked": "<b>The music</b>", "again": "Yes"}
    assert form.run("return Object.keys(sessionStorage)") == ["members.signed-in"]
    assert area.login.faults.pop() == "refresh_token refused"


def test_a_draft_survives_a_reload_and_the_way_back(area: MembersArea, form: Browser) -> None:
    """It goes before what was sent."""
    area.answers[BOBS] = {"answers": {"liked": "Nothing", "again": "No"}, "answeredAt": ANSWERED}
    write(form, "The music")

    form.reload()
    form.wait_until(lambda: len(area.login.grants) == 2)
    says(form, DRAFT_FOUND)
    assert filled_in(form) == ["The music", "No answer"]
    form.click('[data-slot="back"]')
    heading_is(form, "Versions")
    form.back()
    heading_is(form, SURVEY)

    says(form, DRAFT_FOUND)
    assert filled_in(form) == ["The music", "No answer"]


def test_a_draft_is_nobody_elses(area: MembersArea, form: Browser) -> None:
    """Neither for the next who signs in after a session has ended, nor after a sign-out."""
    write(form, "Between us")
    area.login.end_sessions()
    area.login.logged_in.clear()
    send(form)  # a question is not answered yet
    choose(form, "Yes")
    send(form)
    heading_is(form, SIGN_IN)
    area.login.person.update(sub="sub-of-ann", email="ann@example.com")

    press_through(form, SURVEY)
    assert filled_in(form) == ["", "No answer"]
    form.click("#sign-out")
    heading_is(form, SIGN_IN)

    form.wait_until(lambda: form.run("return sessionStorage.length") == 0)
    assert area.login.faults.pop() == "refresh_token refused"


def test_the_apis_own_sentence_is_shown(area: MembersArea, window: Browser) -> None:
    """And the draft stays."""
    sign_in(window, area)
    open_survey(window)
    choose(window, "Yes")
    area.broken["/survey"] = 503
    send(window)
    says(window, "The members area is not responding. Wait a minute and try again.")
    assert filled_in(window) == ["", "Yes", "No answer"]
    area.broken.clear()

    send(window)

    says(window, "Thank you, your answers are saved.")
