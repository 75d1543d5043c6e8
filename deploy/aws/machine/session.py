"""Opens a session for a profile and region as the AWS tools find them, and checks what it finds.

What botocore meets on the way, in variables and in ~/.aws, becomes one sentence with the place.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES
from botocore.exceptions import ProfileNotFound
from botocore.session import Session
from botocore.utils import JSONFileCache

from deploy.aws.local_errors import NO_REGION
from deploy.aws.machine.named import Named
from deploy.errors import AccessError, ConfigurationError

# botocore knows a list of regions, to which AWS adds, and takes any name of a host for one.
_REGION = re.compile(r"[a-z]+(-[a-z]+)*-[0-9]+")
# Where the aws client keeps the sessions of roles, and as it writes them.
_SESSIONS_OF_ROLES = Path("~/.aws/cli/cache")


def open_session(profile: Named | None, region: Named | None) -> Session:
    """A session whose profile, settings and region can be used; credentials are not looked for.

    Raises AccessError for a profile that is not there, ConfigurationError for a setting or region.
    """
    forget_empty_variables()
    session = Session()
    if profile:
        session.set_config_variable("profile", profile.value)
    try:
        session.get_scoped_config()
    except ProfileNotFound as exc:
        raise AccessError(_no_profile(session, profile, str(exc.kwargs["profile"]))) from exc
    _check_settings(session)
    session.set_config_variable("region", _region(session, region))
    _keep_sessions_of_roles(session)
    return session


def usual_region(profile: str | None) -> str | None:
    """The region that the AWS tools would use; None when none is set."""
    forget_empty_variables()
    session = Session()
    if profile:
        session.set_config_variable("profile", profile)
    try:
        usual: str | None = session.get_config_variable("region")
    except ProfileNotFound:
        usual = None
    return os.environ.get("AWS_REGION") or usual


def forget_empty_variables() -> None:
    """Take variables for the AWS tools that are empty out of this process's environment.

    Some tools and CI systems set all of them. botocore would look for a profile without a name.
    """
    for name, value in list(os.environ.items()):
        if not value.strip() and (name.startswith("AWS_") or name == "REQUESTS_CA_BUNDLE"):
            del os.environ[name]


def _no_profile(session: Session, profile: Named | None, missing: str) -> str:
    variable = "AWS_DEFAULT_PROFILE" if os.environ.get("AWS_DEFAULT_PROFILE") else "AWS_PROFILE"
    source = profile.source if profile else variable
    files = " or ".join(
        str(session.get_config_variable(key)) for key in ("config_file", "credentials_file")
    )
    return (
        f'There is no AWS profile "{missing}" ({source}) in {files}; see `aws configure '
        "list-profiles`."
    )


def _check_settings(session: Session) -> None:
    """Raise ConfigurationError for a setting of the AWS tools that should be a number and is not.

    botocore reads each when it needs it, and lets Python's own error pass.
    """
    for name, (key, variable, _, convert) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items():
        if convert is None:
            continue
        try:
            session.get_config_variable(name)
        except ValueError as exc:
            file = session.get_config_variable("config_file")
            source = variable if os.environ.get(variable or "") else f"{key} in {file}"
            raise ConfigurationError(f"{source} must be a whole number; correct it.") from exc


def _region(session: Session, given: Named | None) -> str:
    region = given or _usual_region(session)
    if region is None:
        raise ConfigurationError(NO_REGION)
    if not _REGION.fullmatch(region.value):
        raise region.error(_no_region(region))
    return region.value


def _no_region(region: Named) -> str:
    return (
        f"{json.dumps(region.value)} ({region.source}) is not an AWS region; use one such as "
        "eu-west-1."
    )


def _usual_region(session: Session) -> Named | None:
    """botocore does not look at AWS_REGION, which version 2 of the aws client puts first."""
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        if os.environ.get(variable):
            return Named(os.environ[variable], variable, is_typed=True)
    value: str | None = session.get_config_variable("region")
    return (
        Named(value, f"region in {session.get_config_variable('config_file')}") if value else None
    )


class _CacheOfSessions(JSONFileCache):
    """Where the home directory cannot be written to, nothing is kept, and nothing fails."""

    def __setitem__(self, cache_key: str, value: Any) -> None:
        with suppress(OSError):
            super().__setitem__(cache_key, value)


def _keep_sessions_of_roles(session: Session) -> None:
    """One code of an MFA device serves for a role's whole session, as in the aws client."""
    roles = session.get_component("credential_provider").get_provider("assume-role")
    roles.cache = _CacheOfSessions(_SESSIONS_OF_ROLES.expanduser())
