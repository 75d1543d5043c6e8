"""Many clicks at the same moment, through HTTP, function and table: each download is given once.

The same for the table alone, with more clicks: tests/lambda_src/portal_links/test_links.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from deploy.local.server import EmbeddedAws
from tests.e2e.portal import Portal, follow, press
from tests.local.apis import Reply
from tests.mails import link_in

pytestmark = pytest.mark.slow

AT_THE_SAME_MOMENT = 200  # clicks on one link
PEOPLE = 100  # each with a link of their own
CLICKS_EACH = 10
AT_ONCE = 20  # of those clicks; the embedded AWS runs four at a time


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with EmbeddedAws(retry_delays=(0.05, 0.05)) as aws:
        folder = tmp_path_factory.mktemp("operator")
        yield Portal(aws, folder, MaxDownloads="1", DownloadGracePeriod="0")


def press_all(links: Sequence[str], at_once: int) -> list[Reply]:
    """Press each link's button; the answers in the order of the links."""
    with ThreadPoolExecutor(at_once) as people:
        return list(people.map(press, links))


def test_of_simultaneous_clicks_one_downloads(portal: Portal) -> None:
    """200 on a one-time link without a grace period: one gets the file, 199 a page."""
    shared = portal.share()

    replies = press_all([shared.link] * AT_THE_SAME_MOMENT, AT_THE_SAME_MOMENT)

    assert Counter(reply.status for reply in replies) == {303: 1, 410: 199}
    [winner] = [reply for reply in replies if reply.status == 303]
    assert follow(winner).body == shared.content
    assert portal.row(shared.id)["Downloads"] == 1


def test_no_link_of_many_gives_its_file_twice(portal: Portal) -> None:
    """1,000 clicks on 100 one-time links, mixed: exactly 100 downloads, one of each link."""
    people = [f"person{number}@example.com" for number in range(PEOPLE)]
    portal.upload("for all.pdf", recipients=",".join(people))
    links = [link_in(portal.mail_to(person)) for person in people]

    clicks = links * CLICKS_EACH
    replies = press_all(clicks, AT_ONCE)

    assert Counter(reply.status for reply in replies) == {303: 100, 410: 900}
    won = [link for link, reply in zip(clicks, replies, strict=True) if reply.status == 303]
    assert Counter(won) == dict.fromkeys(links, 1)


def test_within_the_grace_period_each_click_is_served_and_one_counted(portal: Portal) -> None:
    """200 on a one-time link: its reader's second tries are not refused, and not counted."""
    ran = portal.s3link("deploy --yes --set DownloadGracePeriod=600")
    assert ran.exit_code == 0, ran.stderr
    shared = portal.share()

    replies = press_all([shared.link] * AT_THE_SAME_MOMENT, AT_THE_SAME_MOMENT)

    assert Counter(reply.status for reply in replies) == {303: 200}
    assert follow(replies[0]).body == follow(replies[-1]).body == shared.content
    assert portal.row(shared.id)["Downloads"] == 1
