"""The page of the members area, as the function hands it out: one file, which may load no other."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from members import page
from members.page import PageConfig, page_of, unwell_page
from web_pages.response import Response

LOGIN = "https://s3link-1.auth.eu-central-1.amazoncognito.com"
CONFIG = PageConfig(
    authorization_endpoint=f"{LOGIN}/oauth2/authorize",
    token_endpoint=f"{LOGIN}/oauth2/token",
    revocation_endpoint=f"{LOGIN}/oauth2/revoke",
    logout_endpoint=f"{LOGIN}/logout",
    issuer="https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc",
    client_id="client",
    scope="openid s3link-members/use",
    redirect_uri="https://abc.execute-api.eu-central-1.amazonaws.com/",
)
HOSTILE = "</script><script>alert(1)</script><!--&amp;\"'\u2028"
SOURCES = Path(page.__file__).with_name("page")
# What would make markup or code of a text, write to a log, or keep something after the tab is gone.
FORBIDDEN = [
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "DOMParser",
    "eval(",
    "new Function",
    "console.",
    "localStorage",
    "indexedDB",
    "document.cookie",
]


class Elements(HTMLParser):
    """The elements of a page with their attributes, and what stands in scripts and styles."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.contents: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(response.body)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem:
            self.contents.append((*self.found[-1], data))

    def content_of(self, tag: str, **attributes: str) -> str:
        """What is in the one element of this kind."""
        (content,) = [
            text
            for name, found, text in self.contents
            if name == tag and attributes.items() <= found.items()
        ]
        return content


def policy_of(response: Response) -> dict[str, str]:
    directives = response.headers["content-security-policy"].split("; ")
    return {name: value for name, _, value in (one.partition(" ") for one in directives)}


def hash_of(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def data_of(response: Response) -> dict[str, str]:
    data: dict[str, str] = json.loads(Elements(response).content_of("script", id="config"))
    return data


def test_the_policy_allows_the_pages_own_style_and_script() -> None:
    """By the hashes of exactly the bytes that a browser finds between the tags."""
    response = page_of(CONFIG)
    elements, policy = Elements(response), policy_of(response)

    assert policy["script-src"] == hash_of(elements.content_of("script", type="module"))
    assert policy["style-src"] == hash_of(elements.content_of("style"))
    assert [name for name, _ in elements.found].count("style") == 1
    assert [name for name, _ in elements.found].count("script") == 2


def test_the_policy_allows_nothing_else() -> None:
    """Questions go to the page's own API and to the login, and forms nowhere."""
    policy = policy_of(page_of(CONFIG))

    assert policy.pop("script-src") and policy.pop("style-src")
    assert policy == {
        "default-src": "'none'",
        "img-src": "data:",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "connect-src": f"'self' {LOGIN}",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }


def test_the_login_may_have_several_origins() -> None:
    config = replace(CONFIG, revocation_endpoint="https://b.example.com:8443/revoke")

    connected = policy_of(page_of(config))["connect-src"]

    assert connected == f"'self' https://b.example.com:8443 {LOGIN}"


def test_the_page_is_kept_by_nobody() -> None:
    answer = page_of(CONFIG).as_dict()

    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == "text/html; charset=utf-8"
    assert answer["headers"]["cache-control"] == "no-store"
    assert answer["headers"]["referrer-policy"] == "no-referrer"
    assert answer["headers"]["x-frame-options"] == "DENY"


def test_nothing_external_is_loaded() -> None:
    """No element names an address but the empty icon."""
    found = Elements(page_of(CONFIG)).found
    addresses = [
        value
        for _, attributes in found
        for name, value in attributes.items()
        if name in ("src", "href", "action", "srcset", "data", "style") or name.startswith("on")
    ]

    assert addresses == ["data:,"]
    assert not re.search(r"https?://|@import|url\(", page_of(CONFIG).body.split("</style>")[0])


def test_the_script_knows_no_address_but_the_configuration() -> None:
    script = Elements(page_of(CONFIG)).content_of("script", type="module")

    assert "://" not in script


def test_the_page_is_told_where_the_login_is() -> None:
    assert data_of(page_of(CONFIG)) == asdict(CONFIG)


def test_hostile_values_stay_values() -> None:
    """Whatever the configuration holds, the page has the same elements, and reads it back."""
    config = replace(CONFIG, client_id=HOSTILE, scope=HOSTILE)
    response = page_of(config)

    usual = [name for name, _ in Elements(page_of(CONFIG)).found]
    assert [name for name, _ in Elements(response).found] == usual
    assert data_of(response) == asdict(config)
    assert response.headers == page_of(CONFIG).headers


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://login.example.com/",
        "javascript:alert(1)",
        "https://login.example.com; script-src *",
        "https://login.example.com/ *",
        "https://login.example.com/\nx",
        "https://user@login.example.com/",
        "https://",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
        "//login.example.com/",
    ],
)
@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "logout_endpoint"])
def test_only_addresses_that_are_safe_to_talk_to_are_taken(name: str, address: str) -> None:
    with pytest.raises(ValueError, match=rf"^The login's {name} is no https address\.$"):
        replace(CONFIG, **{name: address})


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:4566/pool/token", "http://localhost:1/", LOGIN, f"{LOGIN}:443/"]
)
def test_this_machine_itself_is_safe_to_talk_to(address: str) -> None:
    config = replace(CONFIG, token_endpoint=address, redirect_uri=address)

    assert data_of(page_of(config))["token_endpoint"] == address


@pytest.mark.parametrize("name", sorted(path.name for path in SOURCES.glob("*.js")))
def test_every_script_is_in_the_page_and_free_of_what_is_forbidden(name: str) -> None:
    """Text stays text, and nothing is kept but in this tab."""
    source = (SOURCES / name).read_text("utf-8")

    assert source.strip() in page_of(CONFIG).body
    assert [word for word in FORBIDDEN if word in source] == []


def test_without_a_login_the_page_says_to_try_again() -> None:
    answer = unwell_page().as_dict()

    assert answer["statusCode"] == 503
    assert "Wait a minute and reload this page." in answer["body"]
    assert answer["headers"]["cache-control"] == "no-store"
    assert "script-src 'none'" in answer["headers"]["content-security-policy"]
    assert "<script" not in answer["body"]
