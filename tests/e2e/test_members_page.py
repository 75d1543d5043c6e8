"""What a member sees after signing in: the versions, their downloads, and who can read it all.

The console has to stay empty in all of these tests.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.accessibility import problems_of
from tests.browser import ENTER, RIGHT, SHIFT, TAB, Browser
from tests.e2e.members_area import NO_MEMBER, MembersArea, answer, version
from tests.e2e.members_window import heading_is, open_area, says, sign_in

pytestmark = pytest.mark.slow

Way = Callable[[MembersArea, Browser], None]

ADMIN = ["admins", "members"]
HTML = "<img src=x onerror=alert(1)>"
AWKWARD = 'my "game" (final) + ü & 100%?.zip'
LONG = "x" * 200
LONG_NOTES = "\n".join(f"Line {number}." for number in range(200))
DOWNLOAD, SURVEY, MORE = ('[data-slot="download"]', '[data-slot="survey"]', '[data-slot="more"]')


def test_a_version_is_shown_with_all_that_belongs_to_it(area: MembersArea, member: Browser) -> None:
    area.versions = [
        version("1.4.0", "game-windows.zip", "game-mac.dmg", notes="A second level.\nA new door."),
        version("1.3.0", notes=LONG_NOTES),
    ]
    member.live_in("Europe/Berlin")

    sign_in(member, area)

    assert member.texts("h2") == ["1.4.0", "1.3.0"]
    assert member.texts("article time")[0] == "Friday, 20 November 2026 at 19:05"
    assert member.texts(".files p") == [
        "game-windows.zip 4.3 MB",
        "game-mac.dmg 4.3 MB",
        "game.zip 4.3 MB",
    ]
    assert member.texts(".notes") == ["A second level.\nA new door.", ""]  # the long ones folded
    assert "works for one minute" in member.text('[data-slot="how"]')


def test_nothing_published_is_told(area: MembersArea, member: Browser) -> None:
    area.versions = []

    sign_in(member, area)

    assert "There are no versions yet." in member.text("#view")
    assert not member.shows("article")


def test_a_press_saves_the_file(area: MembersArea, member: Browser, downloads: Path) -> None:
    """Under its own name; the page stays, says what happens, and can give it again."""
    area.versions = [version("1.4.0 β/x", "other.zip", "my game (final) + ü.zip")]
    sign_in(member, area)

    member.run(f"document.querySelectorAll('{DOWNLOAD}')[1].click()")

    says(member, "The download of my game (final) + ü.zip is starting.")
    assert member.saved(downloads, "my game (final) + ü.zip") == b"the game"
    assert member.texts("h2") == ["1.4.0 β/x"]
    assert [url for url in area.urls if url in member.visited()] == []


def test_a_version_that_was_withdrawn_meanwhile_is_told(area: MembersArea, member: Browser) -> None:
    sign_in(member, area)
    area.versions = []

    member.click(DOWNLOAD)

    says(member, "There is no such file; load the page again.")


def test_more_versions_are_loaded_page_by_page(area: MembersArea, member: Browser) -> None:
    """The reader is put at the first new one."""
    area.versions = [version(f"1.{number}") for number in range(45, 0, -1)]
    sign_in(member, area)
    assert len(member.texts("h2")) == 20

    member.click(MORE)
    says(member, "20 more, 40 in all.")
    assert member.run("return document.activeElement.textContent") == "1.25"
    member.click(MORE)
    says(member, "5 more, 45 in all; that is the end of the list.")

    assert member.texts("h2") == [f"1.{number}" for number in range(45, 0, -1)]
    assert not member.shows(MORE)


@pytest.mark.parametrize("name", [HTML, AWKWARD, "../..", "=cmd()", LONG, "{{x}} ${x} $x"])
def test_hostile_names_are_text(area: MembersArea, member: Browser, name: str) -> None:
    """As version, as file and in notes."""
    area.versions = [version(name, name, notes=f"{name}\n</div></template><script>")]
    area.questions = [{"id": "a", "text": name, "kind": "choice", "choices": [name, "b"]}]
    sign_in(member, area)

    assert member.texts("h2") == [name]
    assert member.texts(".files bdi") == [name]
    assert member.texts(".notes") == [f"{name}\n</div></template><script>"]
    assert not member.shows("img")
    member.click(DOWNLOAD)
    member.wait_until(lambda: len(area.urls) == 1)
    member.click(SURVEY)
    heading_is(member, f"Survey for {name}")
    assert member.texts("legend") == [f"{name} (optional)"]
    assert member.texts(".choice") == [name, "b", "No answer"]


def test_files_that_are_too_many_are_counted(area: MembersArea, member: Browser) -> None:
    area.versions = [version("3"), version("2", not_listed=12), version("1", not_listed=1)]
    sign_in(member, area)

    assert member.texts("[data-slot='rest']:not([hidden])") == [
        f"{files} not fit on this page. Ask the person who published this version for a single "
        "archive."
        for files in ("12 more files do", "1 more file does")
    ]


def test_names_cannot_change_the_reading_direction(area: MembersArea, member: Browser) -> None:
    """U+202E would let it read "annexeexe.zip"; it is asked for under its own name all the same."""
    area.versions = [version("1\u202e0", "annexe\u202epiz.exe", notes="a\u202eb")]
    sign_in(member, area)

    assert member.texts("h2") == ["10"]
    assert member.texts(".files bdi") == ["annexepiz.exe"]
    assert member.texts(".notes") == ["ab"]
    member.click(DOWNLOAD)
    member.wait_until(lambda: len(area.urls) == 1)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (503, "The members area is not responding. Wait a minute and try again."),
        (429, "Too many requests right now. Wait a minute and try again."),
        (403, "You do not have access to this. If you should, ask the person who invited you."),
        (200, "The members area is not responding. Wait a minute and try again."),
    ],
)
def test_what_cannot_be_shown_can_be_tried_again(
    area: MembersArea, window: Browser, status: int, sentence: str
) -> None:
    area.broken["/artifacts"] = status
    open_area(window, area)
    window.click("#view button")
    heading_is(window, "Login")
    window.click("button")
    says(window, sentence)
    area.broken.clear()

    window.click("#view button")

    window.wait_until(lambda: window.texts("h2") == ["1.4.0"])
    assert window.text("#messages") == ""


def test_an_admin_sees_all_answers(area: MembersArea, member: Browser) -> None:
    """With the questions' words, page by page."""
    area.login.person["cognito:groups"] = ADMIN
    area.page_size = 2
    given = {"liked": f"{HTML}\nThe cat.", "again": "Yes", "overall": 5, "dropped": "question"}
    people = ("ann@example.com", "", "carol@example.com")
    area.members_answers = [answer(person, **given) for person in people]
    sign_in(member, area)

    member.click('[data-slot="answers"]')
    heading_is(member, "All answers")
    member.click(MORE)
    says(member, "1 more, 3 in all; that is the end of the list.")

    assert member.texts("h2") == [
        "ann@example.com on 1.4.0",
        "sub-of-somebody on 1.4.0",
        "carol@example.com on 1.4.0",
    ]
    assert member.texts("dl")[0].splitlines() == [
        "What did you like?",
        HTML,
        "The cat.",
        "Would you play again?",
        "Yes",
        "How good is it, all in all?",
        "5",
        "dropped",
        "question",
    ]


def test_all_answers_are_saved_for_a_spreadsheet(
    area: MembersArea, member: Browser, downloads: Path
) -> None:
    """All pages, with their header once; an older survey's lines stay below a header of theirs."""
    area.login.person["cognito:groups"] = ADMIN
    area.members_answers = [answer("ann@example.com")]
    header, older = '"version","liked"\r\n', '"version","dropped"\r\n'
    area.csv = [f'{header}"1.4.0","Äh"\r\n', f'{header}"1.4.0","b"\r\n', f'{older}"1","c"\r\n']
    sign_in(member, area)
    member.click('[data-slot="answers"]')
    heading_is(member, "All answers")

    member.click('[data-slot="csv"]')

    says(member, "survey-answers.csv has been saved.")
    content = member.saved(downloads, "survey-answers.csv").decode("utf-8-sig")
    assert content == f'{header}"1.4.0","Äh"\r\n"1.4.0","b"\r\n{older}"1","c"\r\n'


def test_who_is_no_member_is_told_and_can_sign_out(area: MembersArea, member: Browser) -> None:
    """The API refuses them everything, so a refusal to end their session must not keep them."""
    area.lets_in = False
    open_area(member, area)
    member.click("#view button")
    heading_is(member, "Login")
    member.click("button")
    says(member, NO_MEMBER)

    member.click("#sign-out")
    heading_is(member, "Members area")

    member.wait_until(lambda: len(area.login.revoked) == 1)


def test_a_member_is_not_offered_what_admins_see(area: MembersArea, member: Browser) -> None:
    area.login.person["cognito:groups"] = ["members"]

    sign_in(member, area)

    assert not member.shows('[data-slot="answers"]')


def test_the_keyboard_is_enough(area: MembersArea, member: Browser, downloads: Path) -> None:
    """From the sign-in to the download, the survey and the sign-out; the focus is never lost."""
    open_area(member, area)
    member.type(TAB + ENTER)
    heading_is(member, "Login")
    member.type(ENTER)
    heading_is(member, "Versions")

    member.type(TAB + ENTER)  # the first thing after the heading
    assert member.saved(downloads, "game.zip") == b"the game"
    member.type(TAB + ENTER)
    heading_is(member, "Survey for 1.4.0")
    member.type(TAB * 2 + "The cat" + TAB + " " + TAB + RIGHT + TAB + ENTER)
    says(member, "Thank you, your answers are saved.")

    (row,) = area.answers.values()
    assert row["answers"] == {"liked": "The cat", "again": "Yes", "overall": 1}
    member.type(TAB * 5, holding=SHIFT)
    member.type(ENTER)
    heading_is(member, "Members area")


def signing_in(area: MembersArea, member: Browser) -> None:
    member.open(f"{area.url}/?code=x&state=y")
    says(member, "This sign-in was started somewhere else")


def versions(area: MembersArea, member: Browser) -> None:
    area.versions = [version(LONG, LONG, AWKWARD, notes=LONG * 3), version("1.3.0")]
    area.page_size = 1
    sign_in(member, area)
    member.click(DOWNLOAD)
    says(member, "is starting")


def survey(area: MembersArea, member: Browser) -> None:
    area.questions.append({"id": "long", "text": LONG, "kind": "text", "required": True})
    area.versions = [version(LONG)]
    sign_in(member, area)
    member.click(SURVEY)
    member.click('[data-slot="send"]')
    says(member, "2 questions need an answer. Nothing has been sent yet.")


def all_answers(area: MembersArea, member: Browser) -> None:
    area.login.person.update({"cognito:groups": ADMIN, "email": f"{LONG}@example.com"})
    area.members_answers = [answer(f"{LONG}@example.com", **{LONG: LONG, "b": 1})]
    sign_in(member, area)
    member.click('[data-slot="answers"]')
    heading_is(member, "All answers")


def unwell(area: MembersArea, member: Browser) -> None:
    area.login_is_found = False
    member.open(f"{area.url}/")


@pytest.mark.parametrize("go", [signing_in, versions, survey, all_answers, unwell])
def test_everybody_can_read_it(area: MembersArea, window: Browser, go: Way) -> None:
    """In light, in dark, on the smallest phone, whatever is in it."""
    go(area, window)

    assert problems_of(window) == []
