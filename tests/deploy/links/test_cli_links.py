"""`s3link links` as its user sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from tests.clock import ISTANBUL, zone
from tests.deploy.links.account import DAY, NOW, TABLE, LinksAccount
from tests.deploy.operator import Operator

OUTPUTS = {"LinksTableName": TABLE, "LinkMailerName": "LinkMailer"}
TEMPLATE = {
    "Parameters": {
        "MaxDownloads": {"Type": "Number", "Default": 0},
        "ExchangableObjectsTTL": {"Type": "Number", "Default": 2},
    },
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
    "Outputs": {name: {"Value": value} for name, value in OUTPUTS.items()},
}
BOB = "0123456789ab" + "0" * 20
UNTIL = f"{NOW + DAY:%Y-%m-%d %H:%M} UTC"


@pytest.fixture
def account() -> Iterator[LinksAccount]:
    """A portal with one link, for bob."""
    with mock_aws():
        account = LinksAccount()
        for stack in ("s3link-portal", "s3link-generator"):
            account.aws.cloudformation.create_stack(
                StackName=stack, TemplateBody=json.dumps(TEMPLATE)
            )
        account.add(link_id=BOB)
        yield account


@pytest.fixture
def operator(account: LinksAccount, tmp_path: Path) -> Operator:
    config = tmp_path / "s3link.toml"
    config.write_text('[s3link]\nregion = "eu-west-1"\n')
    return Operator(config)


def test_links_are_listed(operator: Operator) -> None:
    """A row each; or everything that is known of them but what opens them."""
    text = operator.s3link("links list")
    [link] = operator.s3link("links list --state usable --output json").document["links"]

    assert text.exit_code == 0, text.stderr
    titles, row = text.stdout.splitlines()
    assert titles == "ID\tCREATED\tSTATE\tRECIPIENT\tFILE\tUSED\tWORKS"
    assert row.startswith(f"{BOB}\t20")
    assert row.endswith(f" UTC\tUsable\tbob@example.com\treport.pdf\t0\tuntil {UNTIL}")
    assert (link["id"], link["state"], link["max_downloads"]) == (BOB, "Usable", 0)


def test_no_links_is_an_answer(operator: Operator) -> None:
    """Whether there are none at all, or none of this kind."""
    ran = operator.s3link("links list --recipient carol@example.com")

    assert (ran.exit_code, ran.stdout) == (0, "The portal has no link of this kind.\n")


def test_a_link_is_revoked(operator: Operator, account: LinksAccount) -> None:
    """By the digits that the list shows; a second time it is said to be so already."""
    refused = operator.s3link("links revoke 0123456789AB", answers="n\n")
    ran = operator.s3link("links revoke 0123456789AB", answers="y\n")
    told = operator.s3link("links revoke 0123456789ab")
    again = operator.s3link("links revoke 0123456789ab --output json")

    title = '0123456789ab ("report.pdf" for bob@example.com)'
    assert "Revoke 1 link? This cannot be undone. [y/N]" in refused.stderr
    assert refused.error == "Nothing was done; agree to the question, or add --yes."
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.startswith(f"{title} was revoked: Revoked, revoked ")
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout == ran.stdout.replace("was revoked", "was revoked before")
    assert again.exit_code == 0
    [link] = again.document["links"]
    assert (link["problem"], link["unchanged"]) == (None, True)


def test_a_link_is_extended(operator: Operator, account: LinksAccount) -> None:
    """What it is now stands in the same line; beyond its file nothing can be done."""
    ran = operator.s3link("links extend 012345 --by 1d --downloads 1")
    nothing = operator.s3link("links extend 012345 --by 1d")

    end = f"{NOW + 2 * DAY:%Y-%m-%d %H:%M} UTC"
    title = '0123456789ab ("report.pdf" for bob@example.com)'
    assert ran.stdout == f"{title} was extended: Usable, until {end}, 0 downloads.\n"
    assert (nothing.exit_code, nothing.stdout) == (1, "")
    assert nothing.stderr == (
        "Error: Nothing was extended, because 1 link cannot work for longer than until its file is "
        "removed; let files be prolonged with `s3link deploy`, which updates LinkGenerator, or "
        "send the file again.\n"
    )


def test_links_are_extended_up_to_the_end_of_their_files(
    operator: Operator, account: LinksAccount
) -> None:
    """Each gets what there is; that it is less than was asked for is said once."""
    account.add("b.pdf")
    account.add("c.pdf", file_ends=30 * DAY)
    account.add("d.pdf", expires=2 * DAY)

    ran = operator.s3link("links extend --recipient bob@example.com --by 5d --yes")

    end = f"{NOW + 2 * DAY:%Y-%m-%d %H:%M} UTC"
    assert ran.exit_code == 0
    assert sorted(line.partition("(")[2] for line in ran.stdout.splitlines()) == [
        f'"b.pdf" for bob@example.com) was extended: Usable, until {end}, 0 downloads.',
        f'"c.pdf" for bob@example.com) was extended: Usable, until '
        f"{NOW + 6 * DAY:%Y-%m-%d %H:%M} UTC, 0 downloads.",
        f'"report.pdf" for bob@example.com) was extended: Usable, until {end}, 0 downloads.',
    ]
    assert ran.stderr.endswith(
        "Warning: 3 links cannot work for longer than until their files are removed; let files be "
        "prolonged with `s3link deploy`, which updates LinkGenerator, or send the file again.\n"
    )


def test_links_of_a_recipient_are_revoked_after_a_question(
    operator: Operator, account: LinksAccount
) -> None:
    """It says how many; a no changes nothing, and what is revoked already is not counted."""
    account.add("b.pdf")
    account.store.revoke(account.add("c.pdf"), NOW)

    refused = operator.s3link("links revoke --recipient Bob@example.com", answers="n\n")
    before = operator.s3link("links list --state Usable --output json").document["links"]
    ran = operator.s3link("links revoke --recipient bob@example.com", answers="y\n")
    nothing = operator.s3link("links revoke --recipient bob@example.com")

    assert "Revoke 2 links? This cannot be undone. [y/N]" in refused.stderr
    assert refused.error == "Nothing was done; agree to the question, or add --yes."
    assert len(before) == 2
    assert ran.exit_code == 0, ran.stderr
    assert len(ran.stdout.splitlines()) == 2
    assert nothing.exit_code == 0
    assert nothing.stdout.count(" was revoked before: Revoked, revoked ") == 3


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "revoke",
            "Say which links to revoke: some ids from `s3link links list`, or --file or "
            "--recipient, not both.",
        ),
        (
            "resend 0123456789ab --file report.pdf",
            "Say which links to resend: some ids from `s3link links list`, or --file or "
            "--recipient, not both.",
        ),
        ("extend 0123456789ab", "Say how far: --by, --until or --downloads."),
        (
            "extend 0123456789ab --by 1d --until 2999-01-01",
            "Say either --by or --until, not both.",
        ),
        (
            "extend 0123456789ab --until yesterday",
            "Invalid value for '--until': \"yesterday\" is neither a date such as",
        ),
        (
            "extend 0123456789ab --until 2020-02-02",
            "Invalid value for '--until': \"2020-02-02\" is over; name a moment that is still to "
            "come.",
        ),
        (
            "revoke 0123",
            "Invalid value for '[ID]...': \"0123\" is not the id of a link; type at least 6 of the "
            "digits that `s3link links list` shows.",
        ),
        (
            "list --state open",
            "Invalid value for '--state': \"open\" is not the state of a link; use one of Usable, "
            "Retryable, UsedUp, Expired, Revoked, Locked.",
        ),
    ],
)
def test_a_mistake_is_one_sentence(operator: Operator, line: str, sentence: str) -> None:
    """Nothing is asked of AWS before the line makes sense."""
    ran = operator.s3link(f"links {line}")

    assert ran.exit_code == 2
    assert ran.error.startswith(sentence)


def test_a_day_is_meant_to_its_end(operator: Operator, account: LinksAccount) -> None:
    """Whoever writes a time means that, by their own clock or in the zone that they name."""
    account.add(link_id="ab" * 16, file_ends=30 * DAY)
    days = [f"{NOW + number * DAY:%Y-%m-%d}" for number in range(6)]

    with zone(ISTANBUL):
        whole = operator.s3link(f"links extend abababab --until {days[3]}")
        time = operator.s3link(f"links extend abababab --until {days[4]}T12:30")
        elsewhere = operator.s3link(f"links extend abababab --until {days[5]}T12:30Z")
        found = operator.s3link("links list --output json").document["links"]

    assert f"until {days[3]} 23:59 +03:00," in whole.stdout
    assert f"until {days[4]} 12:30 +03:00," in time.stdout
    assert f"until {days[5]} 15:30 +03:00," in elsewhere.stdout
    assert f"{days[5]}T12:30:00.000Z" in [link["expires_at"] for link in found]
