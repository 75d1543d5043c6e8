"""`s3link members versions` and `withdraw`: what members see, and what they see no more."""

from __future__ import annotations

import time
from typing import Any

import pytest

from deploy.errors import MembersError
from deploy.members.versions import problem_of_name, read_versions, withdraw
from tests.deploy.members.account import BUCKET, MembersAccount
from tests.deploy.operator import Operator

pytestmark = pytest.mark.slow

HOSTILE = ["<script>alert(1)</script>", "=cmd()", "a\u202efdp", "a\nb", "..", "\x1b[31m", "x" * 300]


def test_versions_are_listed_newest_first(operator: Operator, account: MembersAccount) -> None:
    """By when the newest of their objects arrived, whatever their names are."""
    account.put("1.10.0/game.zip", b"12345")
    account.put("1.10.0/NOTES.md")
    time.sleep(1.1)  # S3 gives times in whole seconds
    account.put("1.9.0/mac.zip", b"123")
    account.put("1.9.0/win/game.zip", b"123")

    text = operator.s3link("members versions")
    documents = operator.s3link("members versions --output json").document["versions"]

    day = documents[0]["published_at"][:10]
    titles, *rows = [line.split("\t") for line in text.stdout.splitlines()]
    assert titles == ["VERSION", "PUBLISHED", "FILES", "SIZE", "NOTES", "REMARK"]
    assert [(name, *rest) for name, _, *rest in rows] == [
        ("1.9.0", "2", "6 bytes", "no", ""),
        ("1.10.0", "1", "5 bytes", "yes", ""),
    ]
    assert rows[0][1].startswith(f"{day} ")
    assert [(one["version"], one["notes"]) for one in documents] == [
        ("1.9.0", False),
        ("1.10.0", True),
    ]
    assert documents[0]["files"] == [
        {"name": "mac.zip", "size": 3},
        {"name": "win/game.zip", "size": 3},
    ]


def test_what_is_no_version_is_not_listed(operator: Operator, account: MembersAccount) -> None:
    """Loose files, the survey, and folders that hold nothing."""
    for key in ("survey.json", "loose.zip", "empty/", "/nameless.zip"):
        account.put(key)

    ran = operator.s3link("members versions")

    assert ran.stdout == "There are no versions.\n"


def test_what_members_cannot_see_is_said(operator: Operator, account: MembersAccount) -> None:
    """No URL can name such a folder; who put it there hears so, and how to take it away."""
    account.put("../game.zip")

    ran = operator.s3link("members versions")
    document = operator.s3link("members versions --output json").document
    withdrawn = operator.s3link("members withdraw .. --yes")

    assert "\n..\t" in ran.stdout
    assert ran.stdout.endswith("\tmembers do not see it, for no URL can name it\n")
    assert ran.stderr == (
        'Warning: Members do not see "..": browsers take that for another folder. Publish its '
        "files under another version, then `s3link members withdraw ..`.\n"
    )
    assert [one["shown"] for one in document["versions"]] == [False]
    assert withdrawn.exit_code == 0, withdrawn.stderr
    assert account.contents() == {}


@pytest.mark.parametrize("name", HOSTILE)
def test_names_from_elsewhere_are_harmless(
    operator: Operator, account: MembersAccount, name: str
) -> None:
    """Whoever may write to the bucket can call a version anything: it is one row here."""
    account.put(f"{name}/game.zip")

    ran = operator.s3link("members versions")

    assert ran.exit_code == 0, ran.stderr
    _, row = ran.stdout.splitlines()
    assert row.count("\t") == 5
    assert row.replace("\t", "").isprintable()


def test_two_hundred_versions_are_listed(account: MembersAccount) -> None:
    """In as many calls as their objects need, a thousand each."""
    for number in range(200):
        for name in ("win.zip", "mac.zip", "linux.zip", "bsd.zip", "src.zip", "NOTES.md"):
            account.put(f"1.{number}/{name}", b"")
    calls: list[str] = []
    account.clients.s3.meta.events.register(
        "before-call.s3", lambda model, **_: calls.append(model.name)
    )

    found = read_versions(account.area)

    assert len(found) == 200
    assert calls.count("ListObjectsV2") == 2


def test_a_version_is_withdrawn(operator: Operator, account: MembersAccount) -> None:
    """All of it and nothing else; the bucket keeps it below delete markers for a while."""
    for key in ("1.4.0/game.zip", "1.4.0/NOTES.md", "1.4.0/docs/", "1.4.0.1/game.zip"):
        account.put(key)

    ran = operator.s3link("members withdraw 1.4.0", answers="y\n")
    again = operator.s3link("members withdraw 1.4.0 --yes")

    assert ran.exit_code == 0, ran.stderr
    assert 'Withdraw version "1.4.0", with 3 objects? [y/N]' in ran.stderr
    assert ran.stdout == 'Withdrew version "1.4.0", with 3 objects.\n'
    assert list(account.contents()) == ["1.4.0.1/game.zip"]
    versions = account.clients.s3.list_object_versions(Bucket=BUCKET)
    assert len(versions["Versions"]) == 4
    assert len(versions["DeleteMarkers"]) == 3
    assert (again.exit_code, again.error) == (
        1,
        'There is no version "1.4.0"; see `s3link members versions`. Did you mean 1.4.0.1?',
    )


def test_a_version_is_withdrawn_in_either_spelling(
    operator: Operator, account: MembersAccount
) -> None:
    """Somebody's macOS has made the folder, and everybody types composed characters."""
    account.put("fru\u0308hling/game.zip")

    ran = operator.s3link("members withdraw fr\u00fchling --yes")

    assert ran.exit_code == 0, ran.stderr
    assert account.contents() == {}


def test_nothing_is_withdrawn_without_consent(operator: Operator, account: MembersAccount) -> None:
    account.put("1.4.0/game.zip")

    ran = operator.s3link("members withdraw 1.4.0", answers="\n")

    assert (ran.exit_code, ran.error) == (
        1,
        "Nothing was done; agree to the question, or add --yes.",
    )
    assert list(account.contents()) == ["1.4.0/game.zip"]


@pytest.mark.parametrize("name", [*HOSTILE, "a\x01b", "b c"])
def test_whatever_is_there_can_be_withdrawn(
    operator: Operator, account: MembersAccount, name: str
) -> None:
    """Even what the tool would not have published; XML cannot name all of it."""
    account.put(f"{name}/game.zip")
    area = account.area

    withdraw(area, name, [f"{name}/game.zip"])

    assert account.contents() == {}


def test_what_cannot_be_withdrawn_is_named(account: MembersAccount) -> None:
    account.put("1.4.0/game.zip")

    def refuse(**_: Any) -> Any:
        http = type("Answer", (), {"status_code": 200})()
        return http, {
            "Errors": [
                {"Key": "1.4.0/game.zip", "Code": "AccessDenied", "Message": "Access Denied"}
            ]
        }

    account.clients.s3.meta.events.register("before-call.s3.DeleteObjects", refuse)
    with pytest.raises(MembersError) as failed:
        withdraw(account.area, "1.4.0", ["1.4.0/game.zip"])

    assert str(failed.value) == (
        'Version "1.4.0" was not withdrawn: "1.4.0/game.zip" stays (AccessDenied: Access Denied); '
        "run `s3link members withdraw 1.4.0` again."
    )


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("1.4.0", None),
        ("Beta 2 (final) + ü", None),
        ("<b>", None),
        ("x" * 64, None),
        ("", "it is empty, or begins or ends with a space"),
        (" 1.4", "it is empty, or begins or ends with a space"),
        (".", "it would be another folder"),
        ("..", "it would be another folder"),
        ("1/4", "it would be another folder"),
        ("1\n4", "it has characters that nobody can see"),
        ("1\x7f4", "it has characters that nobody can see"),
        ("a\u202efdp", "it has characters that nobody can see"),
        ("a\u200bb", "it has characters that nobody can see"),
        ("\udc80", "it has characters that nobody can see"),
        ("survey.json", "that is where the survey's questions are"),
        ("x" * 65, "it is longer than 64 characters"),
    ],
)
def test_what_a_version_can_be_called(name: str, problem: str | None) -> None:
    """One folder, whose name reads the same everywhere."""
    assert problem_of_name(name) == problem
