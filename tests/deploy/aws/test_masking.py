"""What others wrote is shown without secrets."""

from __future__ import annotations

import pytest

from deploy.aws.masking import masked, without_user


@pytest.mark.parametrize(
    ("variable", "value", "text", "shown"),
    [
        (
            "HTTPS_PROXY",
            "http://ann:pa/ss#word@proxy.example.com:3128",
            "Failed to parse: http://ann:pa/ss#word@proxy.example.com:3128",
            "Failed to parse: http://***proxy.example.com:3128",
        ),
        (
            "https_proxy",
            "ann:pa%2Fssword@proxy.example.com",
            "sent pa/ssword to ann:pa%2Fssword@proxy.example.com",
            "sent *** to ***proxy.example.com",
        ),
        ("HTTP_PROXY", "http://a:b@proxy", "http://a:b@proxy and b", "http://***proxy and b"),
        ("AWS_SECRET_ACCESS_KEY", "secretkey", "the key secretkey", "the key ***"),
        ("AWS_SESSION_TOKEN", "token1234\n", "b'token1234\\n'", "b'***\\n'"),
        (
            "UNRELATED",
            "",
            "Credential=AKIAX/20261129, SignedHeaders=host, Signature=78a9b2'",
            "Credential=***, SignedHeaders=host, Signature=***'",
        ),
        (
            "UNRELATED",
            "",
            "https://b.s3/k?X-Amz-Security-Token=tok&X-Amz-Signature=abc&x=1",
            "https://b.s3/k?X-Amz-Security-Token=***&X-Amz-Signature=***&x=1",
        ),
        ("UNRELATED", "", "http://ann:word@host/bob@x", "http://***@host/bob@x"),
    ],
)
def test_a_secret_is_masked(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, text: str, shown: str
) -> None:
    """As libraries and tracebacks quote it; what is no secret stays readable."""
    monkeypatch.setenv(variable, value)

    assert masked(text) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://proxy.example.com:3128", "http://proxy.example.com:3128"),
        ("http://***:***@proxy.example.com:3128", "http://proxy.example.com:3128"),
        ("http://ann:p/w#x@proxy.example.com", "http://proxy.example.com"),
        ("http://socks5://ann:pw@proxy.example.com", "socks5://proxy.example.com"),
        ("https://b.s3.example.com/key?X-Amz-Signature=1", "https://b.s3.example.com/key"),
        (
            "https://b.s3.example.com/bob%40example.com/a",
            "https://b.s3.example.com/bob%40example.com/a",
        ),
    ],
)
def test_an_address_is_shown_without_its_user(address: str, shown: str) -> None:
    """Better too little than a password."""
    assert without_user(address) == shown
