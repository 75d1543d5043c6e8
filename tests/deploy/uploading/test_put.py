"""Files are put side by side, and a large one goes on where an earlier command broke off."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError
from moto import mock_aws

from deploy.aws.clients import Clients, connect_with_keys
from deploy.aws.side_by_side import PARTS_AT_ONCE, WHOLE_FILES_AT_ONCE
from deploy.errors import UploadError
from deploy.uploading.begun import BegunUploads
from deploy.uploading.files import local_file
from deploy.uploading.parts import part_size, parts_of
from deploy.uploading.put import put_all
from deploy.uploading.upload import Upload
from tests.waiting import PATIENCE

BUCKET = "files"
MEBIBYTE = 1024 * 1024
LARGE = 20 * MEBIBYTE  # three parts: of 8, 8 and 4
TO_BOB = {"recipients": "bob@example.com"}


@pytest.fixture
def clients() -> Iterator[Clients]:
    with mock_aws():
        clients = connect_with_keys("AKIDEXAMPLE", "secret", "eu-west-1", None)
        clients.s3.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        clients.s3.put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )
        yield clients


@pytest.fixture
def memory(tmp_path: Path) -> BegunUploads:
    return BegunUploads(tmp_path / "memory")


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "video.mp4"
    path.write_bytes(os.urandom(LARGE))
    return path


def put(
    clients: Clients, path: Path, memory: BegunUploads | None, metadata: dict[str, str] = TO_BOB
) -> Upload:
    upload = Upload(local_file(path, path.name), metadata)
    put_all(clients, BUCKET, [upload], lambda steps: None, memory)
    return upload


def stored(clients: Clients, key: str = "video.mp4") -> bytes:
    content: bytes = clients.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    return content


def unfinished(clients: Clients) -> list[str]:
    listed = clients.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
    return [each["Key"] for each in listed]


def sent_parts(clients: Clients) -> list[int]:
    """The numbers of the parts that are sent from now on."""
    numbers: list[int] = []
    clients.s3.meta.events.register(
        "provide-client-params.s3.UploadPart",
        lambda params, **_: numbers.append(params["PartNumber"]),
    )
    return numbers


def meet(clients: Clients, operation: str, number: int) -> None:
    """So many such calls wait for one another; one that is alone waits until the test fails."""
    together = threading.Barrier(number)

    def wait(**_: Any) -> None:
        together.wait(PATIENCE)

    clients.s3.meta.events.register(f"before-call.s3.{operation}", wait)


def breaks_off(clients: Clients, video: Path, memory: BegunUploads | None) -> Upload:
    """A send of which S3 refuses the last part."""

    def refuse(params: dict[str, Any], **_: Any) -> Any:
        if params["query_string"].get("partNumber") != 3:
            return None
        return SimpleNamespace(status_code=403), {
            "Error": {"Code": "AccessDenied", "Message": "No."},
            "ResponseMetadata": {"HTTPStatusCode": 403},
        }

    event = "before-call.s3.UploadPart"
    clients.s3.meta.events.register(event, refuse)
    upload = put(clients, video, memory)
    clients.s3.meta.events.unregister(event, refuse)
    assert isinstance(upload.state.fault, ClientError)
    return upload


def test_as_many_calls_as_there_are_connections_run_side_by_side(
    clients: Clients, tmp_path: Path
) -> None:
    """None of the first goes on before as many as there are connections are under way."""
    meet(clients, "PutObject", WHOLE_FILES_AT_ONCE)
    files = [tmp_path / f"{number}.txt" for number in range(2 * WHOLE_FILES_AT_ONCE)]
    for file in files:
        file.write_text(file.name)
    uploads = [Upload(local_file(file, file.name), {}) for file in files]

    put_all(clients, BUCKET, uploads, lambda steps: None)

    assert [upload.state.fault for upload in uploads] == [None] * len(files)
    assert stored(clients, "7.txt") == b"7.txt"


def test_a_file_whose_parts_are_there_does_not_wait_for_others(
    clients: Clients, tmp_path: Path
) -> None:
    """Parts of all are waiting; the first file has arrived before the last one's are sent."""
    parts_of_each = 2
    videos = [tmp_path / f"{number}.mp4" for number in range(2 * PARTS_AT_ONCE)]
    for path in videos:
        path.write_bytes(bytes(8 * MEBIBYTE + 1))
    done: list[str] = []
    for operation in ("UploadPart", "CompleteMultipartUpload"):
        clients.s3.meta.events.register(
            f"after-call.s3.{operation}", lambda model, **_: done.append(model.name)
        )

    uploads = [Upload(local_file(path, path.name), {}) for path in videos]
    put_all(clients, BUCKET, uploads, lambda steps: None)

    assert [upload.state.fault for upload in uploads] == [None] * len(videos)
    assert done.count("UploadPart") == parts_of_each * len(videos)
    assert done.index("CompleteMultipartUpload") < parts_of_each * (len(videos) - 1)


def test_parts_run_side_by_side(clients: Clients, video: Path) -> None:
    """All three are under way before one of them goes on."""
    meet(clients, "UploadPart", 3)

    assert put(clients, video, None).state.version_id
    assert stored(clients) == video.read_bytes()


def test_the_bar_moves_by_every_byte_once(clients: Clients, video: Path, tmp_path: Path) -> None:
    """However often botocore reads it: for a checksum, a signature, another try."""
    small = tmp_path / "small.txt"
    small.write_text("small")
    uploads = [Upload(local_file(path, path.name), {}) for path in (video, small)]
    steps: list[int] = []

    put_all(clients, BUCKET, uploads, steps.append)

    assert sum(steps) == LARGE + 5


def test_only_the_missing_part_is_sent_again(
    clients: Clients, video: Path, memory: BegunUploads
) -> None:
    """What had come stays in the bucket, and the file arrives with the bytes it has."""
    state = breaks_off(clients, video, memory).state
    assert (state.version_id, state.has_parts, state.goes_on) == (None, True, True)
    numbers = sent_parts(clients)

    state = put(clients, video, memory).state

    assert numbers == [3]
    assert (state.fault, state.was_there) == (None, 16 * MEBIBYTE)
    assert stored(clients) == video.read_bytes()
    assert unfinished(clients) == []


def test_what_is_done_is_forgotten(clients: Clients, video: Path, memory: BegunUploads) -> None:
    """Sent once more, a file is a new upload from its first byte on."""
    breaks_off(clients, video, memory)
    put(clients, video, memory)
    numbers = sent_parts(clients)

    assert put(clients, video, memory).state.was_there == 0
    assert sorted(numbers) == [1, 2, 3]


def changed_content(video: Path) -> None:
    """Another content, which neither the size nor the time gives away."""
    before = video.stat()
    with video.open("r+b") as file:
        file.seek(9 * MEBIBYTE)
        file.write(b"other bytes")
    os.utime(video, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_part_with_other_bytes_is_sent_again(
    clients: Clients, video: Path, memory: BegunUploads
) -> None:
    """Two contents never become one file, even if size and time are the same."""
    breaks_off(clients, video, memory)
    changed_content(video)
    numbers = sent_parts(clients)

    put(clients, video, memory)

    assert sorted(numbers) == [2, 3]
    assert stored(clients) == video.read_bytes()


def later(video: Path) -> None:
    os.utime(video, ns=(0, video.stat().st_mtime_ns + 1))


@pytest.mark.parametrize(
    ("change", "metadata"),
    [(later, TO_BOB), (lambda video: None, {"recipients": "eve@example.com"})],
    ids=["another time", "another recipient"],
)
def test_another_upload_begins_from_its_start(
    clients: Clients,
    video: Path,
    memory: BegunUploads,
    change: Callable[[Path], None],
    metadata: dict[str, str],
) -> None:
    """Whoever gets the file is fixed when its upload begins, so that is part of what it is."""
    breaks_off(clients, video, memory)
    change(video)
    numbers = sent_parts(clients)

    put(clients, video, memory, metadata)

    found = clients.s3.head_object(Bucket=BUCKET, Key="video.mp4")
    assert sorted(numbers) == [1, 2, 3]
    assert found["Metadata"] == metadata


def test_an_upload_that_the_lifecycle_has_removed_begins_anew(
    clients: Clients, video: Path, memory: BegunUploads
) -> None:
    """S3 knows nothing of it any more."""
    breaks_off(clients, video, memory)
    [left] = clients.s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]
    clients.s3.abort_multipart_upload(Bucket=BUCKET, Key=left["Key"], UploadId=left["UploadId"])

    assert put(clients, video, memory).state.was_there == 0
    assert stored(clients) == video.read_bytes()


def test_without_a_memory_nothing_is_left(clients: Clients, video: Path) -> None:
    """What nobody could go on with is taken back."""
    state = breaks_off(clients, video, None).state

    assert (state.has_parts, state.goes_on) == (False, False)
    assert unfinished(clients) == []


def test_a_file_that_changes_meanwhile_is_refused(
    clients: Clients, video: Path, memory: BegunUploads
) -> None:
    """Its beginning may be of one content and its end of another."""
    clients.s3.meta.events.register("after-call.s3.UploadPart", lambda **_: later(video))

    state = put(clients, video, memory).state

    assert isinstance(state.fault, UploadError)
    assert str(state.fault) == (
        "it was changed meanwhile; take it again, or a copy of it if it goes on changing"
    )
    assert (state.version_id, state.has_parts) == (None, False)
    assert unfinished(clients) == []


def test_a_small_file_that_changes_meanwhile_is_refused(clients: Clients, tmp_path: Path) -> None:
    """Whoever downloads it gets no more than its beginning, else."""
    report = tmp_path / "report.csv"
    report.write_text("a,b\n")
    upload = Upload(local_file(report, report.name), TO_BOB)
    report.write_text("a,b\n1,2\n")

    put_all(clients, BUCKET, [upload], lambda steps: None)

    assert isinstance(upload.state.fault, UploadError)
    assert str(upload.state.fault).startswith("it was changed meanwhile; ")
    assert clients.s3.list_object_versions(Bucket=BUCKET).get("Versions", []) == []


def answers(code: str, status: int) -> Callable[..., Any]:
    """S3 says no, whatever it has done."""

    def no(**_: Any) -> Any:
        return SimpleNamespace(status_code=status), {
            "Error": {"Code": code, "Message": "No."},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }

    return no


def test_an_upload_that_may_not_be_looked_at_is_taken_back(
    clients: Clients, video: Path, memory: BegunUploads
) -> None:
    """Its parts would lie there, and be paid for, beside those of the next one."""
    breaks_off(clients, video, memory)
    clients.s3.meta.events.register("before-call.s3.ListParts", answers("AccessDenied", 403))

    state = put(clients, video, memory).state

    assert (state.fault, state.was_there) == (None, 0)
    assert unfinished(clients) == []


def test_an_upload_that_cannot_be_looked_at_now_is_kept(
    clients: Clients, video: Path, memory: BegunUploads
) -> None:
    """S3 is busy; the next send goes on with it."""
    breaks_off(clients, video, memory)
    busy = answers("SlowDown", 503)
    clients.s3.meta.events.register("before-call.s3.ListParts", busy)

    assert isinstance(put(clients, video, memory).state.fault, ClientError)

    clients.s3.meta.events.unregister("before-call.s3.ListParts", busy)
    assert put(clients, video, memory).state.was_there == 16 * MEBIBYTE


def complete_unheard(clients: Clients) -> None:
    """S3 puts the parts together, its answer is lost, and of the second try it knows nothing."""
    again = connect_with_keys("AKIDEXAMPLE", "secret", "eu-west-1", None).s3
    asked: list[dict[str, Any]] = []

    def remember(params: dict[str, Any], **_: Any) -> None:
        asked.append(dict(params))

    def complete(**_: Any) -> Any:
        again.complete_multipart_upload(**asked[-1])
        return answers("NoSuchUpload", 404)()

    clients.s3.meta.events.register("provide-client-params.s3.CompleteMultipartUpload", remember)
    clients.s3.meta.events.register("before-call.s3.CompleteMultipartUpload", complete)


def test_a_file_whose_last_answer_was_lost_has_arrived(
    clients: Clients, video: Path, memory: BegunUploads
) -> None:
    """Sent again, it would be mailed again."""
    complete_unheard(clients)

    state = put(clients, video, memory).state

    [version] = clients.s3.list_object_versions(Bucket=BUCKET)["Versions"]
    assert (state.fault, state.version_id) == (None, version["VersionId"])


def test_what_may_have_arrived_is_not_promised_to_go_on(
    clients: Clients, video: Path, memory: BegunUploads
) -> None:
    """S3 cannot be asked either."""
    complete_unheard(clients)
    clients.s3.meta.events.register("before-call.s3.HeadObject", answers("403", 403))

    state = put(clients, video, memory).state

    assert (state.version_id, state.may_be_there) == (None, True)
    assert isinstance(state.fault, ClientError)


def test_two_commands_do_not_go_on_with_the_same_upload(
    clients: Clients, video: Path, memory: BegunUploads
) -> None:
    """The second one sends it on its own, and both arrive."""
    breaks_off(clients, video, memory)
    numbers = sent_parts(clients)
    second: list[Upload] = []

    def send_meanwhile(**_: Any) -> None:
        clients.s3.meta.events.unregister("before-call.s3.UploadPart", send_meanwhile)
        second.append(put(clients, video, memory))

    clients.s3.meta.events.register("before-call.s3.UploadPart", send_meanwhile)

    first = put(clients, video, memory)

    assert first.state.version_id
    assert second[0].state.version_id
    assert sorted(numbers) == [1, 2, 3, 3]


def test_no_more_files_are_begun_once_the_network_is_gone(clients: Clients, tmp_path: Path) -> None:
    """Each would try for as long as the first; what was under way comes to its end."""

    def unreachable(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://s3.example.com")

    clients.s3.meta.events.register("before-call.s3.PutObject", unreachable)
    files = [tmp_path / f"{number}.txt" for number in range(5 * WHOLE_FILES_AT_ONCE)]
    for file in files:
        file.touch()
    uploads = [Upload(local_file(file, file.name), {}) for file in files]

    put_all(clients, BUCKET, uploads, lambda steps: None)

    begun = [upload for upload in uploads if upload.state.begun]
    assert isinstance(uploads[0].state.fault, BotoCoreError)
    assert len(begun) < len(uploads)
    assert {upload.state.version_id for upload in uploads} == {None}


@pytest.mark.parametrize(
    ("size", "parts", "each"),
    [
        (LARGE, 3, 8),
        (512 * MEBIBYTE, 64, 8),
        (1024 * MEBIBYTE, 64, 16),
        (320_000 * MEBIBYTE, 10_000, 32),
        (320_000 * MEBIBYTE + 1, 8_001, 40),
    ],
)
def test_s3_takes_ten_thousand_parts(size: int, parts: int, each: int) -> None:
    """Of a very large file they are larger."""
    assert part_size(size) == each * MEBIBYTE
    assert len(list(parts_of(size))) == parts


def test_what_is_remembered_is_for_its_user_only(
    clients: Clients, video: Path, memory: BegunUploads, tmp_path: Path
) -> None:
    """It holds S3's id of the upload, and no name, address or note."""
    breaks_off(clients, video, memory)

    [kept] = (tmp_path / "memory").iterdir()
    [left] = clients.s3.list_multipart_uploads(Bucket=BUCKET)["Uploads"]
    assert kept.read_text() == left["UploadId"]
    assert kept.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_keeps_no_file_back(
    clients: Clients, video: Path, tmp_path: Path
) -> None:
    """Then it is only not remembered."""
    in_the_way = tmp_path / "in-the-way"
    in_the_way.touch()

    upload = put(clients, video, BegunUploads(in_the_way / "uploads"))

    assert upload.state.version_id
    assert stored(clients) == video.read_bytes()
