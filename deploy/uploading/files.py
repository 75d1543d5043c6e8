"""Finds the files to upload and the keys they get. Reads the disk, not AWS."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.errors import UploadError
from deploy.lambda_packages import is_leftover, one_spelling, quoted

if TYPE_CHECKING:
    from deploy.uploading.in_memory import InMemory
    from deploy.uploading.packing import PackedFolder

# S3: "The object key name is a sequence of Unicode characters with UTF-8 encoding of up to
# 1,024 bytes long."
_KEY_LIMIT_BYTES = 1024
# As most programs have it, and the aws client, too.
STANDARD_INPUT = Path("-")


@dataclass(frozen=True)
class LocalFile:
    """A readable file, and the key under which it is uploaded.

    `modified` is when its content last changed, in nanoseconds. `typed` is what the operator calls
    it, where its path is only where it lies meanwhile.
    """

    path: Path | PackedFolder | InMemory
    key: str
    size: int
    modified: int = 0
    typed: str = ""

    @property
    def is_packed(self) -> bool:
        """Whether it is a folder as one file."""
        return not isinstance(self.path, Path)

    @property
    def title(self) -> str:
        return self.typed or str(self.path)


@dataclass(frozen=True)
class LeftOut:
    """Something in a folder that is not sent unless it is named itself, and why."""

    path: Path
    reason: str

    @property
    def sentence(self) -> str:
        return f"Left out {quoted(str(self.path))}, {self.reason}; name it to send it."


@dataclass(frozen=True)
class SelectedFiles:
    """What is sent, and what of the folders is left out: hidden files, leftovers of programs
    and symbolic links."""

    files: tuple[LocalFile, ...]
    left_out: tuple[LeftOut, ...]


def select_files(
    paths: Iterable[Path],
    below: str = "",
    standard_input: LocalFile | None = None,
    packs_folders: bool = False,
) -> SelectedFiles:
    """All files named by `paths`; raises UploadError for the first that cannot be sent.

    A file's key is its name. A folder is walked, and its files' keys start with its own name, as
    when a folder is dragged into the S3 console. `below`, if any, is what every key begins with.
    `standard_input` is what stands for the path "-". With `packs_folders` a folder is one file, a
    ZIP of its name.
    """
    files: list[LocalFile] = []
    left_out: list[LeftOut] = []
    for path in paths:
        if standard_input and path == STANDARD_INPUT:
            files.append(standard_input)
            continue
        if not path.is_dir():
            files.append(local_file(path, f"{below}{path.name}"))
            continue
        found = list(_walk(path))
        shown = [entry for entry in found if isinstance(entry, Path)]
        if not shown:
            raise UploadError(f'The folder "{path}" holds no files to send.')
        left_out += [entry for entry in found if isinstance(entry, LeftOut)]
        name = path.resolve().name
        if packs_folders:
            files.append(_packed(path, f"{below}{name}.zip", shown))
        else:
            files += [local_file(entry, f"{below}{name}/{_inside(entry, path)}") for entry in shown]
    _check_unique(files)
    return SelectedFiles(tuple(files), tuple(left_out))


def _packed(folder: Path, name: str, shown: Sequence[Path]) -> LocalFile:
    """A folder as one file, in which each file lies below the folder's own name."""
    from deploy.uploading.packing import Member, PackedFolder  # zipfile, for those who want it

    above = folder.resolve().name
    members = [Member(entry, one_spelling(f"{above}/{_inside(entry, folder)}")) for entry in shown]
    _check_unique(LocalFile(one.path, one.name, 0) for one in members)
    pack = PackedFolder(folder, members)
    status = pack.stat()
    return LocalFile(pack, _key(folder, name), status.st_size, status.st_mtime_ns)


def _walk(folder: Path) -> Iterator[Path | LeftOut]:
    """The files of a folder and its folders in order, and what is neither sent nor entered."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as exc:
        raise UploadError(f'The folder "{folder}" cannot be read: {exc.strerror}.') from exc
    for entry in entries:
        if entry.name.startswith("."):
            yield LeftOut(entry, "which is hidden")
        elif is_leftover(f"{entry.name}/" if entry.is_dir() else entry.name):
            yield LeftOut(entry, "a leftover of some program")
        elif entry.is_symlink():
            yield LeftOut(entry, "a symbolic link, which could lead anywhere")
        elif entry.is_dir():
            yield from _walk(entry)
        else:
            yield entry


def _inside(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def local_file(path: Path, name: str) -> LocalFile:
    """One file and `name` as its key; raises UploadError when it cannot be sent."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UploadError(f'"{path}" is not a file; only files and folders can be sent.')
        with path.open("rb"):
            pass
    except FileNotFoundError as exc:
        raise UploadError(f'There is no file "{path}"; check the name.') from exc
    except OSError as exc:
        raise UploadError(f'"{path}" cannot be read: {exc.strerror}.') from exc
    return LocalFile(path, _key(path, name), status.st_size, status.st_mtime_ns)


def _key(path: Path, name: str) -> str:
    """`name` as a key: one spelling of each character, whatever the file system prefers."""
    try:
        key = one_spelling(name)
        length = len(key.encode())
    except UnicodeEncodeError as exc:
        raise UploadError(
            f"The name of {str(path)!r} is not valid UTF-8; rename the file."
        ) from exc
    if length > _KEY_LIMIT_BYTES:
        raise UploadError(
            f'The name "{key}" is {length} bytes long and S3 takes {_KEY_LIMIT_BYTES}; '
            "rename the file or send it on its own."
        )
    return key


def _check_unique(files: Iterable[LocalFile]) -> None:
    seen: dict[str, LocalFile] = {}
    for file in files:
        first = seen.setdefault(file.key, file)
        if first is not file:
            raise UploadError(
                f'"{first.title}" and "{file.title}" would both be uploaded as "{file.key}"; '
                "rename one of them."
            )
