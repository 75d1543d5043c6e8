"""SES v2, which the tool asks for advice about a domain's DMARC record.

moto lacks the call. It has no DNS to look into, and neither has the embedded AWS.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.sesv2 import models, responses
from moto.sesv2 import urls as moto_urls


class SesV2Backend(models.SESV2Backend):
    """moto's SES v2, with the API below."""

    @property
    def _url_module(self) -> Any:
        return _Urls


class SesV2Response(responses.SESV2Response):
    """moto's API, and what SES advises."""

    def list_recommendations(self) -> str:
        """Nothing, as where Virtual Deliverability Manager is off: so it is in a new account."""
        return json.dumps({"Recommendations": []})


class _Urls:
    """Where moto finds a service's routes."""

    url_bases = moto_urls.url_bases
    url_paths: Mapping[str, Any] = dict.fromkeys(
        [*moto_urls.url_paths, "{0}/v2/email/vdm/recommendations$"], SesV2Response.dispatch
    )
