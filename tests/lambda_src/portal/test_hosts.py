"""What a request says of the site that it came to counts for nothing: PortalUrl is the portal's."""

from __future__ import annotations

import pytest

from tests.lambda_src.portal_world import URL, PortalWorld

ELSEWHERE = "evil.example"
# The headers by which servers are led to believe that they are somebody else.
HOSTS = {
    "host": ELSEWHERE,
    "x-forwarded-host": ELSEWHERE,
    "x-forwarded-proto": "http",
    "x-original-host": ELSEWHERE,
    "forwarded": f"host={ELSEWHERE};proto=http",
}


@pytest.fixture
def portal() -> PortalWorld:
    return PortalWorld()


@pytest.mark.parametrize(
    ("route", "method", "path"),
    [
        ("GET /", "GET", "/"),
        ("ANY /d/{token}", "GET", "/d/TOKEN"),
        ("ANY /d/{token}", "POST", "/d/TOKEN"),
        ("$default", "GET", "/elsewhere"),
    ],
)
def test_answers_do_not_know_another_host(
    portal: PortalWorld, route: str, method: str, path: str
) -> None:
    """No page, policy or redirect changes with it, so none leads there."""
    token = portal.share().text
    path, parameters = path.replace("TOKEN", token), {"token": token}

    usual = portal.request(route, method, path, parameters=parameters)
    misled = portal.request(route, method, path, parameters=parameters, headers=HOSTS)

    assert misled == usual
    assert ELSEWHERE not in f"{misled.body} {misled.headers}"


@pytest.mark.parametrize("origin", [f"https://{ELSEWHERE}", f"http://{ELSEWHERE}", "null"])
def test_a_foreign_page_is_foreign_under_its_own_host(portal: PortalWorld, origin: str) -> None:
    """An origin that agrees with the host in the request is not the portal's for that."""
    headers = {**HOSTS, "origin": origin}

    answer = portal.request(
        *("POST /request-link", "POST", "/request-link"),
        form={"email": "bob@example.com"},
        headers=headers,
    )

    assert answer.status == 403
    assert portal.mailer.events == []


def test_the_portals_own_page_is_let_in_under_any_host(portal: PortalWorld) -> None:
    """Who stands between may say what they like of it."""
    headers = {**HOSTS, "origin": URL}

    answer = portal.request(
        *("POST /request-link", "POST", "/request-link"),
        form={"email": "bob@example.com"},
        headers=headers,
    )

    assert answer.status == 202
