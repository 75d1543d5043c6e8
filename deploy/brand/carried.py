"""The file by which the Lambda zip carries a brand; the functions' package `brand` reads it."""

from __future__ import annotations

import json

from deploy.brand.brand import LOGO_KEY, Brand, refusal
from deploy.brand.errors import UnusableLogo
from deploy.brand.logo import read_logo
from deploy.brand.palette import shades_of

# Where the functions look for it.
BRAND_FILE = "brand/brand.json"


def brand_file(brand: Brand) -> bytes | None:
    """Its content, the same for the same brand; None without one.

    Raises ConfigurationError for a logo that cannot be used.
    """
    if not brand:
        return None
    content: dict[str, object] = {"name": brand.name}
    if brand.colours:
        content["colours"] = shades_of(brand.colours)
    if brand.logo:
        try:
            logo = read_logo(brand.logo)
        except UnusableLogo as exc:
            raise refusal(LOGO_KEY, str(brand.logo), brand.source, str(exc)) from exc
        content |= {"logo": logo.uri, "logo_is_wide": logo.wide}
    return json.dumps(content, indent=1, sort_keys=True).encode()
