"""A folder as one file: what is in it, from wherever it is read, and whether it has changed."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.errors import UploadError
from deploy.uploading.body import body_of, crc32_of, require_unchanged
from deploy.uploading.files import LocalFile, select_files
from deploy.uploading.parts import parts_of

FILES = {"a.txt": b"first", "empty": b"", "below/ümläut b.bin": bytes(range(256)) * 40}


def filled(folder: Path, files: dict[str, bytes] = FILES) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def packed(folder: Path) -> LocalFile:
    [file] = select_files([folder], packs_folders=True).files
    return file


def read(file: LocalFile, start: int, size: int) -> bytes:
    with body_of(file.path, start, size, lambda read: None, lambda: None) as body:
        return bytes(body.read())


def test_a_folder_is_one_file(tmp_path: Path) -> None:
    """With everything in it, below its own name, and nothing beside it on the disk."""
    folder = filled(tmp_path / "photos")

    file = packed(folder)

    with zipfile.ZipFile(io.BytesIO(read(file, 0, file.size))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            f"photos/{name}": content for name, content in FILES.items()
        }
    assert (file.key, file.title) == ("photos.zip", str(folder))
    assert list(tmp_path.iterdir()) == [folder]


def test_each_file_says_itself_how_long_it_is(tmp_path: Path) -> None:
    """For programs that unpack while they read (APPNOTE 4.3.7, 4.4.4): bit 3, by which the sum and
    the sizes would come behind, is not set."""
    file = packed(filled(tmp_path / "photos"))
    content = read(file, 0, file.size)

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            header = struct.unpack_from("<4s5H3I", content, info.header_offset)
            assert not header[2] & 1 << 3
            assert header[6:] == (info.CRC, info.file_size, info.file_size)


@given(
    sizes=st.lists(st.integers(0, 70_000), min_size=1, max_size=6),
    cuts=st.lists(st.integers(0, 300_000), max_size=6),
)
def test_any_part_of_it_can_be_read(sizes: list[int], cuts: list[int]) -> None:
    """In any order, and more than once."""
    with TemporaryDirectory() as place:
        folder = filled(
            Path(place) / "f", {f"{n}": os.urandom(size) for n, size in enumerate(sizes)}
        )
        file = packed(folder)
        whole = read(file, 0, file.size)

        for start in sorted(min(cut, file.size) for cut in [*cuts, 0])[::-1]:
            assert read(file, start, file.size - start) == whole[start:]
            assert read(file, start, min(100, file.size - start)) == whole[start : start + 100]


def test_a_part_is_the_same_for_another_try(tmp_path: Path) -> None:
    """And for a later command: it takes up what another has begun."""
    folder = filled(tmp_path / "photos", {"video": os.urandom(20 * 1024**2), "b": b"b"})

    first, later = packed(folder), packed(folder)

    sums = [
        [crc32_of(file.path, part.start, part.size) for part in parts_of(file.size)]
        for file in (first, later)
    ]
    assert len(sums[0]) == 3
    assert sums[0] == sums[1]
    assert (first.size, first.modified) == (later.size, later.modified)


def test_a_change_is_seen(tmp_path: Path) -> None:
    """Of whichever of its files: no pack is put together of two states."""
    folder = filled(tmp_path / "photos")
    file = packed(folder)
    require_unchanged(file)

    (folder / "a.txt").write_bytes(b"other")
    os.utime(folder / "a.txt", ns=(1, 1))

    with pytest.raises(UploadError, match="it was changed meanwhile"):
        require_unchanged(file)
    (folder / "a.txt").unlink()
    with pytest.raises(UploadError, match="it cannot be read any more"):
        require_unchanged(file)


def test_what_is_left_out_of_a_folder_is_left_out_of_its_pack(tmp_path: Path) -> None:
    """Hidden files, leftovers and links; and each is told."""
    folder = filled(tmp_path / "photos", {"a.jpg": b"a", ".hidden": b"", "Thumbs.db": b""})
    (folder / "link").symlink_to("/etc/passwd")

    selection = select_files([folder], packs_folders=True)

    [file] = selection.files
    with zipfile.ZipFile(io.BytesIO(read(file, 0, file.size))) as archive:
        assert archive.namelist() == ["photos/a.jpg"]
    assert sorted(one.path.name for one in selection.left_out) == [".hidden", "Thumbs.db", "link"]


def test_a_file_beside_folders_stays_as_it_is(tmp_path: Path) -> None:
    folder = filled(tmp_path / "photos")
    report = tmp_path / "report.pdf"
    report.write_bytes(b"report")

    selection = select_files([report, folder], packs_folders=True)

    assert [file.key for file in selection.files] == ["report.pdf", "photos.zip"]


def test_times_that_zip_does_not_know_are_its_first(tmp_path: Path) -> None:
    """It begins with 1980."""
    folder = filled(tmp_path / "photos", {"a": b"a"})
    os.utime(folder / "a", (0, 0))

    file = packed(folder)

    with zipfile.ZipFile(io.BytesIO(read(file, 0, file.size))) as archive:
        assert archive.getinfo("photos/a").date_time == (1980, 1, 1, 0, 0, 0)
