"""Finds the credentials of a session before the first call, and says what keeps them away.

botocore runs programs, reads files and calls AWS for them, and lets most of what goes wrong pass.
No sentence quotes what a program printed or a file holds: both may be secrets.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from getpass import GetPassWarning
from typing import TYPE_CHECKING

from botocore import exceptions as botocore_errors
from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import error_message, explain
from deploy.aws.local_errors import no_credentials
from deploy.aws.machine.profiles import ROLE, Profile, profile_of
from deploy.aws.masking import masked
from deploy.errors import AccessError, ConnectionFailedError, S3LinkError

if TYPE_CHECKING:
    from botocore.session import Session

_REPEAT = "then repeat the command"
# Lines of a profile that say where its credentials are, in botocore's order.
_WAYS = ("web_identity_token_file", "sso_session", "sso_start_url", "login_session")
_PROGRAM = "credential_process"
# The same of the environment, for machines that are given their credentials.
_GIVEN = (
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
)
_KEYS_OF_PROFILE = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")


def require_credentials(session: Session) -> None:
    """Find the credentials and renew them if need be; raises AccessError when that fails.

    An operator at a terminal may be asked for the code of an MFA device.
    """
    try:
        with warnings.catch_warnings():
            # Without a terminal getpass would take a line of what is on standard input.
            warnings.simplefilter("error", GetPassWarning)
            credentials = session.get_credentials()
            found = credentials.get_frozen_credentials() if credentials else None
    except S3LinkError:
        raise
    except Exception as exc:
        _check_lines(session)
        raise _failure(exc, session) from exc
    if not credentials or not found:
        raise no_credentials(_searched(session))
    for key, value in zip(_KEYS_OF_PROFILE, found, strict=False):
        from_environment = credentials.method == "env"
        source = key.upper() if from_environment else f"{key} of {profile_of(session)}"
        _check_characters(value or "", source)


def _check_lines(session: Session) -> None:
    """What failed may have been signed with the keys of a role's source, which no one else sees."""
    profile: Profile | None = profile_of(session)
    while profile:
        for key in _KEYS_OF_PROFILE:
            _check_characters(str(profile.lines.get(key, "")), f"{key} of {profile}")
        profile = profile.source


def _check_characters(value: str, source: str) -> None:
    """Refuse what cannot be sent, or only be signed wrongly: botocore would quote the header."""
    if value and not (value.isascii() and value.isprintable() and " " not in value):
        raise AccessError(
            f"{source} has a line end, a space or another character that is in no key of AWS; set "
            "it again, without what stands around the key."
        )


def _searched(session: Session) -> str:
    """With a profile by option or file, botocore does not look at the keys in the environment."""
    chosen = session.instance_variables().get("profile")
    return f"in {profile_of(session)}" if chosen else f"in the environment or {profile_of(session)}"


def _failure(exc: Exception, session: Session) -> S3LinkError:
    """The sentence for whatever ended the search."""
    profile = profile_of(session)
    for kinds, sentence in _FAILURES:
        if isinstance(exc, kinds):
            text = sentence(exc, profile)
            if text:
                return AccessError(text)
    explained = explain(exc)
    if isinstance(explained, ConnectionFailedError):
        return explained
    if explained:
        return AccessError(f"{str(explained).rstrip('.')} ({profile}).")
    return AccessError(
        f"{_way(profile)} could not be used ({type(exc).__name__}); correct it, or use another "
        "--profile."
    )


def _way(profile: Profile) -> str:
    """The words for where credentials were looked for: a line of a profile, or a variable."""
    for line in (*_WAYS, _PROGRAM, ROLE):
        if line in profile.last.lines:
            return f"{line} of {profile.last}"
    for variable in _GIVEN:
        if os.environ.get(variable):
            return variable
    return str(profile.last)


def _not_asked(exc: Exception, profile: Profile) -> str:
    device = profile.lines.get("mfa_serial", "an MFA device")
    return (
        f"The role of {profile} asks for the code of {device}, and there is no terminal to type "
        f"it in; run `aws sts get-caller-identity --profile {profile.name}` in one: the session "
        "that it opens serves here, too, until it ends."
    )


def _file_or_program(exc: Exception, profile: Profile) -> str:
    if not isinstance(exc, OSError) or isinstance(exc, BotoCoreError):
        return ""  # what botocore says of a connection is of both kinds
    file, reason = exc.filename or "a file", exc.strerror or "it cannot be read"
    return f"{_way(profile)} needs {file}, which cannot be used: {reason}; correct the path."


def _retrieval(exc: Exception, profile: Profile) -> str:
    """botocore's one error for programs, containers and sessions in the cloud's shell."""
    if _PROGRAM not in profile.last.lines:
        return (
            f"No credentials could be had from {_way(profile)}; check that what it names answers, "
            "or use another --profile."
        )
    if "Unsupported version" in str(exc) or "Missing required key" in str(exc):
        return _no_json(profile)
    return (
        f"The command of {_PROGRAM} of {profile.last} failed; run it by hand to see why, {_REPEAT}."
    )


def _no_json(profile: Profile) -> str:
    return (
        f"The command of {_PROGRAM} of {profile.last} does not print the JSON that AWS's tools "
        "read (Version 1, AccessKeyId, SecretAccessKey); run it by hand to see what it prints, "
        f"{_REPEAT}."
    )


def _not_as_agreed(exc: Exception, profile: Profile) -> str:
    """Whatever Python says of a program's line or answer: botocore lets it pass."""
    if _PROGRAM not in profile.last.lines or isinstance(exc, BotoCoreError):
        return ""
    if "quotation" in str(exc) or "escaped character" in str(exc):  # shlex's words
        return f"{_PROGRAM} of {profile.last} is not a command line ({exc}); correct it."
    return _no_json(profile)


def _given_wrongly(exc: Exception, profile: Profile) -> str:
    """botocore says of an address or token in the environment what is wrong with it."""
    if isinstance(exc, BotoCoreError) or not _way(profile).startswith("AWS_"):
        return ""
    reason = " ".join(masked(str(exc)).split()).rstrip(".")
    return f"{_way(profile)} cannot be used ({reason}); correct it."


def _sso(exc: Exception, profile: Profile) -> str:
    name = profile.last.name
    return (
        f"The session of {profile.last} has ended; run `aws sso login --profile {name}`, {_REPEAT}."
    )


def _login(exc: Exception, profile: Profile) -> str:
    name = profile.last.name
    return f"The session of {profile.last} has ended; run `aws login --profile {name}`, {_REPEAT}."


def _written_wrongly(exc: Exception, profile: Profile) -> str:
    """botocore says it well, but not where."""
    return f"{' '.join(str(exc).split()).rstrip('.')}; correct {profile.file}."


def _not_complete(exc: Exception, profile: Profile) -> str:
    assert isinstance(exc, BotoCoreError)  # noqa: S101
    missing = exc.kwargs["cred_var"]
    if exc.kwargs["provider"] == "env":
        return (
            f"The AWS credentials are incomplete: {missing} is not set; set it, or add --profile."
        )
    return f"The AWS credentials are incomplete: {missing} is missing from {profile}; add it there."


def _not_allowed(exc: Exception, profile: Profile) -> str:
    """What STS says to a code; its other answers have sentences of their own."""
    if isinstance(exc, ClientError) and "MultiFactorAuthentication failed" in error_message(exc):
        return f"The MFA code for {profile} was not accepted; repeat the command with the next one."
    return ""


def _not_taken(exc: Exception, profile: Profile) -> str:
    if "TokenCode" in str(exc):
        return f"An MFA code for {profile} has six digits; repeat the command and type it again."
    lines = " ".join(str(exc).split("\n")[1:])
    return f"AWS would not take what {profile} says ({lines}); correct it."


_FAILURES: tuple[
    tuple[type[Exception] | tuple[type[Exception], ...], Callable[[Exception, Profile], str]], ...
] = (
    ((EOFError, GetPassWarning), _not_asked),
    (botocore_errors.CredentialRetrievalError, _retrieval),
    (botocore_errors.PartialCredentialsError, _not_complete),
    (botocore_errors.ParamValidationError, _not_taken),
    (botocore_errors.InvalidConfigError, _written_wrongly),
    (
        (
            botocore_errors.NoAuthTokenError,
            botocore_errors.SSOError,
            botocore_errors.TokenRetrievalError,
        ),
        _sso,
    ),
    (
        (
            botocore_errors.LoginAuthorizationCodeError,
            botocore_errors.LoginRefreshRequired,
            botocore_errors.LoginTokenLoadError,
        ),
        _login,
    ),
    (ClientError, _not_allowed),
    # JSON and UTF-8 have errors of this kind.
    ((ValueError, AttributeError, TypeError), _not_as_agreed),
    (ValueError, _given_wrongly),
    (OSError, _file_or_program),
)
