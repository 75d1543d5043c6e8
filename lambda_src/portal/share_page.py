"""The page of a share: its files in a list, each with a button of its own, and a click on one.

The manifest was verified when the share was announced; a file is looked up at the click.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from files.errors import InvalidShare
from files.manifest import Manifest, SharedFile
from files.metadata import note_of
from files.names import content_disposition
from files.shares import with_manifest
from files.store import StoredFile
from files.uploads import Upload
from function.text import file_size
from http_api.requests import Request, form_of
from mail.recipients import folder_shown
from portal_links.file_counts import FileCounts
from portal_links.links import RETRYABLE, USED_UP, WORKING, Link
from portal_links.redeeming import Redeemed, Refused
from signing.links import download_origin
from web_pages.document import Markup
from web_pages.response import Response

from portal import log, messages
from portal.confirming import typed_address
from portal.downloading import Wanted, download, form_targets
from portal.opening import Opened, file_now, not_working
from portal.pages import isolated, lines, page, part, sender_shown, share_page, time
from portal.settings import Services, Settings

_FILE = "file"
# What a phone has room for; and Lambda answers with 6 MB at most, of 1,000 files as well.
_LONGEST_SHOWN = 120  # characters, of a name and of its folders
_BETWEEN = " · "
_SPACE = "\u00a0"  # where no line is to end


@dataclass(frozen=True)
class _Share:
    """A share that is looked at: by whom is known where an `address` had to be typed."""

    link: Link
    file: StoredFile
    manifest: Manifest
    address: str
    settings: Settings
    now: datetime

    @property
    def usual_downloads(self) -> int:
        return self.settings.limits.usual_downloads

    @property
    def back(self) -> Markup:
        """The way back to the list."""
        if self.address:
            return part("back_with_address", address=self.address)
        return part("back")


def page_of(opened: Opened, settings: Settings, services: Services, address: str = "") -> Response:
    """The list of files."""
    share = _share_of(opened, settings, services, address)
    count, note = len(share.manifest.files), note_of(share.file)
    title = "1 file for you" if count == 1 else f"{count:,} files for you"
    return share_page(
        title,
        form_targets=form_targets(share.link, services),
        downloads_from=download_origin(share.link.upload, services.store),
        headline=title,
        sender=sender_shown(share.file, settings),
        note=part("note", note=lines(note)) if note else "",
        total_size=file_size(share.manifest.total_size),
        expires_at=time(share.link.expires_at),
        address=part("hidden_address", address=address) if address else "",
        files=_rows(share, opened.counts),
    )


def click(opened: Opened, request: Request, settings: Settings, services: Services) -> Response:
    """One file, by its position; or the list, for who has typed their address to see it."""
    address = typed_address(request) if settings.confirms_recipient else ""
    wanted = form_of(request.body).get(_FILE)
    if wanted is None and settings.confirms_recipient:
        return page_of(opened, settings, services, address)
    share = _share_of(opened, settings, services, address)
    position = _position_of(wanted or "", min(len(share.manifest.files), share.link.file_count))
    if position is None:
        return messages.no_such_file(share.back)
    shared = share.manifest.files[position]
    file = _file_now(share, shared, services)
    if isinstance(file, Response):
        return file
    return download(share.link, _wanted(share, position, file), request, settings, services)


def _share_of(opened: Opened, settings: Settings, services: Services, address: str) -> _Share:
    file = with_manifest(opened.file, services.store)
    if file.manifest is None:
        raise InvalidShare(f"{file.upload}, to which the link of a share leads, is no manifest.")
    return _Share(opened.link, file, file.manifest, address, settings, services.clock())


def _position_of(text: str, count: int) -> int | None:
    """In the one spelling that the page has: each file is counted under that."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(count))
    position = int(text) if is_number else count
    return position if position < count and text == str(position) else None


def _file_now(share: _Share, shared: SharedFile, services: Services) -> StoredFile | Response:
    """A file of the share under the name that the share gives it; or why there is none."""
    upload = Upload(share.link.bucket, shared.key, shared.version)
    about = _about(share, shared)
    file = file_now(share.link, upload, None, about, services, share.back)
    if isinstance(file, Response):
        return file
    # That it belongs to the share, LinkGenerator has seen of this version before there was a link.
    if file.size != shared.size:
        log.gone(share.link, upload)
        return messages.file_gone(about, share.back)
    return replace(file, content_disposition=content_disposition(shared.name))


def _wanted(share: _Share, position: int, file: StoredFile) -> Wanted:
    shared = share.manifest.files[position]

    def started(result: Redeemed, url: str, now: datetime) -> Response:
        again = replace(share, link=result.link, now=now)
        return page(
            "file_started",
            "Your download has started",
            file_name=isolated(shared.name),
            about=_said_of(again, result.counts, position),
            expires_at=time(share.link.expires_at),
            url=url,
            back=share.back,
        )

    def refused(result: Refused, now: datetime) -> Response:
        link, usual = result.link, share.usual_downloads
        state = result.counts.state(position, link, now, usual)
        log.refused(link, state)
        if state == USED_UP:
            most = link.most_downloads(usual)
            return messages.file_used_up(most, _about(share, shared), share.back)
        return not_working(link, state, share.settings, is_confirmed=True)

    return Wanted(file, started, refused, position)


def _about(share: _Share, shared: SharedFile) -> Markup:
    return messages.about(share.settings.sender, shared.name)


def _rows(share: _Share, counts: FileCounts) -> Markup:
    return Markup(
        "\n".join(
            _row(share, counts, position).text for position in range(len(share.manifest.files))
        )
    )


def _row(share: _Share, counts: FileCounts, position: int) -> Markup:
    state = counts.state(position, share.link, share.now, share.usual_downloads)
    return part(
        "file_row",
        number=str(position),
        file_name=_shortened(share.manifest.files[position].name),
        about=_said_of(share, counts, position),
        button=part("file_button", number=str(position)) if state in WORKING else "",
    )


def _said_of(share: _Share, counts: FileCounts, position: int) -> Markup:
    """In one line: its folders, its size, and how often it may still be downloaded."""
    folder = folder_shown(share.manifest.files[position])
    said = [isolated(_shortened(folder))] if folder else []
    said.append(Markup(file_size(share.manifest.files[position].size)))
    if left := _left(share, counts, position):
        said.append(Markup(left))
    return Markup(_BETWEEN.join(one.text for one in said))


def _left(share: _Share, counts: FileCounts, position: int) -> str:
    link, usual = share.link, share.usual_downloads
    left = counts.left(position, link, usual)
    if left is None:
        return "downloaded" if position in counts.downloads else ""
    if left:
        return f"{left:,}{_SPACE}{'download' if left == 1 else 'downloads'}{_SPACE}left"
    is_retryable = counts.state(position, link, share.now, usual) == RETRYABLE
    return "no downloads left" + (", but you can repeat the last one for now" * is_retryable)


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST_SHOWN:
        return text
    half = _LONGEST_SHOWN // 2
    return f"{text[:half]}…{text[-half:]}"
