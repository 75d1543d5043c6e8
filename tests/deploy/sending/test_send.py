"""`s3link send` as its user sees it: what arrives, what is told, and what is refused before."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
import traceback
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from files.metadata import decoded

from deploy.aws.clients import Clients, connect_with_keys
from deploy.console import Console
from deploy.deployment import Deployment
from deploy.errors import UploadError, UploadStoppedError
from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.sending.prepare import SendOptions
from deploy.sending.send import send_files
from tests.deploy.operator import Operator
from tests.waiting import until

pytestmark = pytest.mark.slow

BUCKET = "s3link-123456789012-eu-west-1"
DEPLOYMENT = Deployment("s3link", "123456789012", "eu-west-1", {})
LARGE = 20_000_000  # bytes, three parts of an upload


@pytest.fixture
def report(tmp_path: Path) -> Path:
    file = tmp_path / "my report (final) + ü.pdf"
    file.write_text("A report")
    return file


@pytest.fixture
def video(tmp_path: Path) -> Path:
    file = tmp_path / "video.mp4"
    file.write_bytes(os.urandom(LARGE))
    return file


def arrived(clients: Clients) -> list[str]:
    versions = clients.s3.list_object_versions(Bucket=BUCKET).get("Versions", [])
    return [version["Key"] for version in versions]


def failure(clients: Clients, *files: Path) -> str:
    """Of files each of which has a mail of its own."""
    with pytest.raises(UploadError) as failed:
        send_files(clients, DEPLOYMENT, files, SendOptions(), Console(), separately=True)
    return str(failed.value)


def main_thread_is_in(function: str) -> bool:
    frame = sys._current_frames()[threading.main_thread().ident or 0]
    return any(one.f_code.co_name == function for one, _ in traceback.walk_stack(frame))


def presses_ctrl_c(clients: Clients, event: str, after: Sequence[str] = ()) -> None:
    """Somebody does so once, when boto3 tells of this for the first time and small files are there.

    What it tells of goes on when the sending has been stopped, however long that takes.
    """
    main_process, presses = os.getpid(), iter([signal.SIGINT])

    def press(**_: Any) -> None:
        for number in presses:
            until(lambda: set(arrived(clients)) >= set(after))
            os.kill(main_process, number)
            until(lambda: main_thread_is_in("_bring_to_rest"))

    clients.s3.meta.events.register(event, press)


def test_a_file_arrives_under_its_name(
    deployed_operator: Operator, embedded_clients: Clients, report: Path
) -> None:
    """The result says who gets the link; progress is a plain line off a terminal."""
    ran = deployed_operator.s3link("send", report)

    stored = embedded_clients.s3.get_object(Bucket=BUCKET, Key=report.name)
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout == f'Sent "{report.name}"; a link goes to bob@example.com.\n'
    assert ran.stderr == f'Sending "{report.name}" (8 bytes)\n'
    assert stored["Body"].read() == b"A report"
    assert stored["ContentType"] == "application/pdf"
    assert stored["Metadata"] == {}


def test_wishes_travel_with_the_file(
    deployed_operator: Operator, embedded_clients: Clients, report: Path
) -> None:
    """Recipients, note and expiry arrive as metadata, which LinkGenerator reads."""
    ran = deployed_operator.s3link(
        'send --to "dora@example.com, fred@example.com" --to "Emil@Example.com" '
        '--note "Grüße ✓" --expires 30m',
        report,
    )

    metadata = embedded_clients.s3.head_object(Bucket=BUCKET, Key=report.name)["Metadata"]
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.endswith(
        "a link goes to dora@example.com, fred@example.com, Emil@example.com.\n"
    )
    assert metadata["recipients"] == "dora@example.com,fred@example.com,Emil@example.com"
    assert decoded(metadata["note"]) == "Grüße ✓"
    assert metadata["expires"] == "1800"


def test_files_and_folders_for_programs(
    deployed_operator: Operator, embedded_clients: Clients, report: Path, tmp_path: Path
) -> None:
    """One document with file, key, version and recipients of each."""
    slides, for_carl = tmp_path / "slides", tmp_path / "carl@example.com"
    for file in (slides / "a.txt", slides / ".DS_Store", for_carl / "b.txt"):
        file.parent.mkdir(exist_ok=True)
        file.write_text("content")
    (slides / "empty.txt").touch()

    ran = deployed_operator.s3link("send --output json", report, slides, for_carl)

    sent = ran.document["sent"]
    assert [(entry["key"], entry["recipients"]) for entry in sent] == [
        (report.name, ["bob@example.com"]),
        ("slides/a.txt", ["bob@example.com"]),
        ("slides/empty.txt", ["bob@example.com"]),
        ("carl@example.com/b.txt", ["carl@example.com"]),
    ]
    assert f'Left out "{tmp_path}/slides/.DS_Store", which is hidden; name it to send it.' in (
        ran.stderr
    )
    for entry in sent:
        embedded_clients.s3.head_object(
            Bucket=BUCKET, Key=entry["key"], VersionId=entry["version_id"]
        )


def test_a_large_file_goes_in_parts(
    deployed_operator: Operator, embedded_clients: Clients, video: Path
) -> None:
    """And is one object with the same bytes in the end, under the version that is told."""
    ran = deployed_operator.s3link("send --output json", video)

    [sent] = ran.document["sent"]
    stored = embedded_clients.s3.get_object(
        Bucket=BUCKET, Key="video.mp4", VersionId=sent["version_id"]
    )
    assert stored["ETag"].endswith('-3"')
    assert stored["Body"].read() == video.read_bytes()


def test_the_version_told_is_ours_even_if_somebody_uploads_the_same_key(
    deployed_operator: Operator, embedded_clients: Clients, report: Path
) -> None:
    """Asking S3 afterwards would name the other one."""
    other = connect_with_keys(
        LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY, "eu-west-1", embedded_clients.endpoint_url
    )
    embedded_clients.s3.meta.events.register(
        "after-call.s3.PutObject",
        lambda **_: other.s3.put_object(Bucket=BUCKET, Key=report.name, Body=b"theirs"),
    )

    [sent] = send_files(embedded_clients, DEPLOYMENT, [report], SendOptions(), Console()).files

    version = other.s3.get_object(Bucket=BUCKET, Key=report.name, VersionId=sent.version_id)
    assert version["Body"].read() == b"A report"


@pytest.mark.parametrize(
    ("line", "exit_code", "sentence"),
    [
        (
            "send --to eve@example.com.evil.net --to dora@example.com",
            1,
            "Nothing was sent, because eve@example.com.evil.net may not get links from "
            "s3link-generator; send to others, or add the address to AuthorizedRecipients and run "
            "`s3link deploy`.",
        ),
        (
            "send --expires 59s",
            2,
            "--expires asks for 59 seconds, in which hardly anybody reads a mail; ask for 60 or "
            "more.",
        ),
        (
            "send --expires 1s",
            2,
            "--expires asks for 1 second, in which hardly anybody reads a mail; ask for 60 or "
            "more.",
        ),
        (
            "send --expires 1d",
            1,
            "--expires asks for 86,400 seconds and links of this deployment live at most 18,000; "
            "ask for less, or deploy with a longer LinkExpirationPeriod.",
        ),
        (
            'send --from "Ann Example <ann@example.com>"',
            1,
            "Nothing was sent, because ann@example.com may not be named as who shares files "
            "through s3link-generator; leave --from out, or add the address to AuthorizedSenders "
            "and run `s3link deploy`.",
        ),
        (
            f"send --note {'x' * 3000}",
            1,
            "Recipients and note take 3,004 bytes and S3 stores 2,048 with a file; shorten the "
            "note or send to fewer people at a time.",
        ),
    ],
)
def test_what_link_generator_would_refuse_is_not_uploaded(
    deployed_operator: Operator,
    embedded_clients: Clients,
    report: Path,
    line: str,
    exit_code: int,
    sentence: str,
) -> None:
    """The sender learns at once, and nobody has to clean up; what no deployment takes is usage."""
    ran = deployed_operator.s3link(line, report)

    assert (ran.exit_code, ran.error) == (exit_code, sentence)
    assert arrived(embedded_clients) == []


def test_one_bad_file_keeps_all_from_being_sent(
    deployed_operator: Operator, embedded_clients: Clients, report: Path, tmp_path: Path
) -> None:
    """Everything is checked before the first byte leaves."""
    folder = tmp_path / "eve@example.org"
    folder.mkdir()
    (folder / "a.txt").write_text("a")

    ran = deployed_operator.s3link("send", report, folder)

    assert ran.exit_code == 1
    assert ran.error.startswith("Nothing was sent: ")
    assert "eve@example.org" in ran.error
    assert arrived(embedded_clients) == []


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "send --to Bob report.pdf",
            "Invalid value for '--to': \"Bob\" is not an address: it has no @; use a bare one such "
            "as bob@example.com.",
        ),
        (
            "send --to bob@example.com,Eve report.pdf",
            "Invalid value for '--to': \"Eve\" is not an address: it has no @; use a bare one such "
            "as bob@example.com.",
        ),
        (
            "send --from 'bob@evil.example <ann@example.com>' report.pdf",
            "Invalid value for '--from': \"bob@evil.example <ann@example.com>\" is not a name with "
            'one address: the name may not have " < > @ \\ or =?; use one such as '
            '"Ann Example <ann@example.com>".',
        ),
        (
            "deliveries --recipient bob@example.com,eve@example.com",
            "Invalid value for '--recipient': \"bob@example.com,eve@example.com\" is more than one "
            "address; name one.",
        ),
        (
            "send --expires soon report.pdf",
            "Invalid value for '--expires': \"soon\" is not a span of time above 0: use "
            "seconds, or a number with s, m, h or d, for example 30m.",
        ),
        (
            "send --expires 0 report.pdf",
            "Invalid value for '--expires': \"0\" is not a span of time above 0: use seconds, "
            "or a number with s, m, h or d, for example 30m.",
        ),
        ("send", "Missing argument 'FILE...'."),
    ],
)
def test_wrong_usage(embedded_operator: Operator, line: str, sentence: str) -> None:
    """What is typed wrong is told without asking AWS, with exit code 2."""
    ran = embedded_operator.s3link(line)

    assert (ran.exit_code, ran.error) == (2, sentence)


def test_without_a_deployment(embedded_operator: Operator, report: Path) -> None:
    """The sentence names the command that makes one."""
    ran = embedded_operator.s3link("send", report)

    assert (ran.exit_code, ran.error) == (
        1,
        'Nothing is deployed under the name "s3link" in eu-west-1 of account 123456789012; '
        "check --name, --region and --profile, or deploy it with `s3link deploy`.",
    )


def test_ctrl_c_has_the_exit_code_that_it_has_everywhere(
    deployed_operator: Operator, embedded_clients: Clients, report: Path
) -> None:
    """130, although the sentence says what had arrived by then."""
    presses_ctrl_c(embedded_clients, "before-call.s3.PutObject")

    with pytest.raises(UploadStoppedError) as stopped:
        send_files(embedded_clients, DEPLOYMENT, [report], SendOptions(), Console())

    assert stopped.value.exit_code == 130


def test_ctrl_c_takes_back_what_was_under_way(
    deployed_operator: Operator, embedded_clients: Clients, report: Path, video: Path
) -> None:
    """What had arrived stays and is counted; of the rest not even parts are left."""
    presses_ctrl_c(embedded_clients, "after-call.s3.UploadPart", after=[report.name])

    sentence = failure(embedded_clients, report, video)

    assert sentence == (
        f'Stopped: 1 of 2 files arrived and nothing is left half done; send again: "{video}".'
    )
    assert arrived(embedded_clients) == [report.name]
    uploads = embedded_clients.s3.list_multipart_uploads(Bucket=BUCKET)
    assert uploads.get("Uploads", []) == []


@pytest.mark.parametrize("name", ["report", "video"])
def test_ctrl_c_that_comes_too_late_is_told_as_such(
    deployed_operator: Operator,
    embedded_clients: Clients,
    request: pytest.FixtureRequest,
    name: str,
) -> None:
    """S3 finishes a call whose answer nobody waits for; sent again, the mail would go twice."""
    file: Path = request.getfixturevalue(name)
    presses_ctrl_c(embedded_clients, "response-received.s3.PutObject")
    presses_ctrl_c(embedded_clients, "response-received.s3.CompleteMultipartUpload")

    sentence = failure(embedded_clients, file)

    assert sentence == "Stopped: 1 of 1 file arrived and nothing is left half done."
    assert arrived(embedded_clients) == [file.name]


def test_parts_that_cannot_be_taken_back_are_told(
    deployed_operator: Operator, embedded_clients: Clients, video: Path
) -> None:
    """Without a network, or the right, nothing can be taken back."""
    denied = {"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    for call in ("UploadPart", "AbortMultipartUpload"):
        embedded_clients.s3.meta.events.register(
            f"before-call.s3.{call}", lambda **_: (SimpleNamespace(status_code=403), denied)
        )

    sentence = failure(embedded_clients, video)

    assert sentence.endswith(
        f'0 of 1 file arrived and parts of "{video}" lie in the bucket until its lifecycle removes '
        f'them; send again: "{video}".'
    )


def test_a_failure_says_which_files_did_not_arrive(
    deployed_operator: Operator, embedded_clients: Clients, report: Path, tmp_path: Path
) -> None:
    """So that they, and only they, can be sent again; the others are sent."""
    second, third = tmp_path / "second.txt", tmp_path / "third.txt"
    second.write_text("2")
    third.write_text("3")

    def deny(params: dict[str, Any], **_: Any) -> Any:
        if "second.txt" not in params["url_path"]:
            return None
        denied = "User: ann is not authorized to perform: s3:PutObject on resource: second"
        return SimpleNamespace(status_code=403), {
            "Error": {"Code": "AccessDenied", "Message": denied},
            "ResponseMetadata": {"HTTPStatusCode": 403},
        }

    embedded_clients.s3.meta.events.register("before-call.s3.PutObject", deny)

    sentence = failure(embedded_clients, report, second, third)

    assert sentence.startswith(
        f'"{second}" was not sent (AWS denied s3:PutObject on second for ann; '
    )
    assert sentence.endswith(
        f'): 2 of 3 files arrived and nothing is left half done; send again: "{second}".'
    )
    assert arrived(embedded_clients) == [report.name, third.name]


def test_standard_input_is_sent_under_a_name(
    deployed_operator: Operator, embedded_clients: Clients
) -> None:
    """Whole, beside files, and with a key like any; the document calls it as it was typed."""
    ran = deployed_operator.s3link(
        "send - --as carl@example.com/shop.sql --output json", answers="CREATE TABLE shop;\n"
    )

    assert ran.exit_code == 0, ran.stderr
    [sent] = ran.document["sent"]
    assert (sent["file"], sent["key"]) == ("-", "carl@example.com/shop.sql")
    assert sent["recipients"] == ["carl@example.com"]
    stored = embedded_clients.s3.get_object(Bucket=BUCKET, Key="carl@example.com/shop.sql")
    assert stored["Body"].read() == b"CREATE TABLE shop;\n"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("send -", "Say what standard input is to be called: - --as NAME."),
        ("send - - --as a.txt", "--as NAME names standard input: give it with one - as FILE."),
        ("send a.pdf --as a.txt", "--as NAME names standard input: give it with one - as FILE."),
        ("send - --as ''", "--as NAME names standard input: give it with one - as FILE."),
    ],
)
def test_standard_input_needs_a_name(embedded_operator: Operator, line: str, sentence: str) -> None:
    """And a name needs standard input."""
    ran = embedded_operator.s3link(line)

    assert (ran.exit_code, ran.error) == (2, sentence)


def test_links_are_printed_where_there_is_a_portal_only(
    deployed_operator: Operator, embedded_clients: Clients, report: Path
) -> None:
    """Said before anything is sent."""
    ran = deployed_operator.s3link("send --print-links", report)

    assert ran.exit_code == 1
    assert ran.error.startswith("Stack s3link-generator has no portal; ")
    assert arrived(embedded_clients) == []


def test_a_folder_as_one_file(
    deployed_operator: Operator, embedded_clients: Clients, tmp_path: Path
) -> None:
    """In one mail, with everything in it; a file beside it may have a mail of its own."""
    folder, report = tmp_path / "photos", tmp_path / "report.pdf"
    (folder / "below").mkdir(parents=True)
    pictures = {"photos/a b.jpg": os.urandom(LARGE), "photos/below/ü.jpg": b"u"}
    for name, content in pictures.items():
        (tmp_path / name).write_bytes(content)
    report.write_text("A report")

    ran = deployed_operator.s3link("send --zip --wait --separately", folder, report)

    assert ran.exit_code == 0, ran.stderr
    assert sorted(arrived(embedded_clients)) == ["photos.zip", "report.pdf"]
    whole = embedded_clients.s3.get_object(Bucket=BUCKET, Key="photos.zip")
    with zipfile.ZipFile(io.BytesIO(whole["Body"].read())) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == pictures
    assert whole["ContentType"] == "application/zip"


def test_what_cannot_be_packed(
    deployed_operator: Operator, embedded_clients: Clients, report: Path, tmp_path: Path
) -> None:
    """A file alone; and a folder that says who gets its files, for the ZIP would not."""
    folder = tmp_path / "eve@example.org"
    folder.mkdir()
    (folder / "a.txt").write_text("a")

    alone = deployed_operator.s3link("send --zip", report)
    for_eve = deployed_operator.s3link("send --zip", folder)

    assert (alone.exit_code, for_eve.exit_code) == (2, 1)
    assert "--zip packs folders, and there is none among what is to be sent." in alone.stderr
    assert for_eve.error == (
        f'Nothing was sent: with --zip the name of "{folder}" does not say who gets it; add --to.'
    )
    assert arrived(embedded_clients) == []


def test_a_pack_whose_files_change_is_not_sent(
    deployed_operator: Operator, embedded_clients: Clients, tmp_path: Path
) -> None:
    """Nobody gets half of one state and half of another."""
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a.bin").write_bytes(os.urandom(LARGE))

    def change(**_: Any) -> None:
        (folder / "b.txt").touch()
        os.utime(folder / "a.bin", ns=(1, 1))

    embedded_clients.s3.meta.events.register_first("before-call.s3.UploadPart", change)

    with pytest.raises(UploadError, match="it was changed meanwhile"):
        send_files(
            embedded_clients, DEPLOYMENT, [folder], SendOptions(), Console(), packs_folders=True
        )

    assert arrived(embedded_clients) == []
    assert "Uploads" not in embedded_clients.s3.list_multipart_uploads(Bucket=BUCKET)
