"""Which route a request takes."""

from __future__ import annotations

import pytest

from deploy.local.apigateway.routes import Match, choose, is_route_key

KEYS = (
    "GET /pets/dog/1",
    "GET /pets/dog/{id}",
    "GET /pets/{proxy+}",
    "ANY /{proxy+}",
    "ANY /any",
    "POST /any",
    "GET /{first}/second",
    "GET /one/{second}",
    "$default",
)


@pytest.mark.parametrize(
    ("method", "path", "key", "parameters"),
    [
        # The first four are AWS's own examples.
        ("GET", "/pets/dog/1", "GET /pets/dog/1", {}),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}", {"id": "2"}),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}", {"proxy": "cat/1"}),
        ("POST", "/test/5", "ANY /{proxy+}", {"proxy": "test/5"}),
        ("POST", "/any", "POST /any", {}),
        ("GET", "/any", "ANY /any", {}),
        ("GET", "/one/second", "GET /one/{second}", {"second": "second"}),
        ("HEAD", "/pets/dog/1", "ANY /{proxy+}", {"proxy": "pets/dog/1"}),
        ("GET", "/pets/dog/1/", "GET /pets/{proxy+}", {"proxy": "dog/1/"}),
        ("GET", "/pets/dog/", "GET /pets/{proxy+}", {"proxy": "dog/"}),
        ("GET", "/", "$default", {}),
    ],
)
def test_the_route_that_fits_best(
    method: str, path: str, key: str, parameters: dict[str, str]
) -> None:
    """What is exact comes before a variable, that before a greedy one, a method before ANY."""
    assert choose(KEYS, method, path) == Match(key, parameters)


@pytest.mark.parametrize(
    ("method", "path"),
    [("HEAD", "/d/x"), ("POST", "/d/x"), ("GET", "/d/"), ("GET", "/d/x/y"), ("GET", "/D/x")],
)
def test_no_route(method: str, path: str) -> None:
    """HEAD is no GET, a variable is not empty, and capital letters count."""
    assert choose(["GET /d/{token}"], method, path) is None


def test_a_slash_at_the_end_is_another_path() -> None:
    """The default route takes it (storacha/w3infra PR 166)."""
    assert choose(["ANY /d/{token}", "$default"], "GET", "/d/x/") == Match("$default")


def test_the_order_of_the_routes_does_not_matter() -> None:
    """A template may list its routes as it likes."""
    assert choose(reversed(KEYS), "GET", "/pets/dog/2") == choose(KEYS, "GET", "/pets/dog/2")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("$default", True),
        ("GET /", True),
        ("ANY /{proxy+}", True),
        ("GET /a/{b}/c", True),
        ("GET", False),
        ("get /", False),
        ("TRACE /", False),
        ("GET d", False),
        ("GET /{proxy+}/x", False),
    ],
)
def test_route_keys(key: str, expected: bool) -> None:
    """A method and a path, or $default; a greedy variable comes last."""
    assert is_route_key(key) == expected
