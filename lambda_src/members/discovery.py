"""Where members sign in, as the pool itself says (OpenID Connect Discovery 1.0).

It is asked once in a process, and again after a failure. So the page is right whatever the domain
of the login is, and on the embedded AWS, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from function.documents import json_object

from members.errors import Unavailable

_PATH = "/.well-known/openid-configuration"
_WAITS = 3  # seconds
_LONGEST_DOCUMENT = 64 * 1024  # bytes

# Gives what is at an address. Raises OSError, HTTPException or ValueError.
Fetch = Callable[[str], bytes]


@dataclass(frozen=True)
class Endpoints:
    """The addresses of the login that the page uses."""

    authorization: str
    token: str
    revocation: str
    logout: str


class Login:
    """The login of one issuer."""

    def __init__(self, issuer: str, fetch: Fetch) -> None:
        self._issuer = issuer
        self._fetch = fetch
        self._found: Endpoints | None = None

    def endpoints(self) -> Endpoints:
        """Raises Unavailable where the issuer does not say them."""
        if self._found is None:
            try:
                document = json_object(self._fetch(f"{self._issuer}{_PATH}").decode())
                self._found = _endpoints_of(document or {}, self._issuer)
            except (OSError, HTTPException, ValueError) as exc:
                raise Unavailable(
                    "Where members sign in is not known: the user pool does not say it "
                    f"({type(exc).__name__}). Try again in a minute; if it stays so, look whether "
                    "the pool has its domain, and deploy the members stack again."
                ) from exc
        return self._found


def fetch(address: str) -> bytes:
    """What is at an address of https or of this machine; a redirect is not followed."""
    if not _is_safe(address):
        raise ValueError("an issuer is asked by https only")
    with build_opener(_NoRedirect).open(Request(address), timeout=_WAITS) as answer:  # noqa: S310 - by https
        content: bytes = answer.read(_LONGEST_DOCUMENT + 1)
    if len(content) > _LONGEST_DOCUMENT:
        raise ValueError("the document is too long")
    return content


class _NoRedirect(HTTPRedirectHandler):
    """It ends as an HTTPError, which is an OSError."""

    def redirect_request(self, *args: Any, **parameters: Any) -> None:
        return None


def _endpoints_of(document: Mapping[str, Any], issuer: str) -> Endpoints:
    """Raises ValueError for a document of another issuer, or without an address."""
    if document.get("issuer") != issuer:
        raise ValueError("the document is of another issuer")
    authorization = _address(document.get("authorization_endpoint"))
    parts = urlsplit(authorization)
    # Where a pool does not list it, it is at its usual place on the login's domain.
    logout = document.get("end_session_endpoint", f"{parts.scheme}://{parts.netloc}/logout")
    return Endpoints(
        authorization=authorization,
        token=_address(document.get("token_endpoint")),
        revocation=_address(document.get("revocation_endpoint")),
        logout=_address(logout),
    )


def _address(value: object) -> str:
    if not isinstance(value, str) or not _is_safe(value):
        raise ValueError("the document lacks an address")
    return value


def _is_safe(address: str) -> bool:
    """Whether nobody on the way could change what is there."""
    parts = urlsplit(address)
    is_local = parts.scheme == "http" and parts.hostname == "127.0.0.1"
    return bool(parts.hostname) and (parts.scheme == "https" or is_local)
