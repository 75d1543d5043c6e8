"""A share's manifest: which files one mail announces, to whom, and on what terms. Pure.

It is an object in FileExchangeBucket, at `.s3link/shares/ID.json`, that is put after the files that
it names. docs/share-manifest.schema.json describes its form, as its writers may check it; here it
is read as the hostile input that it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from function.text import quoted, shown

from files.names import file_name

MOST_FILES = 1000
# In a mail with a link to S3 itself for each: SES takes 262,144 characters for the values of a
# mail, and such a link has up to 2,048.
MOST_DIRECT_FILES = 20
# Keys of 1,024 bytes, each letter of which may be written as an escape of six.
MOST_BYTES = 8_000_000
FORMAT, FORMAT_VERSION = "share", 1
# As for the template's own MaxDownloads.
MOST_DOWNLOADS = 1_000_000

_FOLDER, _ENDING = ".s3link/shares/", ".json"
_ID = re.compile("[A-Za-z0-9_-]{8,64}")
_LONGEST_KEY = 1024  # bytes, S3's limit
_LONGEST_VERSION = 1024  # characters; S3 has at most so many bytes, all of ASCII
_LONGEST_NAME = 255  # characters
_LONGEST_TEXT = 2000  # characters, of the note and of the sender
_LONGEST_ADDRESS = 320  # characters, as SES takes them
_MOST_RECIPIENTS = 1000
# What S3 calls each version while it keeps none: by tomorrow it may be another file.
_NO_VERSION = "null"
_LARGEST_FILE = 50 * 1024**4  # bytes, S3's limit
_MOST_SECONDS = 10**10

_REQUIRED = {"s3link", "version", "files"}
_OPTIONAL = {"recipients", "sender", "note", "expires", "max-downloads"}
_REQUIRED_OF_FILE = {"key", "version", "size"}


@dataclass(frozen=True)
class SharedFile:
    """One file as a manifest names it: `size` in bytes, and under which name it is mailed and
    downloaded, where that is not the end of its key."""

    key: str
    version: str
    size: int
    own_name: str = ""

    @property
    def name(self) -> str:
        return file_name(self.own_name) if self.own_name else file_name(self.key)

    @property
    def folder(self) -> str:
        """The folders of its key, as one harmless line; empty without any."""
        folders, _, _ = self.key.rpartition("/")
        return " / ".join(file_name(each) for each in folders.split("/") if each)


@dataclass(frozen=True)
class Manifest:
    """What a manifest says. `recipients` are empty where EmailRecipient is meant."""

    files: tuple[SharedFile, ...]
    recipients: tuple[str, ...] = ()
    sender: str = ""
    note: str = ""
    expires: int | None = None
    max_downloads: int | None = None

    @property
    def total_size(self) -> int:
        """Bytes of all files."""
        return sum(one.size for one in self.files)

    @property
    def title(self) -> str:
        """What stands for a file's name: "report.pdf and 11 more files"."""
        return f"{self.files[0].name}{and_more(len(self.files) - 1)}"

    @property
    def text(self) -> bytes:
        """As an object in the bucket has it."""
        said = {
            "recipients": list(self.recipients),
            "sender": self.sender,
            "note": self.note,
            "expires": self.expires,
            "max-downloads": self.max_downloads,
        }
        files = [
            {
                "key": one.key,
                "version": one.version,
                "size": one.size,
                **({"name": one.own_name} if one.own_name else {}),
            }
            for one in self.files
        ]
        document = {
            "s3link": FORMAT,
            "version": FORMAT_VERSION,
            **{name: value for name, value in said.items() if value not in (None, "", [])},
            "files": files,
        }
        return json.dumps(document, ensure_ascii=False, indent=1).encode()


def and_more(others: int) -> str:
    """The end of a title, after the first file's name; empty where it is the only one."""
    return f" and {others} more {'file' if others == 1 else 'files'}" if others > 0 else ""


class ManifestError(Exception):
    """Why a text is no manifest, as the end of a sentence."""


def manifest_key(share_id: str) -> str:
    """Where the manifest of a share lies."""
    return f"{_FOLDER}{share_id}{_ENDING}"


def is_manifest(key: str) -> bool:
    """Whether what lies there is meant as a manifest."""
    return key.startswith(_FOLDER) and not key.endswith("/")


def is_share_id(text: str) -> bool:
    return bool(_ID.fullmatch(text))


def share_id_of(key: str) -> str:
    """The share's id, as the key of its manifest has it. Raises ManifestError."""
    share_id = key.removeprefix(_FOLDER).removesuffix(_ENDING)
    if not is_share_id(share_id) or key != manifest_key(share_id):
        raise ManifestError(
            f"its key is not {manifest_key('ID')} with an ID of 8 to 64 letters, digits, hyphens "
            "and underscores"
        )
    return share_id


def manifest_of(text: bytes) -> Manifest:
    """Read a manifest. Raises ManifestError for the first thing that is wrong with it."""
    document = _document(text)
    _check_names(document, "it", _REQUIRED, _OPTIONAL)
    if document["s3link"] != FORMAT:
        raise ManifestError(f's3link is not "{FORMAT}"')
    if document["version"] != FORMAT_VERSION or isinstance(document["version"], (bool, float)):
        raise ManifestError(f"its version is not {FORMAT_VERSION}, the only one that there is")
    return Manifest(
        files=_files(document["files"]),
        recipients=_recipients(document["recipients"]) if "recipients" in document else (),
        sender=_sender(document),
        note=_text(document.get("note", ""), "note", _LONGEST_TEXT),
        expires=_optional_number(document, "expires", 1, _MOST_SECONDS),
        max_downloads=_optional_number(document, "max-downloads", 0, MOST_DOWNLOADS),
    )


def _document(text: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(text.decode(), object_pairs_hook=_members, parse_constant=_no_number)
    except (ValueError, RecursionError) as exc:
        raise ManifestError("it is not JSON in UTF-8") from exc
    if not isinstance(document, dict):
        raise ManifestError("it is not a JSON object")
    return document


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ManifestError("it has a member twice")
    return members


def _no_number(name: str) -> NoReturn:
    raise ManifestError(f"{name} is not JSON")


def _files(value: Any) -> tuple[SharedFile, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_FILES:
        raise ManifestError(f"files is not a list of 1 to {MOST_FILES:,}")
    files = tuple(_file(one, f"file {number}") for number, one in enumerate(value, start=1))
    keys = set()
    for one in files:
        if one.key in keys:
            raise ManifestError(f"it names {shown(one.key)} twice")
        keys.add(one.key)
    return files


def _file(value: Any, which: str) -> SharedFile:
    if not isinstance(value, dict):
        raise ManifestError(f"{which} is not a JSON object")
    _check_names(value, which, _REQUIRED_OF_FILE, {"name"})
    key = _text(value["key"], f"the key of {which}", _LONGEST_KEY)
    if not key or len(key.encode()) > _LONGEST_KEY:
        raise ManifestError(f"the key of {which} does not have 1 to {_LONGEST_KEY:,} bytes")
    if is_manifest(key):
        raise ManifestError(f"{which}, {shown(key)}, is a manifest itself")
    version = _text(value["version"], f"the version of {which}", _LONGEST_VERSION)
    if version in ("", _NO_VERSION):
        raise ManifestError(f"the version of {which}, {shown(key)}, is {quoted(version)}")
    return SharedFile(
        key,
        version,
        _number(value["size"], f"the size of {which}, {shown(key)},", 0, _LARGEST_FILE),
        _text(value.get("name", ""), f"the name of {which}", _LONGEST_NAME),
    )


def _recipients(value: Any) -> tuple[str, ...]:
    # Somebody chose to name recipients and named none: EmailRecipient would be a guess.
    if not isinstance(value, list) or not 1 <= len(value) <= _MOST_RECIPIENTS:
        raise ManifestError(f"recipients is not a list of 1 to {_MOST_RECIPIENTS:,}")
    return tuple(_recipient(one, number) for number, one in enumerate(value, start=1))


def _recipient(value: Any, number: int) -> str:
    what = f"recipient {number}"
    address = _text(value, what, _LONGEST_ADDRESS)
    if "," in address or not address.strip():
        raise ManifestError(f"{what} is not one address")
    return address


def _sender(document: Mapping[str, Any]) -> str:
    if "sender" not in document:
        return ""
    sender = _text(document["sender"], "sender", _LONGEST_TEXT)
    if not sender.strip():
        raise ManifestError("sender is empty")
    return sender


def _text(value: Any, what: str, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest:
        raise ManifestError(f"{what} is not a text of at most {longest:,} characters")
    try:
        value.encode()
    except UnicodeError as exc:  # half of a character pair can be in JSON, but not in a key
        raise ManifestError(f"{what} has half of a character in it") from exc
    return value


def _optional_number(document: Mapping[str, Any], name: str, least: int, most: int) -> int | None:
    return _number(document[name], name, least, most) if name in document else None


def _number(value: Any, what: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ManifestError(f"{what} is not a whole number from {least:,} to {most:,}")
    return value


def _check_names(
    document: Mapping[str, Any], which: str, required: set[str], optional: set[str]
) -> None:
    if missing := sorted(required - document.keys()):
        raise ManifestError(f"{which} lacks {missing[0]}")
    if unknown := sorted(document.keys() - required - optional):
        raise ManifestError(f"{which} has {shown(unknown[0])}, which is no member of a manifest")
