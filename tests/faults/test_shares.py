"""Several files that one mail announces: what can be wrong with them, and what can fail on the way.
Either all of them are announced, once, or none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from deploy.local.inbox.mailbox import MAILBOX
from tests.faults.deployed import Deployed
from tests.faults.faults import HEAD, READ, SEND
from tests.waiting import until

pytestmark = pytest.mark.slow

ANN, BOB = "ann@example.com", "bob@example.com"
ID = "ab12cd34"
KEY = f".s3link/shares/{ID}.json"
ALARMS = {"LinkGeneratorErrorsTooHighAlarm", "DeadLetterQueueTooDeepAlarm"}


def put_files(deployed: Deployed, count: int = 3) -> list[dict[str, Any]]:
    content = b"content"
    versions = {
        key: deployed.clients.s3.put_object(
            Bucket=deployed.local.bucket, Key=key, Body=content, Metadata={"s3link-share": ID}
        )["VersionId"]
        for key in (f"{number}.jpg" for number in range(count))
    }
    return [
        {"key": key, "version": version, "size": len(content)} for key, version in versions.items()
    ]


def put_manifest(deployed: Deployed, files: list[dict[str, Any]], whole: bool = True) -> None:
    document = {"s3link": "share", "version": 1, "recipients": [ANN, BOB], "files": files}
    text = json.dumps(document)
    deployed.clients.s3.put_object(
        Bucket=deployed.local.bucket, Key=KEY, Body=(text if whole else text[:-1]).encode()
    )


def mailed() -> list[tuple[str, ...]]:
    """Whom mails about files went to."""
    return sorted(
        mail.recipients for mail in MAILBOX.mails() if mail.subject.startswith("Files for you: ")
    )


def answers(step: str, status: int, code: str) -> Callable[[Deployed], object]:
    return lambda deployed: deployed.faults.answer(step, status, code)


def _delete_a_file(deployed: Deployed) -> None:
    deployed.clients.s3.delete_object(Bucket=deployed.local.bucket, Key="1.jpg")


def _restore_it(deployed: Deployed) -> None:
    s3, bucket = deployed.clients.s3, deployed.local.bucket
    [marker] = s3.list_object_versions(Bucket=bucket, Prefix="1.jpg")["DeleteMarkers"]
    s3.delete_object(Bucket=bucket, Key="1.jpg", VersionId=marker["VersionId"])


@dataclass(frozen=True)
class Case:
    """`inject` → `error` in DeadLetterQueue → `mend` and replay."""

    inject: Callable[[Deployed], object]
    error: str
    mend: Callable[[Deployed], object] = lambda deployed: deployed.faults.end()


CASES = {
    "a file is gone": Case(_delete_a_file, '"1.jpg" is not there, or not in that', _restore_it),
    "S3 does not give the manifest": Case(
        answers(READ, 503, "ServiceUnavailable"), "S3 did not give its manifest (ServiceUnavailable"
    ),
    "S3 is down": Case(answers(HEAD, 503, "ServiceUnavailable"), "S3 answered 503"),
    "SES is down": Case(
        lambda deployed: deployed.aws.services.stop("ses"),
        "ServiceUnavailable for ann@",
        lambda deployed: deployed.aws.services.start("ses"),
    ),
    "SES cannot be reached": Case(
        lambda deployed: deployed.faults.lose_the_call(SEND), "ConnectionClosedError for ann@"
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_share_that_is_given_up_waits_and_is_replayed(deployed: Deployed, case: Case) -> None:
    """Nobody is mailed any of it until its cause is gone; then each once."""
    files = put_files(deployed)
    until(lambda: deployed.log().count("announced with the other files") == 3)
    case.inject(deployed)
    put_manifest(deployed, files)
    until(deployed.dead_letters)
    until(lambda: deployed.alarms() == ALARMS)

    [error] = deployed.dead_letters()
    assert case.error in error
    assert (mailed(), deployed.mails()) == ([], {})

    case.mend(deployed)
    replayed = deployed.s3link("dlq redrive --all")

    assert replayed.exit_code == 0, replayed.stderr
    assert mailed() == [(ANN,), (BOB,)]
    assert (deployed.dead_letters(), deployed.mails()) == ([], {})


def test_a_manifest_that_is_none(deployed: Deployed) -> None:
    """It can never pass: the operator drops it, and the sender makes a new share."""
    put_manifest(deployed, put_files(deployed), whole=False)
    until(deployed.dead_letters)
    replayed = deployed.s3link("dlq redrive --all")
    [letter] = deployed.s3link("dlq list --output json").document["messages"]

    dropped = deployed.s3link(f"dlq drop {letter['id']} --yes")

    assert replayed.exit_code == 1
    assert "it is not JSON in UTF-8; send the files again, as a new share." in letter["error"]
    assert dropped.exit_code == 0, dropped.stderr
    assert (mailed(), deployed.ledger()) == ([], {})


def test_more_files_than_a_mail_has_room_for(deployed: Deployed) -> None:
    """Without a portal each has its link; with one they have a page, and the replay mails it."""
    put_manifest(deployed, put_files(deployed, 21))
    until(deployed.dead_letters)
    [error] = deployed.dead_letters()
    before = mailed()

    added = deployed.s3link("deploy --with portal --yes")
    replayed = deployed.s3link("dlq redrive --all")

    assert "it has 21 files, and a mail with links to S3 itself has room for 20" in error
    assert "run `s3link deploy --with portal --name s3link`" in error
    assert before == []
    assert added.exit_code == 0, added.stderr
    assert replayed.exit_code == 0, replayed.stderr
    assert mailed() == [(ANN,), (BOB,)]


def test_s3_is_slow_while_it_is_asked_about_the_files(deployed: Deployed) -> None:
    """A call that fails is made again, and at last the event: then all is told, and mailed."""
    files = put_files(deployed, 12)
    until(lambda: deployed.log().count("announced with the other files") == 12)
    deployed.faults.answer(HEAD, 503, "SlowDown", times=7)

    put_manifest(deployed, files)

    until(lambda: mailed() == [(ANN,), (BOB,)])
    assert deployed.faults.hits() == 7
    assert deployed.dead_letters() == []


def test_the_mail_template_knows_no_lists(deployed: Deployed) -> None:
    """It is of an older version, and wants the one link that there is none of. Nothing is mailed
    that lacks what it is for: SES says that it could not make the mail, and the admin hears of it.
    """
    ses, name = deployed.clients.ses, deployed.outputs["LinkDownloadTemplateName"]
    template = ses.get_template(TemplateName=name)["Template"]
    older = {"TextPart": "File: {{fileName}}\n{{link}}", "HtmlPart": "<a href='{{linkHtml}}'>x</a>"}
    ses.update_template(Template={**template, **older})

    put_manifest(deployed, put_files(deployed))

    until(lambda: deployed.ledger() == {ANN: "RenderingFailed", BOB: "RenderingFailed"})
    until(lambda: deployed.admins_mails().count("s3link: a mail could not be made") == 2)
    assert mailed() == []
    texts = [mail.text for mail in MAILBOX.mails() if "could not be made" in mail.subject]
    assert all(
        'did not get the link to "0.jpg and 2 more files": SES could' in one for one in texts
    )


def test_the_same_manifest_again(deployed: Deployed) -> None:
    """It says what was mailed already."""
    put_manifest(deployed, put_files(deployed))
    until(lambda: mailed() == [(ANN,), (BOB,)])

    content = deployed.clients.s3.get_object(Bucket=deployed.local.bucket, Key=KEY)["Body"].read()
    for _ in range(2):
        deployed.clients.s3.put_object(Bucket=deployed.local.bucket, Key=KEY, Body=content)

    until(lambda: deployed.log().count("was mailed") >= 4)
    assert mailed() == [(ANN,), (BOB,)]
    assert deployed.dead_letters() == []
