"""Which files `s3link send` takes, the keys they get, and the sentence for every one it refuses."""

from __future__ import annotations

import os
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.errors import UploadError
from deploy.uploading.files import LeftOut, select_files


def filled(path: Path, content: str = "content") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def refusal(*paths: Path) -> str:
    with pytest.raises(UploadError) as refused:
        select_files(paths)
    return str(refused.value)


@pytest.fixture
def unprivileged_folder() -> Iterator[Path]:
    """A folder that everyone may enter; root reads every file, so the test is somebody else."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        before = os.geteuid()
        yield folder
        os.seteuid(before)


@pytest.mark.parametrize(
    "name",
    [
        "report.pdf",
        "my report (final) + ü.pdf",
        "100% \"done\", really; 'yes'.pdf",
        "a&b=c?d#e.txt",
        "line\nbreak.txt",
        "отчёт 📄.pdf",
        "-rf",
        ".profile",
    ],
)
def test_a_file_goes_under_its_own_name(tmp_path: Path, name: str) -> None:
    """The key is the file's name, whatever folder it lies in and whatever characters it has."""
    file = filled(tmp_path / "somewhere" / name)

    [sent] = select_files([file]).files

    assert (sent.path, sent.key, sent.size) == (file, name, 7)


def test_one_name_has_one_spelling(tmp_path: Path) -> None:
    """A name that a Mac wrote in decomposed characters gives the same key as anywhere else."""
    decomposed = unicodedata.normalize("NFD", "grüße.txt")

    [sent] = select_files([filled(tmp_path / decomposed)]).files

    assert sent.key == "grüße.txt"


def test_a_folder_goes_with_its_name_and_its_folders(tmp_path: Path) -> None:
    """Keys start with the folder's own name, as when it is dragged into the S3 console."""
    filled(tmp_path / "photos/2026/b.jpg")
    filled(tmp_path / "photos/a.jpg")

    selection = select_files([tmp_path / "photos"])

    assert [file.key for file in selection.files] == ["photos/2026/b.jpg", "photos/a.jpg"]


def test_the_current_folder_has_a_name_too(tmp_path: Path) -> None:
    """A folder given as `photos/sub/..` is named by what it is."""
    filled(tmp_path / "photos/sub/a.jpg")

    [file] = select_files([tmp_path / "photos" / "sub" / ".."]).files

    assert file.key == "photos/sub/a.jpg"


def test_hidden_files_of_a_folder_are_left_out_and_named(tmp_path: Path) -> None:
    """Nobody wants a link to .DS_Store, and nothing is left out silently."""
    filled(tmp_path / "photos/a.jpg")
    filled(tmp_path / "photos/.DS_Store")
    filled(tmp_path / "photos/.git/config")

    selection = select_files([tmp_path / "photos"])

    assert [file.key for file in selection.files] == ["photos/a.jpg"]
    assert selection.left_out == (
        LeftOut(tmp_path / "photos/.DS_Store", "which is hidden"),
        LeftOut(tmp_path / "photos/.git", "which is hidden"),
    )


def test_leftovers_in_a_folder_are_left_out_and_named(tmp_path: Path) -> None:
    """What LinkGenerator would not announce; who names one means it."""
    filled(tmp_path / "photos/a.jpg")
    filled(tmp_path / "photos/Thumbs.db")
    filled(tmp_path / "photos/__MACOSX/a.jpg")

    selection = select_files([tmp_path / "photos", tmp_path / "photos/Thumbs.db"])

    assert [file.key for file in selection.files] == ["photos/a.jpg", "Thumbs.db"]
    assert [left_out.sentence for left_out in selection.left_out] == [
        f'Left out "{tmp_path}/photos/{name}", a leftover of some program; name it to send it.'
        for name in ("Thumbs.db", "__MACOSX")
    ]


def test_a_link_that_is_named_is_followed(tmp_path: Path) -> None:
    """Who names a symbolic link means the file behind it."""
    link = tmp_path / "latest.pdf"
    link.symlink_to(filled(tmp_path / "report-7.pdf"))

    [sent] = select_files([link]).files

    assert (sent.key, sent.size) == ("latest.pdf", 7)


def test_links_inside_a_folder_are_left_out_and_named(tmp_path: Path) -> None:
    """A folder may hold links that lead to anything on the machine; its files are sent."""
    filled(tmp_path / "photos/a.jpg")
    (tmp_path / "photos/b").symlink_to("/etc")
    (tmp_path / "photos/c.jpg").symlink_to(tmp_path / "photos/a.jpg")

    selection = select_files([tmp_path / "photos"])

    assert [file.key for file in selection.files] == ["photos/a.jpg"]
    assert selection.left_out == tuple(
        LeftOut(tmp_path / "photos" / name, "a symbolic link, which could lead anywhere")
        for name in ("b", "c.jpg")
    )


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A mistyped name is said as it was typed."""
    assert refusal(tmp_path / "reprot.pdf") == (
        f'There is no file "{tmp_path}/reprot.pdf"; check the name.'
    )


def test_an_empty_file_is_sent_as_any_other(tmp_path: Path) -> None:
    """LinkGenerator announces it, and a folder may well hold one, such as __init__.py."""
    filled(tmp_path / "code/__init__.py", "")
    filled(tmp_path / "code/main.py")

    selection = select_files([tmp_path / "code"])

    assert [(file.key, file.size) for file in selection.files] == [
        ("code/__init__.py", 0),
        ("code/main.py", 7),
    ]


@pytest.mark.parametrize("hidden", [[], [".DS_Store"]])
def test_an_empty_folder_is_refused(tmp_path: Path, hidden: list[str]) -> None:
    """A folder with nothing in it, or nothing but hidden files, is a mistake."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in hidden:
        filled(folder / name)

    assert refusal(folder) == f'The folder "{folder}" holds no files to send.'


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A pipe would never end."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    assert refusal(pipe) == f'"{pipe}" is not a file; only files and folders can be sent.'


def test_an_unreadable_file_is_refused(unprivileged_folder: Path) -> None:
    """The reason is the operating system's own."""
    file = filled(unprivileged_folder / "secret.pdf")
    file.chmod(0)

    os.seteuid(65534 if os.geteuid() == 0 else os.geteuid())

    assert refusal(file) == f'"{file}" cannot be read: Permission denied.'


def test_an_unreadable_folder_is_refused(unprivileged_folder: Path) -> None:
    """A folder that cannot be listed is not an empty one."""
    folder = unprivileged_folder / "secrets"
    folder.mkdir(0)

    os.seteuid(65534 if os.geteuid() == 0 else os.geteuid())

    assert refusal(folder) == f'The folder "{folder}" cannot be read: Permission denied.'


def test_two_files_cannot_share_a_key(tmp_path: Path) -> None:
    """The second would hide the first from everybody but its recipients."""
    first, second = filled(tmp_path / "a/report.pdf"), filled(tmp_path / "b/report.pdf")

    assert refusal(first, second) == (
        f'"{first}" and "{second}" would both be uploaded as "report.pdf"; rename one of them.'
    )


def test_a_key_may_have_1024_bytes_and_no_more(tmp_path: Path) -> None:
    """S3's limit is in bytes of UTF-8, and folders count."""
    deep = "ü" * 100
    fits = filled(tmp_path / "x" / deep / deep / deep / deep / ("n" * 218))
    too_long = filled(tmp_path / "y" / deep / deep / deep / deep / ("n" * 219))

    [file] = select_files([tmp_path / "x"]).files
    sentence = refusal(tmp_path / "y")

    assert len(file.key.encode()) == 1024
    assert file.path == fits
    assert sentence == (
        f'The name "{too_long.relative_to(tmp_path)}" is 1025 bytes long and S3 takes 1024; '
        "rename the file or send it on its own."
    )


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """A Linux name may be any bytes; a key is Unicode."""
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))

    filled(file)

    assert refusal(file).endswith("caf\\udce9.txt' is not valid UTF-8; rename the file.")
