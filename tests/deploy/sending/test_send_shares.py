"""Several files sent together: what arrives, what is told, how a send that broke off goes on."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError
from files.manifest import Manifest, manifest_of
from moto.s3.models import s3_backends

from deploy.aws.clients import Clients
from deploy.console import Console
from deploy.deployment import Deployment
from deploy.errors import UploadError, UploadStoppedError
from deploy.sending.prepare import SendOptions
from deploy.sending.send import send_files
from deploy.sending.sent import Sent, SentShare
from deploy.uploading.begun import BegunUploads
from deploy.uploading.files import LocalFile
from tests.deploy.operator import Operator, deployed_by, operator_at

pytestmark = pytest.mark.slow

BUCKET = "s3link-123456789012-eu-west-1"
DEPLOYMENT = Deployment("s3link", "123456789012", "eu-west-1", {})
LARGE = 20_000_000  # bytes, three parts of an upload
NAMES = ("a report.pdf", "b ü+&.txt", "c.txt")
AGAIN = "run the same command again: it sends only what is missing, and mails nobody twice."


@pytest.fixture(scope="module")
def operator(clients: Clients, tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """One for all tests; each sends a folder of another name."""
    folder = tmp_path_factory.mktemp("operator")
    operator = operator_at(clients, folder)
    operator.environment["XDG_CACHE_HOME"] = str(folder / "cache")
    return deployed_by(operator, "--set AuthorizedRecipients=@example.com")


@dataclass(frozen=True)
class Case:
    """A folder of three files that is sent, and what the bucket has of it."""

    clients: Clients
    folder: Path
    memory: BegunUploads

    def send(self, *more: Path, **options: Any) -> Sent:
        paths = [self.folder, *more]
        return send_files(
            *(self.clients, DEPLOYMENT, paths, SendOptions(), Console()),
            **{"memory": self.memory, **options},
        )

    def refused(self, *more: Path, **options: Any) -> str:
        with pytest.raises(UploadError) as failed:
            self.send(*more, **options)
        return str(failed.value)

    def stored(self, name: str) -> list[str]:
        """The versions of a file."""
        return versions(self.clients, f"{self.folder.name}/{name}")

    @property
    def manifests(self) -> list[Manifest]:
        """Of all versions of all manifests that name a file of the folder."""
        found = [
            manifest_of(content(self.clients, key, version))
            for key in keys(self.clients, ".s3link/shares/")
            for version in versions(self.clients, key)
        ]
        ours = f"{self.folder.name}/"
        return [one for one in found if any(file.key.startswith(ours) for file in one.files)]

    @property
    def is_whole(self) -> bool:
        """All arrived once, with the same bytes, and are announced by one manifest."""
        [manifest] = self.manifests
        assert [file.key for file in manifest.files] == [f"{self.folder.name}/{n}" for n in NAMES]
        for file, name in zip(manifest.files, NAMES, strict=True):
            assert self.stored(name) == [file.version]
            sent = (self.folder / name).read_bytes()
            assert content(self.clients, file.key, file.version) == sent
        return True


@pytest.fixture
def case(operator: Operator, clients: Clients, tmp_path: Path) -> Case:
    folder = tmp_path / tmp_path.parent.name / tmp_path.name
    folder.mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_text(f"{name} of {folder}")
    return Case(clients, folder, BegunUploads(tmp_path / "memory"))


def keys(clients: Clients, prefix: str) -> list[str]:
    found = clients.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return [one["Key"] for one in found]


def versions(clients: Clients, key: str) -> list[str]:
    found = clients.s3.list_object_versions(Bucket=BUCKET, Prefix=key).get("Versions", [])
    return [one["VersionId"] for one in found if one["Key"] == key]


def content(clients: Clients, key: str, version: str) -> bytes:
    found: bytes = clients.s3.get_object(Bucket=BUCKET, Key=key, VersionId=version)["Body"].read()
    return found


def calls_of(clients: Clients, doing: Callable[[], object]) -> list[str]:
    """Which calls of S3 something made, each with its key."""
    made: list[str] = []

    def note(model: Any, params: dict[str, Any], **_: Any) -> None:
        made.append(f"{model.name} {params['url_path'].partition('/')[2].rpartition('/')[2]}")

    with hearing(clients, "before-call.s3", note):
        doing()
    return made


@contextmanager
def hearing(clients: Clients, event: str, told: Callable[..., Any]) -> Iterator[None]:
    events = clients.s3.meta.events
    events.register_first(event, told)
    try:
        yield
    finally:
        events.unregister(event, told)


def test_several_files_are_one_share(operator: Operator, clients: Clients, tmp_path: Path) -> None:
    """Each file bears the mark of its share and nothing else; the manifest says the rest, and comes
    when all are there. People are told of one mail, with a link to each where no portal is."""
    folder = tmp_path / "several"
    (folder / "below").mkdir(parents=True)
    for name in ("a.txt", "below/ü b.txt"):
        (folder / name).write_text(name)

    ran = operator.s3link('send --to eve@example.com --note "Grüße ✓" --expires 1h', folder)

    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout == (
        "Sent 2 files (19 bytes); one mail with a link to each goes to eve@example.com.\n"
    )
    assert ran.stderr == "Sending 2 files (19 bytes)\n"
    [manifest] = Case(clients, folder, BegunUploads()).manifests
    assert manifest == Manifest(
        manifest.files, recipients=("eve@example.com",), note="Grüße ✓", expires=3600
    )
    assert [one.key for one in manifest.files] == ["several/a.txt", "several/below/ü b.txt"]
    heads = [
        clients.s3.head_object(Bucket=BUCKET, Key=one.key, VersionId=one.version)
        for one in manifest.files
    ]
    assert [head["ContentLength"] for head in heads] == [one.size for one in manifest.files]
    [marks] = {tuple(head["Metadata"].items()) for head in heads}
    [(name, share_id)] = marks
    assert name == "s3link-share"
    stored = clients.s3.head_object(Bucket=BUCKET, Key=f".s3link/shares/{share_id}.json")
    assert (stored["ContentType"], stored["Metadata"]) == ("application/json", {})


def test_what_is_told_to_programs(operator: Operator, clients: Clients, tmp_path: Path) -> None:
    """Each file as ever, and each share with its files; the share of one file is an upload."""
    for_bob, for_carl, for_dora = (
        tmp_path / name for name in ("told", "carl@example.com", "dora@example.com")
    )
    for file in (for_bob / "a", for_bob / "b", for_carl / "c", for_dora / "d", for_dora / "e"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(file.name)

    ran = operator.s3link("send --output json", for_bob, for_carl, for_dora)

    assert ran.exit_code == 0, ran.stderr
    sent, shares = ran.document["sent"], ran.document["shares"]
    assert [(one["file"], one["key"], one["recipients"]) for one in sent] == [
        (str(for_bob / "a"), "told/a", ["bob@example.com"]),
        (str(for_bob / "b"), "told/b", ["bob@example.com"]),
        (str(for_carl / "c"), "carl@example.com/c", ["carl@example.com"]),
        (str(for_dora / "d"), "dora@example.com/d", ["dora@example.com"]),
        (str(for_dora / "e"), "dora@example.com/e", ["dora@example.com"]),
    ]
    assert [(one["title"], one["files"], one["recipients"]) for one in shares] == [
        ("a and 1 more file", ["told/a", "told/b"], ["bob@example.com"]),
        ("d and 1 more file", ["dora@example.com/d", "dora@example.com/e"], ["dora@example.com"]),
    ]
    for share in shares:
        assert share["key"] == f".s3link/shares/{share['id']}.json"
        manifest = manifest_of(content(clients, share["key"], share["version_id"]))
        by_key = {one["key"]: one["version_id"] for one in sent}
        assert {one.key: one.version for one in manifest.files} == {
            key: by_key[key] for key in share["files"]
        }
    assert clients.s3.head_object(Bucket=BUCKET, Key="carl@example.com/c")["Metadata"] == {}


def test_each_alone_if_that_is_wanted(operator: Operator, clients: Clients, tmp_path: Path) -> None:
    """A mail for each, as before there were shares."""
    folder = tmp_path / "separately"
    folder.mkdir()
    for name in "ab":
        (folder / name).write_text(name)

    ran = operator.s3link("send --separately", folder)

    assert ran.stdout.splitlines() == [
        'Sent "separately/a"; a link goes to bob@example.com.',
        'Sent "separately/b"; a link goes to bob@example.com.',
    ]
    assert clients.s3.head_object(Bucket=BUCKET, Key="separately/a")["Metadata"] == {}


def test_nothing_is_looked_for_that_nobody_has_begun(case: Case) -> None:
    """A share costs one call more than its files."""
    made = calls_of(case.clients, case.send)

    assert len(made) == len(NAMES) + 1
    assert {call.split()[0] for call in made} == {"PutObject"}
    assert case.is_whole


def test_what_is_there_is_not_sent_again(case: Case) -> None:
    """The same command looks for each, and sends the others, with the same mark."""
    with hearing(case.clients, "before-call.s3.PutObject", refusing("b%20")):
        sentence = case.refused()
    told: list[str] = []
    console = SimpleNamespace(**{"progress": told.append, "bar": Console().bar})

    made = calls_of(
        case.clients,
        lambda: send_files(
            *(case.clients, DEPLOYMENT, [case.folder], SendOptions(), console), memory=case.memory
        ),
    )

    assert sentence.startswith(f'"{case.folder / NAMES[1]}" was not sent (AWS denied ')
    assert sentence.endswith(f": 2 of 3 files arrived and nobody was mailed; {AGAIN}")
    assert told[0] == "2 of 3 files were there from an earlier send."
    assert [call.split()[0] for call in made].count("PutObject") == 2
    assert case.is_whole
    # It is whole, so that whoever sends it once more means it.
    case.send()
    assert len(case.manifests) == 2


def test_without_a_memory_all_is_sent_again(case: Case) -> None:
    """And the sentence promises no more."""
    with hearing(case.clients, "before-call.s3.PutObject", refusing("b%20")):
        sentence = case.refused(memory=None)

    assert sentence.endswith(": 2 of 3 files arrived and nobody was mailed; send them again.")
    assert case.manifests == []


def test_of_what_failed_entirely_nothing_is_remembered(case: Case, tmp_path: Path) -> None:
    """There is nothing to go on with."""
    with hearing(case.clients, "before-call.s3.PutObject", refusing("")):
        sentence = case.refused()

    assert sentence.endswith(f": 0 of 3 files arrived and nobody was mailed; {AGAIN}")
    assert list((tmp_path / "memory").iterdir()) == []


def test_who_may_not_look_sends_all_again(case: Case) -> None:
    """Whoever may upload need not be allowed to read."""
    with hearing(case.clients, "before-call.s3.PutObject", refusing("b%20")):
        case.refused()

    with (
        hearing(case.clients, "before-call.s3.HeadObject", refusing("")),
        hearing(case.clients, "before-call.s3.GetObject", refusing("")),
    ):
        case.send()

    assert len(case.manifests) == 1
    assert [len(case.stored(name)) for name in NAMES] == [2, 1, 2]


def test_where_s3_does_not_answer_nothing_is_sent(case: Case) -> None:
    """It may have all of it: to send it again could mail somebody twice."""
    with hearing(case.clients, "before-call.s3.PutObject", refusing("b%20")):
        case.refused()

    with hearing(case.clients, "before-call.s3.GetObject", lambda **_: answered(503, "SlowDown")):
        sentence = case.refused()

    assert sentence.startswith("What an earlier send has left could not be looked up (")
    assert sentence.endswith("), so that nothing was sent now; run the same command again.")
    assert case.manifests == []


def test_a_changed_file_begins_anew(case: Case) -> None:
    """Nobody gets half of one state and half of another."""
    with hearing(case.clients, "before-call.s3.PutObject", refusing("b%20")):
        case.refused()
    (case.folder / "c.txt").write_text("changed")

    case.send()

    [manifest] = case.manifests
    assert content(case.clients, manifest.files[2].key, manifest.files[2].version) == b"changed"
    assert [len(case.stored(name)) for name in NAMES] == [2, 1, 2]


def test_what_somebody_has_put_there_meanwhile_is_not_taken_for_ours(case: Case) -> None:
    """Without the mark of the share, it is another file, whatever its size."""
    with hearing(case.clients, "before-call.s3.PutObject", refusing("b%20")):
        case.refused()
    theirs = b"x" * len((case.folder / "c.txt").read_bytes())
    case.clients.s3.put_object(Bucket=BUCKET, Key=f"{case.folder.name}/c.txt", Body=theirs)

    case.send()

    [manifest] = case.manifests
    sent = content(case.clients, manifest.files[2].key, manifest.files[2].version)
    assert sent == (case.folder / "c.txt").read_bytes()


def test_what_has_been_there_for_long_is_sent_anew(case: Case) -> None:
    """A share ends with its oldest file, so that one of some hours would take these from all."""
    with hearing(case.clients, "before-call.s3.PutObject", refusing("b%20")):
        case.refused()
    key = s3_backends["123456789012"]["aws"].get_object(BUCKET, f"{case.folder.name}/c.txt")
    key.last_modified = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=6)

    case.send()

    assert [len(case.stored(name)) for name in NAMES] == [1, 1, 2]


def refusing(path: str) -> Callable[..., Any]:
    """S3 refuses the calls whose path has this."""

    def refuse(params: dict[str, Any], **_: Any) -> Any:
        return answered(403, "AccessDenied") if path in params["url_path"] else None

    return refuse


def answered(status: int, code: str) -> Any:
    error = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return SimpleNamespace(status_code=status), error


def press() -> None:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.05)  # so that it is heard about now; what holds does so whenever that is


@dataclass
class Trouble:
    """What comes at the nth call of S3, before it is made or when it is answered."""

    number: int
    kind: str
    seen: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    struck: set[int] = field(default_factory=set)

    def before(self, context: dict[str, Any], **_: Any) -> Any:
        with self.lock:
            self.seen += 1
            context["number"] = self.seen
            is_it = self.seen == self.number
        if is_it and self.kind == "Ctrl-C before":
            press()
        if is_it and self.kind == "unavailable":
            return answered(503, "ServiceUnavailable")
        return None

    def after(self, context: dict[str, Any], **_: Any) -> None:
        if context.get("number") != self.number:
            return
        if self.kind == "Ctrl-C after":
            press()
        if self.kind == "answer lost":
            raise ConnectionClosedError(endpoint_url="https://s3")


KINDS = ("Ctrl-C before", "Ctrl-C after", "unavailable", "answer lost")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", range(1, len(NAMES) + 2))
def test_whatever_ends_it_the_same_command_finishes_it(case: Case, number: int, kind: str) -> None:
    """At every call: nobody is mailed of less than all, and nobody twice. What is told is true."""
    trouble = Trouble(number, kind)
    sentence = ""
    with (
        hearing(case.clients, "before-call.s3", trouble.before),
        hearing(case.clients, "after-call.s3", trouble.after),
    ):
        try:
            case.send()
        except UploadError as exc:
            sentence = str(exc)
            assert isinstance(exc, UploadStoppedError) == kind.startswith("Ctrl-C")

    if "nobody was mailed" in sentence:
        assert case.manifests == []
        assert sentence.endswith(AGAIN)
    else:
        assert case.is_whole
    if "nobody was mailed" in sentence:
        case.send()
    assert case.is_whole


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", range(1, 7))
def test_whatever_ends_a_second_try_the_third_finishes_it(
    case: Case, number: int, kind: str
) -> None:
    """Also where it is only looked what the first has left."""
    with hearing(case.clients, "before-call.s3.PutObject", refusing("b%20")):
        case.refused()
    trouble = Trouble(number, kind)
    sentence = ""
    with (
        hearing(case.clients, "before-call.s3", trouble.before),
        hearing(case.clients, "after-call.s3", trouble.after),
    ):
        try:
            case.send()
        except UploadError as exc:
            sentence = str(exc)

    if sentence and "announced" not in sentence:
        assert "nobody was mailed" in sentence or "nothing was sent now" in sentence
        assert case.manifests == []
        case.send()
    assert case.is_whole


def test_a_manifest_whose_answers_are_all_lost(case: Case) -> None:
    """Nobody knows whether it arrived, and the sentence says so; the same command looks first."""

    def lose(model: Any, params: dict[str, Any], **_: Any) -> None:
        is_manifest = ".s3link" in params["url_path"]
        if is_manifest and model.name == "GetObject":
            raise ConnectionClosedError(endpoint_url="https://s3")
        if is_manifest:
            lost.append(params["url_path"])

    def lose_answer(model: Any, **_: Any) -> None:
        if model.name == "PutObject" and lost:
            raise ConnectionClosedError(endpoint_url="https://s3")

    lost: list[str] = []
    with (
        hearing(case.clients, "before-call.s3", lose),
        hearing(case.clients, "after-call.s3", lose_answer),
    ):
        sentence = case.refused()

    assert (
        f'it is not known whether "{NAMES[0]} and 2 more files" was announced; {AGAIN}' in sentence
    )
    made = calls_of(case.clients, case.send)
    assert "PutObject" not in {call.split()[0] for call in made}
    assert case.is_whole


def test_two_shares_of_which_one_manifest_is_refused(case: Case, tmp_path: Path) -> None:
    """The one that is announced is not announced again."""
    for_carl = tmp_path / "carl@example.com"
    for_carl.mkdir()
    for name in ("d", "e"):
        (for_carl / name).write_text(name)
    with hearing(case.clients, "before-call.s3.PutObject", refusing("-2.json")):
        sentence = case.refused(for_carl)

    sent = case.send(for_carl)

    assert (
        f': 5 of 5 files arrived and nobody was mailed of "d and 1 more file"; {AGAIN}' in sentence
    )
    assert case.is_whole
    carls = replace(case, folder=for_carl)
    assert len(carls.manifests) == 1
    assert [one.recipients for one in sent.announced] == [
        ("bob@example.com",),
        ("carl@example.com",),
    ]


def test_a_file_beside_a_share_is_mailed_last(case: Case, tmp_path: Path) -> None:
    """It is announced as soon as it arrives, so that it waits until nothing else can fail."""
    for_carl = tmp_path / "carl@example.com"
    for_carl.mkdir()
    (for_carl / "alone").write_text("alone")
    with hearing(case.clients, "before-call.s3.PutObject", refusing(".json")):
        case.refused(for_carl)
    assert versions(case.clients, "carl@example.com/alone") == []

    made = calls_of(case.clients, lambda: case.send(for_carl))

    assert made[-1] == "PutObject alone"
    assert case.is_whole


@dataclass(frozen=True)
class Beside:
    """Two files, each for one person alone, that are sent beside the folder of a case."""

    case: Case
    files: tuple[Path, Path]

    def send(self) -> Sent:
        return self.case.send(*self.files)

    def refused(self, path: str) -> str:
        """What is said where S3 takes nothing under this."""
        with hearing(self.case.clients, "before-call.s3.PutObject", refusing(path)):
            return self.case.refused(*self.files)

    def stored(self, number: int) -> list[str]:
        return versions(self.case.clients, self.files[number].name + "/alone.txt")

    @property
    def is_whole(self) -> bool:
        return self.case.is_whole and [len(self.stored(number)) for number in (0, 1)] == [1, 1]


@pytest.fixture
def beside(case: Case, tmp_path: Path) -> Beside:
    folders = [tmp_path / f"{who}.{case.folder.name}@example.com" for who in ("carl", "dora")]
    for folder in folders:
        folder.mkdir()
        (folder / "alone.txt").write_text("alone")
    return Beside(case, (folders[0], folders[1]))


def test_a_file_beside_a_share_that_fails_goes_on_alone(beside: Beside) -> None:
    """The share is known as announced until it has arrived, too; then nothing is known."""
    dora = beside.files[1]
    sentence = beside.refused("/dora.")
    first = beside.stored(0)

    made = calls_of(beside.case.clients, beside.send)

    assert sentence.startswith(f'"{dora / "alone.txt"}" was not sent (AWS denied ')
    assert sentence.endswith(
        ": 4 of 5 files arrived and are announced, but nobody was mailed of "
        f'"{dora / "alone.txt"}"; {AGAIN}'
    )
    assert [call for call in made if call.startswith("Put")] == ["PutObject alone.txt"]
    assert beside.is_whole
    assert beside.stored(0) == first
    # It is whole, so that whoever sends it once more means it.
    beside.send()
    assert len(beside.case.manifests) == 2
    assert [len(beside.stored(number)) for number in (0, 1)] == [2, 2]


def test_what_was_announced_earlier_is_told_and_counts_as_sent(beside: Beside) -> None:
    beside.refused("/dora.")
    told: list[str] = []
    console = SimpleNamespace(**{"progress": told.append, "bar": Console().bar})

    sent = send_files(
        *(beside.case.clients, DEPLOYMENT, [beside.case.folder, *beside.files], SendOptions()),
        console,  # type: ignore[arg-type]
        memory=beside.case.memory,
    )

    key = f"{beside.files[0].name}/alone.txt"
    for title in (f"{NAMES[0]} and 2 more files", key):
        assert f'"{title}" was announced by an earlier send; nobody is mailed twice.' in told
    by_key = {file.key: file.version_id for file in sent.files}
    assert [by_key[key]] == beside.stored(0)


def test_a_file_beside_a_share_that_fails_and_is_changed(beside: Beside) -> None:
    """It is sent as it is then, also if it had arrived before; the share is not sent again."""
    beside.refused("/dora.")
    for folder in beside.files:
        (folder / "alone.txt").write_text("other")  # as long as before

    beside.refused("/dora.")
    beside.send()

    assert beside.case.is_whole
    assert [len(beside.stored(number)) for number in (0, 1)] == [2, 1]
    for number, folder in enumerate(beside.files):
        newest = beside.stored(number)[0]
        assert content(beside.case.clients, f"{folder.name}/alone.txt", newest) == b"other"


def test_a_file_that_was_there_before_the_share_is_not_taken_for_ours(beside: Beside) -> None:
    """However much it is the same: it was mailed for another command."""
    beside.send()
    key = f"{beside.files[1].name}/alone.txt"
    stored = s3_backends["123456789012"]["aws"].get_object(BUCKET, key)
    stored.last_modified -= timedelta(seconds=2)  # S3 tells whole ones
    beside.refused("/dora.")

    beside.send()

    assert [len(beside.stored(number)) for number in (0, 1)] == [2, 2]
    assert len(beside.case.manifests) == 2


def test_without_a_memory_a_file_beside_a_share_is_named(beside: Beside) -> None:
    """The share is not to be sent again, and nothing else is promised."""
    with hearing(beside.case.clients, "before-call.s3.PutObject", refusing("/dora.")):
        sentence = beside.case.refused(*beside.files, memory=None)

    missing = f'"{beside.files[1] / "alone.txt"}"'
    assert sentence.endswith(
        f": 4 of 5 files arrived and nothing is left half done; send again: {missing}."
    )


def test_standard_input_beside_a_share_is_named(beside: Beside, tmp_path: Path) -> None:
    """Nobody knows whether it is the same next time, so that nothing is promised."""
    file = tmp_path / "typed"
    file.write_text("typed")
    name = beside.files[0].name
    typed = LocalFile(file, f"{name}/typed", 5, file.stat().st_mtime_ns, "standard input")
    with hearing(beside.case.clients, "before-call.s3.PutObject", refusing("/typed")):
        sentence = beside.case.refused(Path("-"), standard_input=typed)

    assert sentence.endswith(
        ': 3 of 4 files arrived and nothing is left half done; send again: "standard input".'
    )


def test_files_beside_two_shares_of_which_one_is_refused(beside: Beside, tmp_path: Path) -> None:
    """They wait for both, and are named among what nobody was mailed of."""
    for_eve = tmp_path / "eve@example.com"
    for_eve.mkdir()
    for name in ("d", "e"):
        (for_eve / name).write_text(name)
    with hearing(beside.case.clients, "before-call.s3.PutObject", refusing("-2.json")):
        sentence = beside.case.refused(for_eve, *beside.files)
    carl, dora = (f'"{folder / "alone.txt"}"' for folder in beside.files)

    beside.case.send(for_eve, *beside.files)

    assert sentence.endswith(
        ": 5 of 7 files arrived and nobody was mailed of "
        f'"d and 1 more file", {carl} and {dora}; {AGAIN}'
    )
    assert beside.is_whole


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", range(1, len(NAMES) + 4))
def test_whatever_ends_it_the_same_command_finishes_what_is_beside(
    beside: Beside, number: int, kind: str
) -> None:
    """At every call, the last two of which are of what is alone. What is told is true."""
    trouble = Trouble(number, kind)
    sentence = ""
    with (
        hearing(beside.case.clients, "before-call.s3", trouble.before),
        hearing(beside.case.clients, "after-call.s3", trouble.after),
    ):
        try:
            beside.send()
        except UploadError as exc:
            sentence = str(exc)

    _, is_unsent, unsent = sentence.partition("nobody was mailed")
    unsent, _, _ = unsent.partition(", and it is not known whether ")
    for n, folder in enumerate(beside.files):
        if is_unsent and (not unsent.startswith(" of ") or str(folder) in unsent):
            assert beside.stored(n) == []
    if sentence and not sentence.startswith("Stopped, but all"):
        assert sentence.endswith(AGAIN)
        beside.send()
    assert beside.is_whole


def test_a_stop_while_the_manifest_is_put_leaves_what_is_beside(beside: Beside) -> None:
    """It was not sent, and nobody says so."""
    trouble = Trouble(len(NAMES) + 1, "Ctrl-C after")
    with (
        hearing(beside.case.clients, "before-call.s3", trouble.before),
        hearing(beside.case.clients, "after-call.s3", trouble.after),
        pytest.raises(UploadStoppedError) as stopped,
    ):
        beside.send()
    carl, dora = (f'"{folder / "alone.txt"}"' for folder in beside.files)

    assert str(stopped.value) == (
        f"Stopped: 3 of 5 files arrived and are announced, but nobody was mailed of {carl} and "
        f"{dora}; {AGAIN}"
    )
    beside.send()
    assert beside.is_whole


def test_large_files_of_a_share_go_on_where_they_broke_off(case: Case) -> None:
    """With the mark of the same share; and what was there is told."""
    (case.folder / "c.txt").write_bytes(os.urandom(LARGE))

    def refuse(params: dict[str, Any], **_: Any) -> Any:
        part = params["query_string"].get("partNumber")
        return answered(403, "AccessDenied") if part == 3 else None

    with hearing(case.clients, "before-call.s3.UploadPart", refuse):
        case.refused()
    made = calls_of(case.clients, case.send)

    assert [call.split()[0] for call in made].count("UploadPart") == 1
    assert case.is_whole


def test_standard_input_in_a_share_is_not_remembered(
    operator: Operator, clients: Clients, tmp_path: Path
) -> None:
    """Nobody has it any more."""
    report = tmp_path / "beside.txt"
    report.write_text("beside")

    with hearing(clients, "before-call.s3.PutObject", lambda **_: None):
        ran = operator.s3link("send - --as typed.txt --output json", report, answers="typed")

    assert ran.exit_code == 0, ran.stderr
    [share] = ran.document["shares"]
    assert sorted(share["files"]) == ["beside.txt", "typed.txt"]


def test_what_is_sent_is_announced_in_one_row(case: Case) -> None:
    """By its manifest's key and version, as ledger and log have it."""
    sent = case.send()

    [share] = sent.announced
    assert isinstance(share, SentShare)
    assert share.title == f"{NAMES[0]} and 2 more files"
    assert versions(case.clients, share.key) == [share.version_id]
