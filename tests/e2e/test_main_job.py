"""The main job, as its user does it: `s3link local` in one terminal, `aws s3 cp` in another."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from deploy.local.clicking import saved_as
from tests.e2e.conftest import Mail, RunningLocal, start_local, stop_local
from tests.tools import RUN_LIMIT

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLE = ROOT / "docs/samples/my report (final) + ü.pdf"


def link_of(mail: Mail) -> str:
    found = re.search(r"https?://\S+", mail["text"])
    assert found, mail["text"]
    return found.group()


def download(link: str) -> tuple[str, bytes]:
    """Open a link without credentials; the name a browser would save it under, and the bytes."""
    with urllib.request.urlopen(link) as answer:
        return saved_as(answer.headers["Content-Disposition"]), answer.read()


@pytest.mark.parametrize(
    "name",
    [
        "my report (final) + ü.pdf",
        "100% \"done\", really; 'yes'.pdf",
        "a&b=c?d#e.txt",
        "отчёт 📄.pdf",
    ],
)
def test_a_file_uploaded_with_the_aws_client_comes_back(
    local: RunningLocal, tmp_path: Path, name: str
) -> None:
    """`aws s3 cp` puts a mail into the inbox whose link gives the same bytes under that name."""
    file = tmp_path / name
    file.write_bytes(SAMPLE.read_bytes())

    local.aws("s3", "cp", file, f"s3://{local.bucket}/")
    mail = local.wait_for_mail(lambda mail: name in mail["subject"])
    saved_as, content = download(link_of(mail))

    assert mail["from"] == "links@example.com"
    assert mail["to"] == ["bob@example.com"]
    assert saved_as == name
    assert content == SAMPLE.read_bytes()


def test_recipients_in_metadata_get_a_link_each(local: RunningLocal, tmp_path: Path) -> None:
    """Two recipients in the metadata get a mail and a link of their own; nobody else gets one."""
    file = tmp_path / "minutes.txt"
    file.write_text("We met.")
    recipients = {"ann@example.com", "carl@example.com"}

    local.aws(
        *("s3", "cp", file, f"s3://{local.bucket}/"),
        *("--metadata", json.dumps({"recipients": ", ".join(recipients), "note": "As discussed"})),
    )
    for recipient in recipients:
        local.wait_for_mail(
            lambda mail, to=[recipient]: mail["to"] == to and "minutes.txt" in mail["subject"]
        )

    mails = [mail for mail in local.mails() if "minutes.txt" in mail["subject"]]
    assert {mail["to"][0] for mail in mails} == recipients
    assert len({link_of(mail) for mail in mails}) == len(mails) == 2
    assert all("As discussed" in mail["text"] and "As discussed" in mail["html"] for mail in mails)


def test_a_link_keeps_giving_the_version_it_announced(local: RunningLocal, tmp_path: Path) -> None:
    """Overwriting a file mails a new link and leaves the old one giving the old bytes."""
    file = tmp_path / "versions.txt"
    links: list[str] = []
    for content in ("first", "second"):
        file.write_text(content)
        local.aws("s3", "cp", file, f"s3://{local.bucket}/")
        mail = local.wait_for_mail(
            lambda mail: "versions.txt" in mail["subject"] and link_of(mail) not in links
        )
        links.append(link_of(mail))

    contents = [download(link)[1] for link in links]

    assert contents == [b"first", b"second"]


def test_a_tampered_link_is_refused(local: RunningLocal, tmp_path: Path) -> None:
    """A link moved to another key gives 403 and S3's XML error instead of the other file."""
    for name in ("mine.txt", "yours.txt"):
        (tmp_path / name).write_text(name)
        local.aws("s3", "cp", tmp_path / name, f"s3://{local.bucket}/")
    mail = local.wait_for_mail(lambda mail: "mine.txt" in mail["subject"])

    with pytest.raises(urllib.error.HTTPError) as refused:
        download(link_of(mail).replace("/mine.txt", "/yours.txt"))

    assert refused.value.code == 403
    assert b"<Code>SignatureDoesNotMatch</Code>" in refused.value.read()


def test_send_tells_who_gets_it_and_they_do(local: RunningLocal, tmp_path: Path) -> None:
    """`s3link send --to --note` uploads a file whose recipient gets the note and the link."""
    file = tmp_path / "offer, 2nd draft.txt"
    file.write_text("An offer")

    sent = local.s3link("send", file, "--to", "dora@example.com", "--note", "Für Sie ✓")
    mail = local.wait_for_mail(lambda mail: mail["to"] == ["dora@example.com"])

    assert sent.returncode == 0, sent.stderr
    assert "Für Sie ✓" in mail["text"]
    assert download(link_of(mail)) == ("offer, 2nd draft.txt", b"An offer")


def test_an_unauthorised_recipient_is_never_mailed(local: RunningLocal, tmp_path: Path) -> None:
    """A look-alike domain gets nothing; the event ends in DeadLetterQueue with the reason."""
    file = tmp_path / "secret.txt"
    file.write_text("secret")
    queue = _queue_url(local)

    local.aws(
        *("s3", "cp", file, f"s3://{local.bucket}/"),
        *("--metadata", "recipients=eve@example.com.evil.net"),
    )
    letter = _dead_letter(local, queue, "secret.txt")

    assert "eve@example.com.evil.net" in letter["MessageAttributes"]["ErrorMessage"]["StringValue"]
    assert not [mail for mail in local.mails() if "secret.txt" in mail["subject"]]


def test_a_stopped_ses_ends_in_the_dead_letter_queue_and_the_admins_mailbox(
    fresh_local: RunningLocal, tmp_path: Path
) -> None:
    """With SES down an upload's event is retried, kept, and the admin gets the alarm by mail."""
    local = fresh_local
    confirmation = local.wait_for_mail(lambda mail: "Subscription Confirmation" in mail["subject"])
    download(link_of(confirmation))
    file = tmp_path / "while ses is down.txt"
    file.write_text("later")
    queue = _queue_url(local)

    local.post("/_s3link/services/ses/stop")
    local.aws("s3", "cp", file, f"s3://{local.bucket}/")
    letter = _dead_letter(local, queue, "while+ses+is+down.txt")
    alarm = local.wait_for_mail(
        lambda mail: mail["subject"].startswith("ALARM") and "DeadLetter" in mail["subject"]
    )

    assert json.loads(letter["Body"])["Records"][0]["s3"]["bucket"]["name"] == local.bucket
    assert alarm["to"] == ["admin@example.com"]


def test_logs_tell_of_mails_and_hold_no_link(local: RunningLocal, tmp_path: Path) -> None:
    """`s3link logs` names the file and the recipient; no signature stands in any log event."""
    file = tmp_path / "logged.txt"
    file.write_text("logged")
    local.aws("s3", "cp", file, f"s3://{local.bucket}/")
    local.wait_for_mail(lambda mail: "logged.txt" in mail["subject"])

    readable = local.s3link("logs", "--since", "1h").stdout
    raw = local.aws("logs", "filter-log-events", "--log-group-name", _log_group(local))

    assert re.search(r"logged\.txt.*bob@example\.com|bob@example\.com.*logged\.txt", readable)
    assert "X-Amz-Signature" not in raw
    assert "X-Amz-Credential" not in raw


def test_ctrl_c_stops_it_and_leaves_no_child(tmp_path: Path) -> None:
    """Ctrl-C ends `s3link local` with exit code 0, and its function processes with it."""
    running = start_local(tmp_path)
    file = tmp_path / "one.txt"
    file.write_text("one")
    running.aws("s3", "cp", file, f"s3://{running.bucket}/")
    running.wait_for_mail(lambda mail: "one.txt" in mail["subject"])
    before = _processes_of(running)

    code = stop_local(running)

    assert code == 0
    assert len(before) > 1, "a function's process was expected to be running"
    assert [process for process in before if Path(f"/proc/{process}").exists()] == []


def test_demo_ends_with_same_bytes() -> None:
    """`s3link demo` sends a file with an awkward name all the way and says so."""
    ran = _demo(SAMPLE)

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "same bytes"
    assert SAMPLE.name in ran.stdout


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("N", id="a part of the alarm topic's own subject"),
        pytest.param("two\nlines.txt", id="shown in another way"),
        pytest.param("cafe\u0301.txt", id="spelled as macOS does"),
    ],
)
def test_demo_knows_its_mail_whatever_the_file_is_called(tmp_path: Path, name: str) -> None:
    """The subject need not hold the name as the disk has it, and other subjects may."""
    file = tmp_path / name
    file.write_text("content")

    ran = _demo(file)

    assert (ran.returncode, ran.stdout.splitlines()[-1:]) == (0, ["same bytes"]), ran.stderr


def test_the_machines_own_aws_settings_do_not_matter(tmp_path: Path) -> None:
    """Proxies, endpoints and profiles are for other work; some of them would fail the demo."""
    elsewhere, broken = "http://127.0.0.1:9", tmp_path / "config"
    broken.write_text("This is no AWS configuration.")

    ran = _demo(
        SAMPLE,
        AWS_CONFIG_FILE=str(broken),
        AWS_ENDPOINT_URL=elsewhere,
        AWS_PROFILE="gone",
        AWS_USE_FIPS_ENDPOINT="true",
        HTTP_PROXY=elsewhere,
        http_proxy=elsewhere,
    )

    assert (ran.returncode, ran.stdout.splitlines()[-1:]) == (0, ["same bytes"]), ran.stderr


def _demo(file: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy", "demo", file],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_LIMIT,
    )


def _processes_of(running: RunningLocal) -> list[int]:
    """The process and all its descendants."""
    found = [running.process.pid]
    for process in found:
        for task in Path(f"/proc/{process}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def _output(local: RunningLocal, name: str) -> str:
    stacks = local.aws(
        *("cloudformation", "describe-stacks", "--stack-name", f"{local.deployment}-generator"),
        *("--query", f"Stacks[0].Outputs[?OutputKey=='{name}'].OutputValue", "--output", "text"),
    )
    return stacks.strip()


def _queue_url(local: RunningLocal) -> str:
    return _output(local, "DeadLetterQueueUrl")


def _log_group(local: RunningLocal) -> str:
    return _output(local, "LinkGeneratorLogGroupName")


def _dead_letter(local: RunningLocal, queue: str, key: str) -> Mail:
    """The message in DeadLetterQueue about `key`; others stay where they are."""
    for _ in range(60):
        answer = local.aws(
            *("sqs", "receive-message", "--queue-url", queue, "--max-number-of-messages", "10"),
            *("--message-attribute-names", "All", "--visibility-timeout", "0"),
            *("--wait-time-seconds", "1", "--output", "json"),
        )
        for message in json.loads(answer or "{}").get("Messages", []):
            if key in message["Body"]:
                found: Mail = message
                return found
    raise AssertionError(f"no message about {key} in {queue}")
