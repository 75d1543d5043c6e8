"""What the embedded AWS answers to a browser."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from tests.local.account import Account


def status(url: str, **headers: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as response:
            return int(response.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


SIGNED = "AWS4-HMAC-SHA256 Credential=me/20260101/eu-west-1/s3/aws4_request, Signature=0"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 200),
        ({"Host": "localhost:{port}"}, 200),
        ({"Host": "s3.eu-west-1.amazonaws.com"}, 200),
        ({"Origin": "http://127.0.0.1:{port}"}, 200),
        ({"Host": "localhost:{port}", "Origin": "http://localhost:{port}"}, 200),
        ({"Origin": "https://example.com"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Host": "example.com:{port}"}, 403),
        ({"Host": "example.com:{port}", "Origin": "http://example.com:{port}"}, 403),
        ({"Host": "127.0.0.1.example.com:{port}"}, 403),
        ({"Host": "notlocalhost"}, 403),
        ({"Host": "[::1"}, 403),
        ({"Origin": "http://[::1"}, 403),
    ],
)
def test_only_own_pages_get_an_answer(
    account: Account, headers: dict[str, str], expected: int
) -> None:
    """A page elsewhere cannot use the operator's browser to call the embedded AWS."""
    port = account.aws.endpoint.rpartition(":")[2]
    sent = {name: value.format(port=port) for name, value in headers.items()}

    assert status(f"{account.aws.endpoint}/", Authorization=SIGNED, **sent) == expected


def test_browsers_question_for_leave_is_refused(account: Account) -> None:
    """Before a page calls with a signature its browser asks; moto alone would allow everything."""
    request = urllib.request.Request(
        account.aws.endpoint,
        method="OPTIONS",
        headers={
            "Origin": "https://example.com",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        },
    )

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)

    with refused.value:
        assert refused.value.code == 403
        assert "Access-Control-Allow-Origin" not in refused.value.headers
