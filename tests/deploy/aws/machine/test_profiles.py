"""What an operator reads whose profile cannot be used.

One sentence that names the profile and its file, and quotes nothing that may be secret. The home
directory is empty but for the configuration file.
"""

from __future__ import annotations

import pytest

from tests.deploy.operator import Operator

IN_FILE = 'profile "ops" in ~/.aws/config'
KEYS_OF_PROFILE = "aws_access_key_id = AKIAX\naws_secret_access_key = verysecretkey\n"
ROLE = "role_arn = arn:aws:iam::123456789012:role/ops\n"
SSO = "sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = ops\n"
SSO_SESSION = (
    "[sso-session corp]\nsso_start_url = https://corp.example.com\nsso_region = eu-west-1\n"
)
NO_JSON = (
    f"The command of credential_process of {IN_FILE} does not print the JSON that AWS's tools "
    "read (Version 1, AccessKeyId, SecretAccessKey); run it by hand to see what it prints, then "
    "repeat the command."
)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (
            "login_session = arn:aws:iam::123456789012:user/ann\n",
            f"The session of {IN_FILE} has ended; run `aws login --profile ops`, then repeat the "
            "command.",
        ),
        (
            f"{SSO}{SSO_SESSION}",
            f"The session of {IN_FILE} has ended; run `aws sso login --profile ops`, then repeat "
            "the command.",
        ),
        (SSO, 'The specified sso-session does not exist: "corp"; correct ~/.aws/config.'),
        (
            "credential_process = /nonexistent/program --password verysecret\n",
            f"credential_process of {IN_FILE} needs /nonexistent/program, which cannot be used: "
            "No such file or directory; correct the path.",
        ),
        ("credential_process = echo verysecret\n", NO_JSON),
        ("credential_process = echo []\n", NO_JSON),
        ("credential_process = echo {}\n", NO_JSON),
        ("""credential_process = echo '{"Version": 1, "AccessKeyId": "verysecret"}'\n""", NO_JSON),
        ("credential_process = printf '\\377'\n", NO_JSON),
        (
            "credential_process = sh -c 'echo verysecret >&2; exit 3'\n",
            f"The command of credential_process of {IN_FILE} failed; run it by hand to see why, "
            "then repeat the command.",
        ),
        (
            "credential_process = echo 'verysecret\n",
            f"credential_process of {IN_FILE} is not a command line (No closing quotation); "
            "correct it.",
        ),
        (
            f"{ROLE}source_profile = base\n",
            'The source_profile "base" referenced in the profile "ops" does not exist; correct '
            "~/.aws/config.",
        ),
        (
            ROLE,
            "The AWS credentials are incomplete: source_profile or credential_source is missing "
            f"from {IN_FILE}; add it there.",
        ),
        (
            f"{ROLE}source_profile = base\n[profile base]\ncredential_process = echo verysecret\n",
            NO_JSON.replace('"ops"', '"base"'),
        ),
        (
            f"{ROLE}source_profile = base\n[profile base]\n"
            "aws_access_key_id = AKIAX\n verysecret\naws_secret_access_key = s\n",
            'aws_access_key_id of profile "base" in ~/.aws/config has a line end, a space or '
            "another character that is in no key of AWS; set it again, without what stands around "
            "the key.",
        ),
        (
            f"{ROLE}web_identity_token_file = /nonexistent/token\n",
            f"web_identity_token_file of {IN_FILE} needs /nonexistent/token, which cannot be used: "
            "No such file or directory; correct the path.",
        ),
        (
            "role_arn = x\nsource_profile = ops\n" + KEYS_OF_PROFILE,
            f"AWS would not take what {IN_FILE} says (Invalid length for parameter RoleArn, value: "
            "1, valid min length: 20); correct it.",
        ),
        (
            f"{KEYS_OF_PROFILE}ca_bundle = /nonexistent/ca.pem\n",
            "The CA bundle /nonexistent/ca.pem (ca_bundle in ~/.aws/config) cannot be used: No "
            "such file or directory; correct the path, or remove it where your network opens no "
            "TLS connections.",
        ),
        (
            f"{KEYS_OF_PROFILE}endpoint_url = http://stack.example.com:4566\n",
            f"http://stack.example.com:4566 (endpoint_url of {IN_FILE}) is plain http to another "
            "machine, so files and their links would travel in clear; use https://, or, where "
            "nobody can listen, add --insecure-endpoint.",
        ),
        (
            f"{KEYS_OF_PROFILE}services = lab\n[services lab]\nsts =\n  endpoint_url = localhost\n",
            '"localhost" (endpoint_url of sts in [services lab] of ~/.aws/config) is not an '
            "endpoint; use one such as http://127.0.0.1:5000.",
        ),
        (
            "region = eu-west-1\n",
            f"No AWS credentials were found in {IN_FILE}; run `aws configure`, `aws sso login` or "
            "`aws login`, or add --profile.",
        ),
    ],
)
def test_a_profile(operator: Operator, lines: str, sentence: str) -> None:
    """Its name and its file stand in the sentence; what a program printed does not."""
    (operator.config.parent / ".aws/config").write_text(f"[profile ops]\n{lines}")

    ran = operator.s3link("doctor --profile ops")

    assert (ran.exit_code, ran.stdout, ran.error) == (1, "", sentence)
