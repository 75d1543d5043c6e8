"""`s3link members publish`: a version arrives whole, or everything is as it was."""

from __future__ import annotations

import os
import signal
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.aws.clients import connect_with_keys
from deploy.console import Console
from deploy.errors import MembersError, PublishStoppedError, S3LinkError
from deploy.members.publishing import publish
from tests.deploy.members.account import BUCKET, URL, MembersAccount
from tests.deploy.operator import Operator

pytestmark = pytest.mark.slow

LARGE = 20_000_000  # bytes, three parts of an upload
DENIED = {
    "Error": {
        "Code": "AccessDenied",
        "Message": "User: ann is not authorized to perform: s3:PutObject on resource: it",
    },
    "ResponseMetadata": {"HTTPStatusCode": 403},
}


@pytest.fixture
def game(tmp_path: Path) -> Path:
    return written(tmp_path / "my game (final) + ü.zip", b"A game")


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return written(tmp_path / "news.md", b"# What is new")


def written(path: Path, content: bytes = b"content") -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(content)
    return path


def publishing(account: MembersAccount, *files: Path, **options: Any) -> S3LinkError:
    """The error in which publishing these files ends."""
    options = {"notes": None, "replace": False, **options}
    with pytest.raises(S3LinkError) as failed:
        publish(account.area, "1.4.0", files, console=Console(), **options)
    return failed.value


def fails_at(account: MembersAccount, call: str, part_of_key: str) -> None:
    def deny(params: dict[str, Any], **_: Any) -> Any:
        if part_of_key in params["url_path"]:
            return SimpleNamespace(status_code=403), DENIED
        return None

    account.clients.s3.meta.events.register(f"before-call.s3.{call}", deny)


def is_stopped_at(account: MembersAccount, event: str, time: int = 1) -> None:
    """Somebody presses Ctrl-C when boto3 tells of this, for the first time or a later one."""
    told = count(1)

    def press(**_: Any) -> None:
        if next(told) == time:
            os.kill(os.getpid(), signal.SIGINT)

    account.clients.s3.meta.events.register(event, press)


def test_a_version_is_published(
    operator: Operator, account: MembersAccount, game: Path, notes: Path
) -> None:
    """Files under their names, notes under a fixed one; progress is plain lines off a terminal."""
    ran = operator.s3link(f"members publish --version 1.4.0 --notes '{notes}'", game)

    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout == (
        f'Published version "1.4.0", with 1 file and notes. Members find it at {URL}\n'
    )
    assert ran.stderr == (
        f'Publishing "1.4.0/{game.name}" (6 bytes)\nPublishing "1.4.0/NOTES.md" (13 bytes)\n'
    )
    assert account.contents() == {
        f"1.4.0/{game.name}": b"A game",
        "1.4.0/NOTES.md": b"# What is new",
    }


def test_folders_are_published_for_programs(
    operator: Operator, account: MembersAccount, tmp_path: Path
) -> None:
    """One document; what is hidden is left out, as when files are sent."""
    build = tmp_path / "build"
    written(build / "win" / "game.exe")
    written(build / ".DS_Store")

    ran = operator.s3link("members publish --version 2 --output json", build)

    [file] = ran.document["files"]
    assert (file["key"], file["size"]) == ("2/build/win/game.exe", 7)
    assert (ran.document["version"], ran.document["notes"]) == ("2", False)
    assert f'Left out "{build}/.DS_Store", which is hidden; name it to send it.' in ran.stderr
    account.clients.s3.head_object(Bucket=BUCKET, Key=file["key"], VersionId=file["version_id"])


def test_a_large_file_goes_in_parts(
    operator: Operator, account: MembersAccount, tmp_path: Path
) -> None:
    video = written(tmp_path / "video.mp4", os.urandom(LARGE))

    ran = operator.s3link("members publish --version 2", video)

    stored = account.clients.s3.get_object(Bucket=BUCKET, Key="2/video.mp4")
    assert ran.exit_code == 0, ran.stderr
    assert stored["ETag"].endswith('-3"')
    assert stored["Body"].read() == video.read_bytes()


def test_a_version_is_not_overwritten(
    operator: Operator, account: MembersAccount, game: Path
) -> None:
    """Whoever has it has it; another name is free, and --replace says that it is meant."""
    account.put("1.4.0/game.zip")
    account.put("1.4.0/NOTES.txt")

    ran = operator.s3link("members publish --version 1.4.0", game)

    assert (ran.exit_code, ran.error) == (
        1,
        'Version "1.4.0" is there already, with 2 objects; publish under another version, or add '
        "--replace.",
    )
    assert set(account.contents()) == {"1.4.0/game.zip", "1.4.0/NOTES.txt"}


@pytest.mark.parametrize(
    ("size", "event"), [(6, "before-call.s3.PutObject"), (LARGE, "before-call.s3.UploadPart")]
)
def test_two_publish_a_version_at_once(
    account: MembersAccount, tmp_path: Path, size: int, event: str
) -> None:
    """Both have found it free; S3 takes the first, and nothing of the second stays."""
    mine = written(tmp_path / "game.zip", b"m" * size)
    other = connect_with_keys("key", "secret", "eu-west-1", None).s3

    def publish_too(**_: Any) -> None:
        other.put_object(Bucket=BUCKET, Key="1.4.0/game.zip", Body=b"theirs")

    account.clients.s3.meta.events.register_first(event, publish_too)

    error = publishing(account, mine)

    assert str(error) == (
        'Somebody else is publishing version "1.4.0", with "1.4.0/game.zip"; nothing of yours is '
        "in it. Publish under another version, or add --replace."
    )
    assert account.contents() == {"1.4.0/game.zip": b"theirs"}
    assert "Uploads" not in account.clients.s3.list_multipart_uploads(Bucket=BUCKET)


def test_a_lost_answer_is_no_other_publisher(account: MembersAccount, game: Path) -> None:
    """botocore puts the file once more, and S3 says that it is there already."""
    other = connect_with_keys("key", "secret", "eu-west-1", None).s3

    def arrive_before(params: dict[str, Any], **_: Any) -> None:
        mark = params["headers"]["x-amz-meta-publication"]
        other.put_object(
            Bucket=BUCKET,
            Key=f"1.4.0/{game.name}",
            Body=game.read_bytes(),
            Metadata={"publication": mark},
        )

    account.clients.s3.meta.events.register_first("before-call.s3.PutObject", arrive_before)

    published = publish(account.area, "1.4.0", [game], None, False, Console())

    [stored] = account.clients.s3.list_object_versions(Bucket=BUCKET)["Versions"]
    assert [one.version_id for one in published.files] == [stored["VersionId"]]


def test_more_than_the_page_can_list_is_refused(account: MembersAccount, tmp_path: Path) -> None:
    """Before anything is uploaded; packed into one file it is as good."""
    for number in range(8_000):
        written(tmp_path / "build" / f"{'語' * 80}{number}", b"")

    error = publishing(account, tmp_path / "build")

    assert str(error) == (
        'Version "1.4.0" would have 8,000 files, whose names are more than the members\' page can '
        "list; pack them into one file, such as a zip."
    )
    assert account.contents() == {}


def test_a_version_is_replaced(operator: Operator, account: MembersAccount, game: Path) -> None:
    """By the new files and no others; the old ones lie below delete markers."""
    account.put(f"1.4.0/{game.name}", b"old")
    account.put("1.4.0/other.zip")
    account.put("1.4.0/NOTES.txt")
    account.put("1.4.1/other.zip")

    ran = operator.s3link("members publish --version 1.4.0 --replace", game)

    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout == (
        'Published version "1.4.0", with 1 file. Taken away: "1.4.0/NOTES.txt", '
        f'"1.4.0/other.zip". Members find it at {URL}\n'
    )
    assert account.contents() == {f"1.4.0/{game.name}": b"A game", "1.4.1/other.zip": b"content"}
    markers = account.clients.s3.list_object_versions(Bucket=BUCKET)["DeleteMarkers"]
    assert {marker["Key"] for marker in markers} == {"1.4.0/NOTES.txt", "1.4.0/other.zip"}


def test_what_withdrew_a_version_lets_it_be_published_again(
    operator: Operator, account: MembersAccount, game: Path
) -> None:
    """Delete markers are nothing that could be overwritten."""
    operator.s3link("members publish --version 1.4.0", game)
    operator.s3link("members withdraw --yes 1.4.0")

    ran = operator.s3link("members publish --version 1.4.0", game)

    assert ran.exit_code == 0, ran.stderr


def test_a_failure_takes_back_what_had_arrived(
    account: MembersAccount, game: Path, notes: Path, tmp_path: Path
) -> None:
    """Half a version would be worse than none: members would download it."""
    bad = written(tmp_path / "second.zip")
    fails_at(account, "PutObject", "second.zip")

    error = publishing(account, game, bad, notes=notes)

    assert isinstance(error, MembersError)
    assert str(error) == (
        f'"{bad}" was not published (AWS denied s3:PutObject on it for ann; ask your administrator '
        'to allow it, or use another --profile): there is no version "1.4.0" and nothing is left '
        "half done; run the command again."
    )
    assert "Versions" not in account.clients.s3.list_object_versions(Bucket=BUCKET)


def test_a_replacement_that_fails_leaves_the_version_as_it_was(
    account: MembersAccount, game: Path, notes: Path
) -> None:
    """What had been overwritten is uncovered again."""
    account.put(f"1.4.0/{game.name}", b"old")
    account.put("1.4.0/other.zip", b"other")
    fails_at(account, "PutObject", "NOTES.md")

    error = publishing(account, game, notes=notes, replace=True)

    assert str(error).endswith(
        '): version "1.4.0" is as it was and nothing is left half done; run the command again.'
    )
    assert account.contents() == {f"1.4.0/{game.name}": b"old", "1.4.0/other.zip": b"other"}


@pytest.mark.parametrize(
    "event",
    ["before-call.s3.PutObject", "after-call.s3.PutObject"],
)
def test_ctrl_c_takes_back_what_had_arrived(
    account: MembersAccount, game: Path, tmp_path: Path, event: str
) -> None:
    """Also what arrives while it is pressed; 130 is the exit code that Ctrl-C has everywhere."""
    second = written(tmp_path / "second.zip")
    is_stopped_at(account, event, time=2)

    error = publishing(account, game, second)

    assert isinstance(error, PublishStoppedError)
    assert error.exit_code == 130
    assert str(error) == (
        'Stopped: there is no version "1.4.0" and nothing is left half done; run the command again.'
    )
    assert "Versions" not in account.clients.s3.list_object_versions(Bucket=BUCKET)


def test_ctrl_c_that_comes_too_late_is_told_as_such(account: MembersAccount, game: Path) -> None:
    """All has arrived, and what was to go is gone before it takes effect."""
    account.put("1.4.0/other.zip")
    is_stopped_at(account, "before-call.s3.DeleteObjects")

    error = publishing(account, game, replace=True)

    assert error.exit_code == 130
    assert str(error) == (
        'Stopped too late: version "1.4.0" is published, with everything that was to be done; '
        "`s3link members withdraw 1.4.0` takes it back."
    )
    assert list(account.contents()) == [f"1.4.0/{game.name}"]


def test_what_cannot_be_taken_back_is_told(
    account: MembersAccount, game: Path, tmp_path: Path
) -> None:
    """Without a network, or the right, nothing can be taken back."""
    bad = written(tmp_path / "second.zip")
    fails_at(account, "PutObject", "second.zip")
    fails_at(account, "DeleteObjects", "")

    error = publishing(account, game, bad)

    assert str(error).endswith(
        '): what had arrived of version "1.4.0" could not be taken back; publish it again with '
        "--replace, or run `s3link members withdraw 1.4.0`."
    )


def test_parts_that_cannot_be_taken_back_are_told(account: MembersAccount, tmp_path: Path) -> None:
    video = written(tmp_path / "video.mp4", os.urandom(LARGE))
    for call in ("UploadPart", "AbortMultipartUpload"):
        fails_at(account, call, "")

    error = publishing(account, video)

    assert str(error).endswith(
        '): there is no version "1.4.0" and parts of the file lie in the bucket until its '
        "lifecycle removes them; run the command again."
    )


def test_old_files_that_stay_are_told(account: MembersAccount, game: Path) -> None:
    """The new ones are there; the same command again takes the old ones away."""
    account.put("1.4.0/other.zip")
    fails_at(account, "DeleteObjects", "")

    error = publishing(account, game, replace=True)

    assert str(error).startswith(
        'Version "1.4.0" is published, but files of before are still in it: AWS denied s3:PutObject'
    )
    assert set(account.contents()) == {f"1.4.0/{game.name}", "1.4.0/other.zip"}


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (
            "long.md",
            b"x" * 16_385,
            "has 16,385 bytes and the page shows 16,384 of a version's notes; shorten it.",
        ),
        ("nothing.md", b"", "is empty; leave --notes out where there are none."),
        ("latin.txt", b"\xfcber", "is not UTF-8 text; save it as UTF-8."),
    ],
)
def test_notes_that_could_not_be_shown_are_refused(
    account: MembersAccount, game: Path, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    notes = written(tmp_path / name, content)

    error = publishing(account, game, notes=notes)

    assert str(error) == f'"{notes}" {sentence}'
    assert account.contents() == {}


def test_notes_that_are_not_there(account: MembersAccount, game: Path, tmp_path: Path) -> None:
    error = publishing(account, game, notes=tmp_path / "no.md")

    assert str(error) == f'There is no file "{tmp_path}/no.md"; check the name.'


def test_a_file_with_the_name_of_the_notes(account: MembersAccount, tmp_path: Path) -> None:
    """It would not be a download; below a folder it is one like any other."""
    notes = written(tmp_path / "NOTES.md")

    error = publishing(account, notes)

    assert str(error) == (
        f'"{notes}" has the name of a version\'s notes; name it with --notes instead.'
    )


def test_other_text_becomes_plain_notes(
    operator: Operator, account: MembersAccount, game: Path, tmp_path: Path
) -> None:
    """Hostile text too: it is shown as text."""
    notes = written(tmp_path / "news", b"<script>alert(1)</script>")

    operator.s3link(f"members publish --version 1.4.0 --notes '{notes}'", game)

    assert account.contents()["1.4.0/NOTES.txt"] == b"<script>alert(1)</script>"


@pytest.mark.parametrize(
    "name", ["=cmd().zip", "<img src=x>.zip", "a\u202epiz.exe", "a\nb.zip", "'; rm -rf.zip"]
)
def test_hostile_file_names_arrive_as_they_are(
    operator: Operator, account: MembersAccount, tmp_path: Path, name: str
) -> None:
    """And are harmless on the terminal."""
    file = written(tmp_path / name)

    ran = operator.s3link("members publish --version 1.4.0", file)
    operator.s3link("members withdraw --yes 1.4.0")

    assert ran.exit_code == 0, ran.stderr
    assert all(line.isprintable() for line in (ran.stdout + ran.stderr).splitlines())
    assert account.contents() == {}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "publish game.zip --version ../1",
            "Invalid value for '--version': \"../1\" cannot name a version: it would be another "
            "folder; use one such as 1.4.0.",
        ),
        (
            "publish game.zip --version survey.json",
            "Invalid value for '--version': \"survey.json\" cannot name a version: that is where "
            "the survey's questions are; use one such as 1.4.0.",
        ),
        ("publish game.zip", "Missing option '--version'."),
        ("publish --version 1.4.0", "Missing argument 'FILE...'."),
        (
            "withdraw 1/4",
            "Invalid value for 'VERSION': \"1/4\" is not a version; type one that `s3link members "
            "versions` shows.",
        ),
    ],
)
def test_wrong_usage(operator: Operator, line: str, sentence: str) -> None:
    """What is typed wrong is told without asking AWS, with exit code 2."""
    ran = operator.s3link(f"members {line}")

    assert (ran.exit_code, ran.error) == (2, sentence)
