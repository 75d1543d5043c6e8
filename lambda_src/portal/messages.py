"""The pages that say why there is no download, and what to do. Pure."""

from __future__ import annotations

from portal_links import links as states
from portal_links.links import Link
from web_pages.document import Markup
from web_pages.response import Response

from portal.pages import page, time

_ASK_SENDER = "Ask the person who shared the file to share it again."


def _message(status: int, headline: str, text: str | Markup, advice: str | Markup) -> Response:
    return page("message", headline, status, headline=headline, text=text, advice=advice)


def unknown_link() -> Response:
    """For whatever opens nothing: it tells nobody whether they came close."""
    return _message(
        404,
        "This link opens nothing",
        "It is incomplete, or it was never made, or it is long over.",
        Markup(
            "Open it from the mail itself; if you copied it, copy all of it. Or "
            '<a href="/">ask for your links anew</a>.'
        ),
    )


def unknown_page() -> Response:
    return _message(
        404,
        "There is no such page",
        "This address opens nothing.",
        "Open the link from your mail.",
    )


def not_working(link: Link, state: str) -> Response:
    """For a link that was found and does not work now."""
    if state == states.EXPIRED:
        text = Markup(f"It worked until {time(link.expires_at).text}.")
        return _message(410, "This link has expired", text, _ASK_SENDER)
    if state == states.REVOKED:
        return _message(
            410,
            "This link was taken back",
            "The file is not shared with you any more.",
            "If you still need it, ask the person who shared it.",
        )
    if state == states.LOCKED:
        until = link.locked_until
        return _message(
            429,
            "This link rests for a while",
            "A wrong mail address was typed too often.",
            # Without an end: other answers are being compared at this moment.
            Markup(f"Try again after {time(until).text}.") if until else "Try again in a minute.",
        )
    return _message(
        410,
        "This link is used up",
        "The file was downloaded as often as this link allows.",
        _ASK_SENDER,
    )


def file_gone() -> Response:
    return _message(
        410, "The file is not there any more", "It was removed before its time.", _ASK_SENDER
    )


def file_archived() -> Response:
    return _message(
        410,
        "The file cannot be downloaded now",
        "It was put into an archive, which takes hours to give it back.",
        _ASK_SENDER,
    )


def file_encrypted() -> Response:
    return _message(
        410,
        "The file cannot be downloaded now",
        "It is encrypted with a key that this page may not use.",
        _ASK_SENDER,
    )


def bad_request() -> Response:
    return _message(
        400,
        "That could not be read",
        "The form did not arrive as this page sends it.",
        "Go back and try again.",
    )


def foreign_origin() -> Response:
    return _message(
        403,
        "Not from there",
        "Links can be asked for on this site's own page only.",
        Markup('<a href="/">Ask for your links here.</a>'),
    )


def too_many_requests() -> Response:
    return _message(
        429,
        "Too many requests",
        "Links were asked for too often from where you are.",
        "Try again in an hour.",
    )


def on_its_way() -> Response:
    """The same whether or not the address is known."""
    return _message(
        202,
        "Look into your mailbox",
        "If files are shared with that address, a mail with links to them is on its way.",
        "No mail after a few minutes? Look into the spam folder, or ask the person who shared "
        "the file.",
    )


def unwell() -> Response:
    return _message(
        503,
        "That did not work",
        "Something on our side is out of order. Your link is as good as before.",
        "Try again in a minute.",
    )
