"""Takes secrets out of texts that others wrote: errors of libraries, tracebacks, addresses."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from urllib.parse import unquote

_MASK = "***"
# A piece of a secret that is shorter could be a piece of any word.
_SHORTEST_SECRET = 6
_SECRET_VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
)
_USER_IN_ADDRESS = re.compile(r"(?<=://)[^/\s@]+@")
# What signs a request, in its header or its address.
_SIGNATURE = re.compile(
    r"""(?P<name>\b(?:X-Amz-)?(?:Credential|Signature|Security-Token)=)[^\s,;&'"]+""", re.IGNORECASE
)


def masked(text: str) -> str:
    """The text without keys, tokens, signatures, and users and passwords in addresses."""
    for secret in sorted(_secrets(), key=len, reverse=True):
        text = text.replace(secret, _MASK)
    return _SIGNATURE.sub(rf"\g<name>{_MASK}", _USER_IN_ADDRESS.sub(f"{_MASK}@", text))


def without_user(address: str) -> str:
    """An address without user and password, even where these hold a "/" or "#", and no query."""
    scheme, separator, rest = address.rpartition("://")
    scheme = scheme.rpartition("/")[2]
    return f"{scheme}{separator}{rest.rpartition('@')[2]}".partition("?")[0]


def _secrets() -> Iterator[str]:
    """The secrets in the environment, as they may be quoted."""
    for variable in _SECRET_VARIABLES:
        value = os.environ.get(variable, "")
        yield from (one for one in {value, *value.split()} if len(one) >= _SHORTEST_SECRET)
    for name, address in os.environ.items():
        user, at, _ = address.rpartition("@")
        if name.lower().endswith("_proxy") and at:
            user = user.rpartition("://")[2]
            password = user.partition(":")[2]
            yield f"{user}@"
            for secret in (password, unquote(password)):
                if len(secret) >= _SHORTEST_SECRET:
                    yield secret
