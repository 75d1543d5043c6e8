"""Faults while a link is opened: the page says so, and the link is as good as before."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.faults.faults import FIND, HEAD, INVOKE, REDEEM
from tests.faults.portal import WithPortal, bytes_of
from tests.faults.test_given_up import Act, answers, start, stop
from tests.waiting import until

pytestmark = pytest.mark.slow

API, PORTAL = "PortalApiErrorsTooHighAlarm", "PortalErrorsTooHighAlarm"


@dataclass(frozen=True)
class Case:
    """`inject` → what the page and its button answer, which alarms ring → `mend`."""

    inject: Act
    page: int
    button: int
    mend: Act = lambda deployed: deployed.faults.end()
    alarms: frozenset[str] = frozenset({API})


def throttle(deployed: WithPortal) -> None:
    deployed.clients.awslambda.put_function_concurrency(
        FunctionName=deployed.function("Portal"), ReservedConcurrentExecutions=0
    )


def throttle_no_more(deployed: WithPortal) -> None:
    deployed.clients.awslambda.delete_function_concurrency(FunctionName=deployed.function("Portal"))


CASES = {
    "the table is down": Case(stop("dynamodb"), 503, 503, start("dynamodb")),
    "the table is throttled": Case(answers(FIND, 400, "ThrottlingException"), 503, 503),
    "the table is down at the click": Case(answers(REDEEM, 500, "InternalServerError"), 200, 503),
    "the table cannot be reached at the click": Case(
        lambda deployed: deployed.faults.lose_the_call(REDEEM), 200, 503
    ),
    "S3 is down": Case(answers(HEAD, 503, "ServiceUnavailable"), 503, 503),
    "S3 says 403": Case(answers(HEAD, 403, "AccessDenied"), 503, 503),
    "Lambda throttles": Case(throttle, 503, 503, throttle_no_more),
    "the function dies at the click": Case(
        lambda deployed: deployed.faults.before(REDEEM, lambda: deployed.kill_function("Portal")),
        *(200, 500),
        alarms=frozenset({API, PORTAL}),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_link_is_as_good_as_before(portal: WithPortal, name: str) -> None:
    """Also one that works once: nothing is counted that was not given, and the admin is told."""
    case, key = CASES[name], f"{name}.pdf"
    link = portal.share(key)
    before = len(portal.admins_mails())
    case.inject(portal)

    page, button = portal.open(link), portal.click(link).status

    until(lambda: portal.alarms() == case.alarms)
    case.mend(portal)
    assert (page, button) == (case.page, case.button)
    assert portal.downloads(key) == 0
    portal.wait_until_admin_knows(case.alarms, before)
    assert portal.gives(link) == bytes_of(key)
    assert portal.downloads(key) == 1


def test_the_answer_of_the_count_is_lost(portal: WithPortal) -> None:
    """The same click asks again and is a retry; so is the next click, should that fail too."""
    once, twice = portal.share("once.pdf"), portal.share("twice.pdf")

    portal.faults.lose_the_answer(REDEEM, times=1)
    served = portal.gives(once)
    portal.faults.lose_the_answer(REDEEM, times=2)
    failed = portal.click(twice).status

    assert (served, failed) == (bytes_of("once.pdf"), 503)
    assert portal.gives(twice) == bytes_of("twice.pdf")
    assert (portal.downloads("once.pdf"), portal.downloads("twice.pdf")) == (1, 1)


def test_the_answer_of_the_count_is_lost_without_a_grace_period(portal: WithPortal) -> None:
    """Nobody can know whether the file was given: once is once. The operator can extend it."""
    link = portal.share("strict.pdf")
    with portal.with_environment("Portal", DownloadGracePeriod="0"):
        portal.faults.lose_the_answer(REDEEM, times=1)

        assert portal.click(link).status == 410

    extended = portal.s3link("links extend --file strict.pdf --downloads 1 --yes")
    assert extended.exit_code == 0, extended.stderr
    assert portal.gives(link) == bytes_of("strict.pdf")


def test_the_function_dies_after_the_count(portal: WithPortal) -> None:
    """The download was counted and not given: the next click is its retry."""
    link = portal.share("dead.pdf")
    portal.faults.after(REDEEM, lambda: portal.kill_function("Portal"), times=1)

    assert portal.click(link).status == 500
    assert portal.gives(link) == bytes_of("dead.pdf")
    assert portal.downloads("dead.pdf") == 1


def test_the_file_of_a_link_is_gone(portal: WithPortal) -> None:
    """The page says so, nothing is counted, and nobody is alarmed."""
    link = portal.share("gone.pdf")
    version = portal.row("gone.pdf")["Version"]["S"]
    portal.clients.s3.delete_object(Bucket=portal.local.bucket, Key="gone.pdf", VersionId=version)

    assert (portal.open(link), portal.click(link).status) == (410, 410)
    assert portal.downloads("gone.pdf") == 0
    assert '"gone.pdf" is gone, though a link to it works' in portal.portal_log()
    assert portal.alarms() == set()


def test_news_of_a_download_cannot_be_handed_over(portal: WithPortal) -> None:
    """The download does not wait for the news of it, and is given."""
    link = portal.share("news.pdf")
    portal.faults.answer(INVOKE, 500, "ServiceException")

    with portal.telling_of_downloads():
        assert portal.gives(link) == bytes_of("news.pdf")
    assert "The portal could not tell of a first download" in portal.portal_log()
    assert portal.alarms() == set()
