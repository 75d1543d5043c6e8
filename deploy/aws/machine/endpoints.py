"""Where requests may go: an endpoint in the form of one, without a password, and not in clear."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from deploy.aws.machine.named import Named
from deploy.aws.masking import without_user

if TYPE_CHECKING:
    from botocore.session import Session

_ENDPOINT = re.compile(r"https?://[^\s/]+/?")
_EXAMPLE = "http://127.0.0.1:5000"
_VARIABLE = "AWS_ENDPOINT_URL"  # or with _ and a service's name


def check_endpoint(endpoint: Named, insecure: bool) -> None:
    """Raise ConfigurationError for what is no endpoint, or would be talked to in clear.

    `insecure` lets plain http to other machines pass.
    """
    parts = urlsplit(endpoint.value)
    if "@" in endpoint.value:
        raise endpoint.error(
            f"The endpoint of {endpoint.source} has a user or password in it, which AWS's "
            "protocol does not know; take them out."
        )
    if not _ENDPOINT.fullmatch(endpoint.value):
        raise endpoint.error(
            f'"{endpoint.value}" ({endpoint.source}) is not an endpoint; use one such as '
            f"{_EXAMPLE}."
        )
    if parts.scheme == "http" and not insecure and not _is_this_machine(parts.hostname or ""):
        raise endpoint.error(
            f"{without_user(endpoint.value)} ({endpoint.source}) is plain http to another "
            "machine, so files and their links would travel in clear; use https://, or, where "
            "nobody can listen, add --insecure-endpoint."
        )


def guard_requests(session: Session, insecure: bool) -> None:
    """Have every client of the session, botocore's own for credentials included, do the same.

    Environment and profile can name an endpoint for each service; what is about to be sent tells.
    """

    def check(**event: Any) -> None:
        parts = urlsplit(event["request"].url)
        service = event["event_name"].split(".")[1]  # "before-send.sts.GetCallerIdentity"
        address = f"{parts.scheme}://{parts.netloc}"
        configured = next(_configured(session, service), Named(address, "AWS's own"))
        check_endpoint(replace(configured, value=address), insecure)

    session.register("before-send", check)


def check_configured_endpoints(session: Session) -> None:
    """Raise ConfigurationError for what environment or profile call an endpoint and is none.

    Whether one of them would be talked to in clear is seen when something is about to be sent.
    """
    if not session.get_config_variable("ignore_configured_endpoint_urls"):
        for endpoint in _configured(session):
            check_endpoint(endpoint, insecure=True)


def _configured(session: Session, service: str = "") -> Iterator[Named]:
    """The endpoints that environment and profile name, in botocore's order.

    Of every service, or those that a service uses; `service` is its id as botocore's events write
    it, for example `cloudwatch-logs`.
    """
    own = f"{_VARIABLE}_{service.replace('-', '_').upper()}"
    variables = (own, _VARIABLE) if service else [n for n in os.environ if n.startswith(_VARIABLE)]
    for name in variables:
        if os.environ.get(name):
            yield Named(os.environ[name], name, is_typed=True)
    lines = session.get_scoped_config()
    file = session.get_config_variable("config_file")
    group = lines.get("services", "")
    for name, settings in session.full_config.get("services", {}).get(group, {}).items():
        if isinstance(settings, dict) and "endpoint_url" in settings and _is_of(service, name):
            source = f"endpoint_url of {name} in [services {group}] of {file}"
            yield Named(settings["endpoint_url"], source)
    if "endpoint_url" in lines:
        profile = session.get_config_variable("profile") or "default"
        yield Named(lines["endpoint_url"], f'endpoint_url of profile "{profile}" in {file}')


def _is_of(service: str, name: str) -> bool:
    return not service or name == service.replace("-", "_")


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
