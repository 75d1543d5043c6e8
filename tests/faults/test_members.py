"""Faults that a members area meets: nobody is let in by one, and no answer is half there."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

from deploy.local.server import EmbeddedAws
from tests.browser import Browser
from tests.e2e.members_window import VERSIONS as VERSIONS_PAGE
from tests.e2e.members_window import fill_in, heading_is, says
from tests.faults.faults import (
    ADDRESS,
    ANSWER,
    FIND,
    HEAD,
    SESSION,
    SIGN_OUT,
    VERSIONS,
    Faults,
)
from tests.faults.members import MEMBER, PASSWORD, VERSION, WithMembers
from tests.local.apis import ask
from tests.signing_in import Visit
from tests.waiting import until

pytestmark = pytest.mark.slow

API, FUNCTION = "MembersApiErrorsTooHighAlarm", "MembersErrorsTooHighAlarm"
THROTTLES = "MembersThrottlesTooHighAlarm"
ONE = f"/artifacts/{VERSION}"
SURVEY = f"/survey?version={VERSION}"
# The embedded AWS's words; Cognito has a page of its own.
LOGIN_IS_DOWN = "This did not work\ncognito-idp is stopped in the embedded AWS."


@pytest.fixture(scope="module")
def deployed_members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WithMembers]:
    """Beside direct links, with a member who has signed in before."""
    faults = Faults()
    with EmbeddedAws(retry_delays=(0.3, 0.3), wire=faults) as aws:
        home = tmp_path_factory.mktemp("operator")
        members = WithMembers.on(aws, faults, home, frozenset({"members"}))
        members.add_member()
        yield members


@pytest.fixture
def members(deployed_members: WithMembers) -> Iterator[WithMembers]:
    """The same with one version and nothing on its alarms' minds."""
    deployed_members.forget()
    deployed_members.publish()
    yield deployed_members
    deployed_members.faults.end()


@pytest.fixture
def member(members: WithMembers) -> Visit:
    """A fresh sign-in, for access tokens end after five minutes."""
    return members.visit()


def answers(text: str, rating: int) -> dict[str, Any]:
    """To the three questions that are asked without survey.json."""
    return {"rating": rating, "works": "Most of it", "comment": text}


def send(member: Visit, given: dict[str, Any]) -> int:
    return member.post("/survey", {"version": VERSION, "answers": given}).status


def kept(member: Visit) -> Any:
    return member.get(SURVEY).document["answers"]


def told(members: WithMembers, alarms: set[str]) -> None:
    """These alarms and no others are on, and the admin has their mails."""
    until(lambda: members.alarms() == alarms)
    members.wait_until_admin_knows(alarms)


def test_the_pool_does_not_say_whose_answers_they_are(members: WithMembers, member: Visit) -> None:
    """They are kept all the same; the next time the address is there."""
    members.faults.answer(ADDRESS, 500, "InternalErrorException")

    assert send(member, answers("much", 4)) == 200
    [row] = members.rows_of_answers()
    assert row["Member"] == {"S": ""}
    assert "the answers are kept without it" in members.log("MembersLogGroup")

    members.faults.end()
    assert send(member, answers("much", 4)) == 200
    [row] = members.rows_of_answers()
    assert row["Member"] == {"S": MEMBER}
    assert members.alarms() == set()


def test_the_login_is_down(members: WithMembers, member: Visit, window: Browser) -> None:
    """Neither the page's button nor a password leads in, and a new process's page says so; whoever
    has signed in goes on. Afterwards the same button and password do lead in."""
    members.aws.kill_processes(members.function)  # so that one process answers, and knows the login
    assert member.get(ONE).status == 200  # so that the API knows the pool's keys
    area = f"{members.login.area}/"
    window.open(area)
    window.click("#view button")
    window.wait_until(lambda: window.title == "Sign in")

    members.aws.services.stop("cognito-idp")
    try:
        fill_in(window, "Sign in", username=MEMBER, password=PASSWORD)
        says(window, LOGIN_IS_DOWN, "main")
        window.open(area)
        window.click("#view button")
        says(window, LOGIN_IS_DOWN, "main")
        members.aws.kill_processes(members.function)
        window.open(area)
        heading_is(window, "You cannot sign in right now")
        says(window, "Wait a minute and reload this page.", "main")
        assert member.get(ONE).status == 200
    finally:
        members.aws.services.start("cognito-idp")
    told(members, {API})

    window.reload()
    window.click("#view button")
    fill_in(window, "Sign in", username=MEMBER, password=PASSWORD)
    heading_is(window, VERSIONS_PAGE)
    assert window.texts("h2") == [VERSION]


def test_the_table_of_answers_is_down(members: WithMembers, member: Visit) -> None:
    """What was answered before stays; downloads go on."""
    before = answers("before", 3)
    assert send(member, before) == 200
    for step in (FIND, ANSWER):
        members.faults.answer(step, 500, "InternalServerError")

    shown = member.get(SURVEY)
    assert (shown.status, send(member, answers("after", 5))) == (503, 503)
    assert "DynamoDB does not do it at present" in shown.document["error"]
    assert member.get(ONE).status == 200

    told(members, {API})
    members.faults.end()
    assert kept(member) == before


def test_the_word_about_an_answer_is_lost(members: WithMembers, member: Visit) -> None:
    """It is written once more, and is the same row."""
    members.faults.lose_the_answer(ANSWER, times=1)

    assert send(member, answers("twice", 2)) == 200
    assert kept(member) == answers("twice", 2)
    assert len(members.rows_of_answers()) == 1
    assert members.alarms() == set()


def test_the_table_of_signed_out_sessions_is_down(members: WithMembers, member: Visit) -> None:
    """Nobody is let through whose sign-out cannot be known of."""
    members.faults.answer(SESSION, 500, "InternalServerError")

    replies = [
        member.get("/artifacts"),
        member.get(ONE),
        member.get(SURVEY),
        member.post("/survey", {"version": VERSION, "answers": answers("x", 1)}),
        member.post("/sign-out"),
    ]
    assert [reply.status for reply in replies] == [503] * len(replies)
    assert all(reply.document.keys() == {"error"} for reply in replies)

    told(members, {API})
    members.faults.end()
    assert member.get(ONE).status == 200


def test_a_sign_out_cannot_be_written(members: WithMembers, member: Visit) -> None:
    """It is not called one, and the member tries again."""
    members.faults.answer(SIGN_OUT, 400, "ThrottlingException")

    assert member.post("/sign-out").status == 503
    assert member.get(ONE).status == 200

    told(members, {API})
    members.faults.end()
    assert member.post("/sign-out").status == 200
    assert member.get(ONE).status == 401


def test_the_bucket_is_down(members: WithMembers, member: Visit) -> None:
    """Nothing is said not to be there that only cannot be looked up."""
    for step in (VERSIONS, HEAD):
        members.faults.answer(step, 503, "ServiceUnavailable")

    replies = [member.get(path) for path in ("/artifacts", ONE, f"{ONE}?file=game.zip", SURVEY)]
    assert [reply.status for reply in replies] == [503] * len(replies)
    assert all("S3 does not do it" in reply.document["error"] for reply in replies)

    told(members, {API})
    members.faults.end()
    assert member.get(ONE).status == 200


def test_two_answers_at_once(members: WithMembers, member: Visit) -> None:
    """The one that is written last is there, whole; nothing of the other is."""
    slow, quick = answers("slow", 1), answers("quick", 5)
    del slow["works"]
    sent = []
    members.faults.meanwhile(ANSWER, lambda: sent.append(send(member, quick)), times=1)

    assert send(member, slow) == 200
    # A slow machine lets the first call run into its time limit: it is written again.
    until(lambda: sent == [200] and kept(member) == slow)
    assert len(members.rows_of_answers()) == 1


def test_a_sign_out_while_a_download_is_asked_for(members: WithMembers, member: Visit) -> None:
    """What was asked for before is given, for its minute; nothing is given afterwards."""
    signed_out = []
    members.faults.meanwhile(
        HEAD, lambda: signed_out.append(member.post("/sign-out").status), times=1
    )

    given = member.get(ONE)
    assert given.status == 200
    until(lambda: signed_out == [200])
    assert "X-Amz-Expires=60&" in f"{given.document['url']}&"
    assert [member.get(path).status for path in ("/artifacts", ONE, SURVEY)] == [401] * 3
    assert members.alarms() == set()


def test_a_version_is_withdrawn_meanwhile(members: WithMembers, member: Visit) -> None:
    """Between the list and the press, and between the press and S3's answer."""
    members.faults.meanwhile(HEAD, members.withdraw)

    gone = member.get(ONE)
    later = member.get(ONE)

    assert (gone.status, later.status) == (404, 404)
    assert gone.document["error"] == (
        'There is no file "game.zip" in version "1.4.0", or not any more; load the list again.'
    )
    assert later.document["error"] == (
        'There is no version "1.4.0", or not any more; load the list again.'
    )
    assert member.get("/artifacts").document["versions"] == []
    assert members.alarms() == set()


def test_lambda_throttles_members(members: WithMembers, member: Visit) -> None:
    """Who came too many is told to try again."""
    awslambda, name = members.clients.awslambda, members.function
    awslambda.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        assert member.get(ONE).status == 503
        told(members, {API, THROTTLES})
    finally:
        awslambda.delete_function_concurrency(FunctionName=name)
    assert member.get(ONE).status == 200


def test_members_dies(members: WithMembers, member: Visit) -> None:
    """Nothing was given, and the next request starts another one."""
    members.faults.before(HEAD, lambda: members.aws.kill_processes(members.function), times=1)

    assert member.get(ONE).status == 500

    told(members, {API, FUNCTION})
    assert member.get(ONE).status == 200


def test_members_is_too_slow(members: WithMembers, member: Visit) -> None:
    """Lambda ends it at its time limit."""
    over, awslambda, name = Event(), members.clients.awslambda, members.function
    awslambda.update_function_configuration(FunctionName=name, Timeout=1)
    members.faults.hold(SESSION, over)
    try:
        assert member.get(ONE).status >= 500
        told(members, {API, FUNCTION})
    finally:
        over.set()
        members.faults.end()
        awslambda.update_function_configuration(FunctionName=name, Timeout=29)
    assert member.get(ONE).status == 200


def test_nobody_is_let_in_without_a_token(members: WithMembers) -> None:
    """Whatever is down: the gate is before the function."""
    members.faults.answer(SESSION, 500, "InternalServerError")

    assert ask(f"{members.login.area}{ONE}").status == 401
    assert members.alarms() == set()
