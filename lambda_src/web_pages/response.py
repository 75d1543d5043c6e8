"""What a browser is answered, with the headers that keep links where they belong. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# No page is kept by a browser or a proxy, found by a search engine, shown inside another page, or
# told to the site that is visited next.
_ALWAYS = {
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "strict-transport-security": "max-age=31536000",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
NO_REFERRER = "no-referrer"
# Where a form is posted to the page's own site, a browser must say in Origin who posts; under
# no-referrer it would say "null" (Fetch standard, "append a request Origin header").
SAME_ORIGIN = "same-origin"


@dataclass(frozen=True)
class Response:
    """One answer; the body may show a token's page and is left out of the repr."""

    status: int
    body: str = field(default="", repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    def as_dict(self, with_body: bool = True) -> dict[str, Any]:
        """As Lambda returns it; a HEAD request gets the headers alone."""
        return {
            "statusCode": self.status,
            "headers": {**_ALWAYS, **self.headers},
            "body": self.body if with_body else "",
        }


def see_other(url: str) -> Response:
    """Sends the browser on with a GET; `url` is a credential."""
    return Response(303, headers={"location": url, "referrer-policy": NO_REFERRER})
