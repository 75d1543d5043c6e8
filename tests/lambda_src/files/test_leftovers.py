"""What nobody means to send is known by its name; and nothing else is taken for it."""

from __future__ import annotations

import pytest
from files.leftovers import is_leftover
from hypothesis import given
from hypothesis import strategies as st

LEFTOVERS = (
    *(".DS_Store", "._talk.pptx", "Icon\r", "__MACOSX/talk.pptx", ".Trashes/501/a.txt"),
    *("Thumbs.db", "thumbs.db", "desktop.ini", "Desktop.ini", "$RECYCLE.BIN/S-1-5/a.txt"),
    *("~$offer.docx", ".~lock.offer.odt#", "~WRL0001.tmp", "orders.laccdb", "~book~a1b2.idlk"),
    *(".directory", ".goutputstream-A1B2C3", ".fuse_hidden0000000100000001", ".Trash-1000/a.txt"),
    *("video.mp4.part", "x.filepart", "setup.exe.crdownload", "a.zip.partial"),
    *(".syncthing.a.txt.tmp", "~syncthing~a.txt.tmp", ".s3cmd_1a2b.tmp", "._sync_1a2b.db-wal"),
    *("_SUCCESS", "_started_1234567", "_committed_1234567", "table_$folder$", "@eaDir/a.jpg"),
)
FILES = (
    *("report.pdf", "part", "part.txt", "apart", "archive.part1.rar", "video.part.mp4", "a.tmp"),
    *("DS_Store", "thumbs.db.txt", "success", "_SUCCESS.txt", "_started_well.pdf", "my$folder$"),
    *(".htaccess", ".env", "~offer.docx", "$offer.docx", "a~$b.docx", "lock.odt#", "MACOSX/a.txt"),
    *("desktop.ini/report.pdf", "video.mp4.part/video.mp4", "icon", "a/b/", "__MACOSX"),
)


@pytest.mark.parametrize("name", LEFTOVERS)
@pytest.mark.parametrize("folder", ["", "bob@example.com/", "a/b c/"])
def test_leftovers(folder: str, name: str) -> None:
    """In any folder."""
    assert is_leftover(folder + name)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("folder", ["", "bob@example.com/"])
def test_files_that_only_look_alike(folder: str, name: str) -> None:
    """No file that somebody may mean is left out."""
    assert not is_leftover(folder + name)


@given(st.text(max_size=60))
def test_any_key_is_one_or_the_other(key: str) -> None:
    """And what is put into a folder stays what it was."""
    assert is_leftover(f"folder/{key}") == is_leftover(key)
