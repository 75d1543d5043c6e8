"""The pages that say why there is no download, and what to do. Pure."""

from __future__ import annotations

from portal_links import links as states
from portal_links.links import Link
from web_pages.document import Markup
from web_pages.response import Response

from portal.pages import isolated, page, part, time

_GET_LINKS = '<a href="/">get your links by email</a>'
_ASK = Markup(
    f"Ask the person who shared it to share it again. If they already have, you can {_GET_LINKS}."
)
_ASK_FOR_FILES = Markup(
    "Ask the person who shared them to share them again. If they already have, you can "
    f"{_GET_LINKS}."
)
NOTHING = Markup("")


def _message(
    status: int,
    headline: str,
    text: str | Markup,
    advice: str | Markup,
    about: Markup = NOTHING,
    back: Markup = NOTHING,
) -> Response:
    return page(
        "message",
        headline,
        status,
        headline=headline,
        about=about,
        text=text,
        advice=advice,
        back=back,
    )


def about(sender: str, file_name: str = "", file_count: int = 0) -> Markup:
    """What a page says of a link that was found: the sender, and its file to whom may know."""
    what = isolated(file_name) if file_name else f"{'Files' if file_count else 'A file'} for you"
    return part("about", what=what, sender=sender)


def unknown_link() -> Response:
    """For whatever opens nothing: it tells nobody whether they came close."""
    return _message(
        404,
        "This link does not exist",
        "It may be incomplete, or have expired long ago.",
        Markup(f"Open it from the email itself, or copy all of it. You can also {_GET_LINKS}."),
    )


def unknown_page() -> Response:
    return _message(
        404,
        "Page not found",
        "There is nothing at this address.",
        Markup(f"Open the link in your email. You can also {_GET_LINKS}."),
    )


def not_working(link: Link, state: str, most_downloads: int, about: Markup) -> Response:
    """For a link that was found and does not work now; `most_downloads` is what it allows."""
    if state == states.EXPIRED:
        until = Markup(f"It worked until {time(link.expires_at).text}.")
        return _message(410, "This link has expired", until, _ASK, about)
    if state == states.REVOKED:
        it, they = ("them", "they have") if link.file_count else ("it", "it has")
        return _message(
            410,
            "This link has been withdrawn",
            "The files are no longer shared with you."
            if link.file_count
            else "The file is no longer shared with you.",
            Markup(
                f"If you still need {it}, ask the person who shared {it}. If {they} been "
                f"shared again, you can {_GET_LINKS}."
            ),
            about,
        )
    if state == states.LOCKED:
        ends_at = link.locked_until
        return _message(
            429,
            "This link is locked for a while",
            "A wrong address was entered too many times.",
            # Without an end: other answers are being compared at this moment.
            Markup(f"Try again after {time(ends_at).text}.")
            if ends_at
            else "Try again in a minute.",
            about,
        )
    if link.file_count:
        times = "once" if most_downloads == 1 else f"{most_downloads} times"
        text = (
            f"Each of its files could be downloaded {times}, and all of them have been. If that "
            "was not you, tell the person who shared them."
        )
        return _message(410, "This link has been used up", text, _ASK_FOR_FILES, about)
    used = (
        "It worked once, and it has been used."
        if most_downloads == 1
        else f"It allowed {most_downloads} downloads, and all of them have been made."
    )
    text = f"{used} If that was not you, tell the person who shared the file."
    return _message(410, "This link has been used up", text, _ASK, about)


def share_gone(about: Markup) -> Response:
    return _message(
        410,
        "These files have been removed",
        "They were removed before the link expired.",
        _ASK_FOR_FILES,
        about,
    )


def file_gone(about: Markup, back: Markup = NOTHING) -> Response:
    return _message(
        410,
        "This file has been removed",
        "It was removed before the link expired.",
        _ASK,
        about,
        back,
    )


def file_archived(about: Markup, back: Markup = NOTHING) -> Response:
    return _message(
        410,
        "This file cannot be downloaded now",
        "It has been moved to an archive, and getting it back takes hours.",
        _ASK,
        about,
        back,
    )


def file_encrypted(about: Markup, back: Markup = NOTHING) -> Response:
    return _message(
        410,
        "This file cannot be downloaded now",
        "It is encrypted with a key that this page may not use.",
        _ASK,
        about,
        back,
    )


def file_used_up(most_downloads: int, about: Markup, back: Markup) -> Response:
    """One file of a share; others may have downloads left."""
    could = (
        "It could be downloaded once, and it has been."
        if most_downloads == 1
        else f"It could be downloaded {most_downloads} times, and it has been."
    )
    text = f"{could} If that was not you, tell the person who shared it."
    return _message(410, "This file has been used up", text, _ASK, about, back)


def no_such_file(back: Markup) -> Response:
    return _message(
        404,
        "There is no such file here",
        "The link is right, but the file that was asked for is not among those it leads to.",
        "Choose one from the list.",
        back=back,
    )


def bad_request() -> Response:
    return _message(
        400,
        "Your request could not be read",
        "The form did not arrive as this page sends it.",
        "Go back and try again.",
    )


def foreign_origin() -> Response:
    return _message(
        403,
        "Not allowed from that site",
        "Links can only be requested on this site’s own page.",
        Markup(f"Here you can {_GET_LINKS}."),
    )


def too_many_requests() -> Response:
    return _message(
        429,
        "Too many requests",
        "Links were requested too often from your network.",
        "Try again in an hour.",
    )


def on_its_way() -> Response:
    """The same whether or not the address is known."""
    return _message(
        202,
        "Check your inbox",
        "If files are shared with that address, an email with links to them is on its way.",
        "Nothing after a few minutes? Check your spam folder, or ask the person who shared the "
        "file.",
    )


def unwell() -> Response:
    return _message(
        503,
        "That did not work",
        "Something went wrong on our side. There is nothing wrong with your link.",
        "Try again in a minute.",
    )
