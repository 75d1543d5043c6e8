"""Files that come one by one are mailed together: `aws s3 cp --recursive` on a deployment with
GatherPeriod."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.inbox.mailbox import Mail
from deploy.local.server import EmbeddedAws
from tests.e2e.deployed import Deployed
from tests.e2e.portal import follow, press
from tests.local.links import Clock
from tests.mails import link_in
from tests.tools import AWSCLI, RUN_LIMIT, installed
from tests.waiting import until

pytestmark = pytest.mark.slow

NAMES = sorted(f"{number:02} bericht ü & (final).txt" for number in range(12))


def copy_recursively(deployed: Deployed, folder: Path, to: str) -> None:
    """What a person types; the client puts several files at once."""
    bucket = deployed.names["FileExchangeBucket"]
    line = [
        *(installed(AWSCLI, "aws"), "--endpoint-url", deployed.aws.endpoint),
        *("s3", "cp", "--recursive", "--only-show-errors", str(folder), f"s3://{bucket}/{to}"),
    ]
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": LOCAL_ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": LOCAL_SECRET_KEY,
        "AWS_DEFAULT_REGION": deployed.aws.region,
        "AWS_CONFIG_FILE": os.devnull,
    }
    subprocess.run(line, env=environment, check=True, timeout=RUN_LIMIT)


def _fill(folder: Path) -> Path:
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_text(f"This is {name}.")
    return folder


def _waiting(deployed: Deployed) -> Counter[str]:
    """How many rows of each kind the table of gathered files has."""
    table = deployed.names["GatheredFiles"]
    items = deployed.account.client("dynamodb").scan(TableName=table)["Items"]
    return Counter(item["Item"]["S"].partition("#")[0] for item in items)


def _rows(deployed: Deployed) -> list[tuple[str, str]]:
    """What was announced, and to whom."""
    return sorted((row["File"]["S"], row["Recipient"]["S"]) for row in deployed.rows)


@pytest.mark.parametrize("parts", [("portal",), ()], ids=["portal", "direct links"])
def test_twelve_files_are_one_mail_for_each_recipient(
    tmp_path: Path, parts: tuple[str, ...]
) -> None:
    """Those of one folder together, with all their names; those of another apart."""
    clock = Clock()
    with EmbeddedAws(clock=clock) as aws:
        deployed = Deployed(aws, tmp_path, parts, GatherPeriod="4")
        folder = _fill(tmp_path / "minutes")

        copy_recursively(deployed, folder, "minutes/")
        copy_recursively(deployed, folder, "ann@example.com/")
        until(lambda: len(deployed.mails()) >= 2)
        until(lambda: set(_waiting(deployed)) == {"file"})

        mails = {mail.recipients: mail for mail in deployed.mails()}
        assert set(mails) == {("bob@example.com",), ("ann@example.com",)}
        assert len(deployed.mails()) == 2
        for mail in mails.values():
            _check(mail, with_all=not parts)
            if parts:
                assert _downloads(mail, folder) == len(NAMES)
        assert _waiting(deployed) == {"file": 24}
        assert len(_rows(deployed)) == 2
        # Wake-ups that are late, or come again, find nothing to do.
        clock.ahead += timedelta(minutes=5)
        aws.schedules.fire_due()
        until(lambda: not aws.schedules.describe() or parts)
        assert len(deployed.mails()) == 2
        assert deployed.dead_letters() == "[]"


def _downloads(mail: Mail, folder: Path) -> int:
    """How many files of a mail's page are there, with the same bytes."""
    answers = [follow(press(link_in(mail), file=str(number))) for number in range(len(NAMES))]
    contents = [(folder / name).read_bytes() for name in NAMES]
    return sum(one.body == content for one, content in zip(answers, contents, strict=True))


def _check(mail: Mail, with_all: bool) -> None:
    assert mail.subject == f"Files for you: {NAMES[0]} and 11 more files"
    listed = [name for name in NAMES if name in mail.text]
    assert listed == (NAMES if with_all else NAMES[:10])


def test_a_file_that_stays_alone(tmp_path: Path) -> None:
    """It is mailed as without GatherPeriod, only later."""
    with EmbeddedAws() as aws:
        deployed = Deployed(aws, tmp_path, GatherPeriod="4")
        deployed.upload("alone.txt")
        until(lambda: len(deployed.mails()) >= 1)
        [mail] = deployed.mails()

    assert mail.subject == "File for you: alone.txt"
