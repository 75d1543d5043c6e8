"""What an operator reads whose shell has variables that cannot be used.

One sentence that names the variable, and quotes nothing of its value that may be secret.
"""

from __future__ import annotations

import pytest

from tests.deploy.operator import Operator

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLEKEYID", "AWS_SECRET_ACCESS_KEY": "verysecretkey"}
# Nothing listens on the discard port of this machine.
NOWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        (
            {"AWS_PROFILE": "nobody"},
            'There is no AWS profile "nobody" (AWS_PROFILE) in ~/.aws/config or '
            "~/.aws/credentials; see `aws configure list-profiles`.",
        ),
        (
            {**KEYS, "AWS_ACCESS_KEY_ID": "AKIAEXAMPLEKEYID\n"},
            "AWS_ACCESS_KEY_ID has a line end, a space or another character that is in no key of "
            "AWS; set it again, without what stands around the key.",
        ),
        (
            {**KEYS, "AWS_SESSION_TOKEN": "tökenverysecret"},
            "AWS_SESSION_TOKEN has a line end, a space or another character that is in no key of "
            "AWS; set it again, without what stands around the key.",
        ),
        (
            {
                "AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent/token",
                "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/ops",
            },
            "AWS_WEB_IDENTITY_TOKEN_FILE needs /nonexistent/token, which cannot be used: No such "
            "file or directory; correct the path.",
        ),
        (
            {
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": NOWHERE,
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "verysecret\n",
            },
            "AWS_CONTAINER_CREDENTIALS_FULL_URI cannot be used (Auth token value is not a legal "
            "header value); correct it.",
        ),
        (
            {**KEYS, "AWS_CA_BUNDLE": "/nonexistent/ca.pem"},
            "The CA bundle /nonexistent/ca.pem (AWS_CA_BUNDLE) cannot be used: No such file or "
            "directory; correct the path, or remove it where your network opens no TLS "
            "connections.",
        ),
        (
            {**KEYS, "REQUESTS_CA_BUNDLE": "/etc/hostname"},
            "The CA bundle /etc/hostname (REQUESTS_CA_BUNDLE) cannot be used: no certificate in "
            "PEM form can be read from it; correct the path, or remove it where your network "
            "opens no TLS connections.",
        ),
        (
            {**KEYS, "HTTPS_PROXY": "http://ann:very/sec#ret@proxy.example.com:3128"},
            'The user or password in HTTPS_PROXY holds a "/", "?" or "#", which ends an address; '
            "write %2F, %3F or %23 instead.",
        ),
        (
            {**KEYS, "https_proxy": "http://ann:1/verysecret@proxy.example.com:3128"},
            'The user or password in https_proxy holds a "/", "?" or "#", which ends an address; '
            "write %2F, %3F or %23 instead.",
        ),
        (
            {**KEYS, "HTTPS_PROXY": "socks5://ann:verysecret@proxy.example.com:1080"},
            "HTTPS_PROXY names a proxy of the kind socks5://, which s3link cannot use; name one "
            "with http:// or https://, or unset it.",
        ),
        (
            {**KEYS, "HTTPS_PROXY": "http://ann:verysecretö@proxy.example.com:3128"},
            "The user or password in HTTPS_PROXY has a letter that is not ASCII, which cannot be "
            "sent to a proxy; use others.",
        ),
        (
            {**KEYS, "HTTPS_PROXY": "http://ann:verysecret@proxy.example.com:port"},
            "HTTPS_PROXY is not the address of a proxy; write one such as "
            "http://proxy.example.com:3128, or unset it.",
        ),
        (
            {**KEYS, "HTTPS_PROXY": "http://ann:verysecret@127.0.0.1:9"},
            "AWS could not be reached at the proxy http://127.0.0.1:9; check the network, the "
            "proxy, --region and --endpoint-url.",
        ),
        (
            {**KEYS, "AWS_MAX_ATTEMPTS": "many"},
            "AWS_MAX_ATTEMPTS must be a whole number; correct it.",
        ),
        (
            {**KEYS, "AWS_REQUEST_CHECKSUM_CALCULATION": "often"},
            '"often" is not a value of the AWS setting request_checksum_calculation; correct '
            "AWS_REQUEST_CHECKSUM_CALCULATION, or request_checksum_calculation in ~/.aws/config.",
        ),
    ],
)
def test_a_variable(operator: Operator, environment: dict[str, str], sentence: str) -> None:
    """Its name stands in the sentence; of its value, nothing that may be secret."""
    operator.environment.update(environment)

    ran = operator.s3link("doctor")

    assert (ran.exit_code, ran.stdout, ran.error) == (1, "", sentence)


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        (
            {"AWS_ENDPOINT_URL": "http://stack.example.com:4566"},
            "http://stack.example.com:4566 (AWS_ENDPOINT_URL) is plain http to another machine, so "
            "files and their links would travel in clear; use https://, or, where nobody can "
            "listen, add --insecure-endpoint.",
        ),
        (
            {"AWS_ENDPOINT_URL_S3": "https://ann:verysecret@stack.example.com"},
            "The endpoint of AWS_ENDPOINT_URL_S3 has a user or password in it, which AWS's "
            "protocol does not know; take them out.",
        ),
    ],
)
def test_a_variable_for_an_option_is_wrong_usage(
    operator: Operator, environment: dict[str, str], sentence: str
) -> None:
    """Exit code 2, as for --endpoint-url itself."""
    operator.environment.update({**KEYS, **environment})

    ran = operator.s3link("doctor")

    assert (ran.exit_code, ran.stdout, ran.error) == (2, "", sentence)


def test_what_is_not_used_may_be_wrong(operator: Operator) -> None:
    """Keys in the environment serve, whatever a file says that is not asked."""
    (operator.config.parent / ".aws/config").write_text(
        f"[default]\naws_access_key_id = AKIAX \n more\nendpoint_url = {NOWHERE}\n"
    )
    operator.environment.update(KEYS)

    assert operator.s3link("doctor").error.startswith(f"AWS could not be reached at {NOWHERE}/;")


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_variable_is_as_good_as_none(operator: Operator, empty: str) -> None:
    """Some CI systems set all of them; the default profile and its region serve."""
    (operator.config.parent / ".aws/config").write_text(
        "[default]\naws_access_key_id = AKIAX\naws_secret_access_key = s\nregion = eu-west-1\n"
        f"endpoint_url = {NOWHERE}\n"
    )
    operator.config.write_text("[s3link]\n")
    names = ("PROFILE", "DEFAULT_PROFILE", "REGION", "DEFAULT_REGION", "CA_BUNDLE", "CONFIG_FILE")
    operator.environment.update({f"AWS_{name}": empty for name in (*names, "ENDPOINT_URL")})

    ran = operator.s3link("doctor")

    assert ran.error == (
        f"AWS could not be reached at {NOWHERE}/; check the network, the proxy, --region and "
        "--endpoint-url."
    )


def test_a_key_with_a_line_end_is_never_quoted(operator: Operator) -> None:
    """Neither in the sentence nor in the traceback of --debug."""
    operator.environment.update({**KEYS, "AWS_ACCESS_KEY_ID": "AKIAEXAMPLEKEYID\n"})

    ran = operator.s3link("doctor --debug")

    assert "Traceback" in ran.stderr
    assert "AKIAEXAMPLE" not in ran.stderr
    assert "Signature=" not in ran.stderr


def test_debug_shows_no_password(operator: Operator) -> None:
    """A report with the traceback may be sent to anybody."""
    proxy = "http://ann:verysecret@127.0.0.1:9"
    operator.environment.update({**KEYS, "HTTPS_PROXY": proxy})

    ran = operator.s3link("doctor --debug")

    assert "ProxyConnectionError" in ran.stderr
    assert "verysecret" not in ran.stderr
