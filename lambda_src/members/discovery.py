"""Where members sign in, as the pool itself says (OpenID Connect Discovery 1.0).

It is asked once in a process, and again after a failure. So the page is right whatever the domain
of the login is, and on the embedded AWS, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from function.documents import json_object
from http_api.errors import Unavailable

from members.caller import SCOPE
from members.page import PageConfig

_PATH = "/.well-known/openid-configuration"
_WAITS = 3  # seconds
_LONGEST_DOCUMENT = 64 * 1024  # bytes

# Gives what is at an address. Raises OSError, HTTPException or ValueError.
Fetch = Callable[[str], bytes]


class Login:
    """The login of one issuer, for one client, which it sends back to `url`."""

    def __init__(self, issuer: str, client_id: str, url: str, fetch: Fetch) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._url = url
        self._fetch = fetch
        self._found: PageConfig | None = None

    def config(self) -> PageConfig:
        """Raises Unavailable where the issuer does not say where its login is."""
        if self._found is None:
            try:
                self._found = self._asked()
            except (OSError, HTTPException, ValueError) as exc:
                raise Unavailable(
                    "Where members sign in is not known: the user pool does not say it "
                    f"({type(exc).__name__}). Try again in a minute; if it stays so, look whether "
                    "the pool has its domain, and deploy the members stack again."
                ) from exc
        return self._found

    def _asked(self) -> PageConfig:
        document = json_object(self._fetch(f"{self._issuer}{_PATH}").decode()) or {}
        issuer = _text(document, "issuer")
        if issuer != self._issuer:
            raise ValueError("the document is of another issuer")
        authorization = _text(document, "authorization_endpoint")
        parts = urlsplit(authorization)
        # Where a pool does not list it, it is at its usual place on the login's domain.
        usual = {"end_session_endpoint": f"{parts.scheme}://{parts.netloc}/logout"}
        return PageConfig(
            authorization_endpoint=authorization,
            token_endpoint=_text(document, "token_endpoint"),
            revocation_endpoint=_text(document, "revocation_endpoint"),
            logout_endpoint=_text({**usual, **document}, "end_session_endpoint"),
            issuer=issuer,
            client_id=self._client_id,
            scope=f"openid {SCOPE}",
            redirect_uri=f"{self._url}/",
        )


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


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str):
        raise ValueError(f"the document has no {name}")
    return value


def _is_safe(address: str) -> bool:
    """Whether nobody on the way could change what is there."""
    parts = urlsplit(address)
    is_local = parts.scheme == "http" and parts.hostname == "127.0.0.1"
    return bool(parts.hostname) and (parts.scheme == "https" or is_local)
