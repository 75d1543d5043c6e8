"""Checks the proxy and the certificates of this machine before anything is sent.

The libraries below would fail on them half-way, and quote a proxy's password when they do.
"""

from __future__ import annotations

import os
import re
import ssl
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies

from deploy.errors import ConfigurationError

if TYPE_CHECKING:
    from botocore.session import Session

_SCHEME = re.compile(r"(?P<scheme>[\w+.-]*)://")


def check_proxy(endpoint_url: str) -> None:
    """Raise ConfigurationError for the proxy to an endpoint that cannot be used as it is written.

    The sentence names the variable and never quotes it.
    """
    from botocore.utils import should_bypass_proxies

    scheme = urlsplit(endpoint_url).scheme
    proxy = getproxies().get(scheme)
    if not proxy or should_bypass_proxies(endpoint_url):
        return
    source = _variable(f"{scheme}_proxy")
    given = _SCHEME.match(proxy)
    if given and given["scheme"] not in ("http", "https"):
        raise ConfigurationError(
            f"{source} names a proxy of the kind {given['scheme']}://, which s3link cannot use; "
            "name one with http:// or https://, or unset it."
        )
    rest = proxy[given.end() :] if given else proxy.removeprefix("//")
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    if "@" in rest and "@" not in authority:
        raise ConfigurationError(
            f'The user or password in {source} holds a "/", "?" or "#", which ends an address; '
            "write %2F, %3F or %23 instead."
        )
    user, _, place = authority.rpartition("@")
    if not unquote(user).isascii():
        raise ConfigurationError(
            f"The user or password in {source} has a letter that is not ASCII, which cannot be "
            "sent to a proxy; use others."
        )
    if not _is_place(place):
        raise ConfigurationError(
            f"{source} is not the address of a proxy; write one such as "
            "http://proxy.example.com:3128, or unset it."
        )


def check_certificates(session: Session) -> None:
    """Raise ConfigurationError for a CA bundle that is not there or holds no certificate."""
    configured = session.get_config_variable("ca_bundle")
    bundle = configured or os.environ.get("REQUESTS_CA_BUNDLE")
    if not bundle:
        return
    try:
        # As the library below reads it; nothing is expanded.
        ssl.create_default_context(cafile=bundle)
    except ssl.SSLError:
        reason = "no certificate in PEM form can be read from it"
    except OSError as exc:
        reason = str(exc.strerror or "it cannot be read")
    else:
        return
    raise ConfigurationError(
        f"The CA bundle {bundle} ({_bundle_source(session, configured)}) cannot be used: {reason}; "
        "correct the path, or remove it where your network opens no TLS connections."
    )


def _bundle_source(session: Session, configured: str | None) -> str:
    if not configured:
        return "REQUESTS_CA_BUNDLE"
    if os.environ.get("AWS_CA_BUNDLE"):
        return "AWS_CA_BUNDLE"
    return f"ca_bundle in {session.get_config_variable('config_file')}"


def _variable(name: str) -> str:
    """The variable as it is written in the environment; the lower-case one wins, as in urllib."""
    for candidate in (name, name.upper()):
        if os.environ.get(candidate):
            return candidate
    return f"the system's setting for {name}"


def _is_place(place: str) -> bool:
    try:
        parts = urlsplit(f"//{place}")
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
