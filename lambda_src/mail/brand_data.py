"""What mails have of the brand: values for the SES templates, empty without one. Pure."""

from __future__ import annotations

import html

from brand.brand import BRAND, Brand


def brand_data_of(brand: Brand = BRAND) -> dict[str, str]:
    """The name, and the button's colours in dark mode where they differ from its usual ones."""
    colours = brand.colours
    is_other = colours is not None and colours.dark.button != colours.light.button
    dark = colours.dark if colours and is_other else None
    return {
        "brandName": brand.name,
        "brandNameHtml": html.escape(brand.name),
        "brandDark": dark.button if dark else "",
        "brandDarkText": dark.on_button if dark else "",
    }


def button_data_of(brand: Brand = BRAND) -> dict[str, str]:
    """The usual colours of a button, for each button of a mail."""
    usual = brand.colours.light if brand.colours else None
    return {
        "brandColor": usual.button if usual else "",
        "brandText": usual.on_button if usual else "",
    }
