"""Which files one mail announces, and what LinkGenerator would refuse of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from files.manifest import MOST_DIRECT_FILES, MOST_FILES, Manifest, manifest_of

from deploy.deployment import Deployment
from deploy.errors import UploadError
from deploy.sending.prepare import SendOptions
from deploy.sending.shares import KNOWN_FORM, Prepared, prepare
from deploy.stacks.lookup import StackState
from deploy.uploading.files import LocalFile
from tests.deploy.sending.test_prepare import generator

DEPLOYMENT = Deployment("s3link", "123456789012", "eu-west-1", {})
CARLS = "carl@example.com/c"
ANY = "@example.com,bob@example.com"


def stack(known_form: str = "1", **parameters: str) -> StackState:
    found = generator(**{"AuthorizedRecipients": ANY, **parameters})
    outputs = {**found.outputs, **({KNOWN_FORM: known_form} if known_form else {})}
    return StackState(
        found.name, "id", found.status, "", found.parameters, outputs, {}, is_protected=False
    )


DIRECT = stack()
PORTAL = stack(PortalStackName="s3link-portal")


def prepared(
    keys: Sequence[str], options: SendOptions | None = None, generator: StackState = PORTAL
) -> Prepared:
    files = [LocalFile(Path(key), key, size=10) for key in keys]
    return prepare(files, options or SendOptions(), DEPLOYMENT, generator)


def refusal(
    keys: Sequence[str], options: SendOptions | None = None, generator: StackState = PORTAL
) -> str:
    with pytest.raises(UploadError) as refused:
        prepared(keys, options, generator)
    return str(refused.value)


@pytest.mark.parametrize(
    ("keys", "to", "alone", "shares"),
    [
        # Whoever gets several files gets one mail.
        (["a", "b/c"], (), [], {"bob@example.com": ["a", "b/c"]}),
        (["a", "b/c"], ("eve@example.com",), [], {"eve@example.com": ["a", "b/c"]}),
        # A folder named for an address says who gets its files.
        (
            ["a", "b", "carl@example.com/c", "carl@example.com/d"],
            (),
            [],
            {
                "bob@example.com": ["a", "b"],
                "carl@example.com": ["carl@example.com/c", "carl@example.com/d"],
            },
        ),
        # One file for somebody is an upload as ever.
        (["a", "b", CARLS], (), [CARLS], {"bob@example.com": ["a", "b"]}),
        (["a", CARLS], (), ["a", CARLS], {}),
        # It is people who count, not how they were named.
        (["a", "Bob@Example.com/c"], (), [], {"bob@example.com": ["a", "Bob@Example.com/c"]}),
        (["a", CARLS], ("eve@example.com",), [], {"eve@example.com": ["a", CARLS]}),
    ],
)  # fmt: skip
def test_files_for_the_same_people_are_a_share(
    keys: list[str], to: tuple[str, ...], alone: list[str], shares: dict[str, list[str]]
) -> None:
    """In the order in which they were named."""
    ready = prepared(keys, SendOptions(to=to))

    assert [one.file.key for one in ready.alone] == alone
    assert {
        ",".join(one.recipients): [file.key for file in one.files] for one in ready.shares
    } == shares


def test_one_file_beside_a_share_says_all_itself() -> None:
    """Its recipients, note and expiry are in its metadata."""
    keys = ["a", "b", "carl@example.com/c"]

    [alone] = prepared(keys, SendOptions(note="As discussed", expires=3600)).alone

    assert alone.metadata == {"note": "As discussed", "expires": "3600"}


def test_the_manifest_says_what_was_asked_for() -> None:
    """As text: it is no header. LinkGenerator reads it with its own rules."""
    to = ("eve@example.com", "Dora@example.com")
    options = SendOptions(to, " Grüße\nan alle ", 3600, 2, "Ann Ä <ann@example.com>")
    senders = stack(PortalStackName="s3link-portal", AuthorizedSenders="@example.com")

    [share] = prepared(["b/ü.txt", "a"], options, senders).shares

    read = manifest_of(share.manifest(["v1", "v2"]).text)
    assert (read.recipients, read.sender, read.note) == (to, options.sender, "Grüße\nan alle")
    assert (read.expires, read.max_downloads) == (3600, 2)
    assert [(one.key, one.version, one.size) for one in read.files] == [
        ("b/ü.txt", "v1", 10),
        ("a", "v2", 10),
    ]
    assert share.is_told_by(read)
    assert not share.is_told_by(Manifest(read.files[:1]))


@pytest.mark.parametrize(
    ("keys", "recipients"),
    [(["a", "b"], ()), (["eve@example.com/a", "eve@example.com/b"], ("eve@example.com",))],
)
def test_who_is_meant_without_being_named(keys: list[str], recipients: tuple[str, ...]) -> None:
    """A folder that names somebody is said, since the manifest lies in none; EmailRecipient is
    left to LinkGenerator."""
    [share] = prepared(keys).shares

    assert share.terms.recipients == recipients


@pytest.mark.parametrize("known", ["", "0", "one"])
def test_an_older_link_generator_is_sent_no_share(known: str) -> None:
    """It would mail each file, and the manifest, to EmailRecipient."""
    older = stack(known, PortalStackName="s3link-portal")

    assert refusal(["a", "b"], generator=older) == (
        "Nothing was sent: stack s3link-generator was deployed by an older s3link, which cannot "
        "announce several files by one mail; run `s3link deploy` first, or add --separately for a "
        "mail for each file."
    )
    assert len(prepared(["a", "carl@example.com/b"], generator=older).alone) == 2


@pytest.mark.parametrize(
    ("keys", "options", "generator", "sentence"),
    [
        (
            [str(n) for n in range(MOST_DIRECT_FILES + 1)],
            SendOptions(),
            DIRECT,
            "Nothing was sent: without the portal one mail announces at most 20 files, each with a "
            "link of its own, and 21 are for bob@example.com; run `s3link deploy --with portal` "
            "first, or add --zip for a folder as one file, or --separately for a mail for each "
            "file.",
        ),
        (
            [str(n) for n in range(MOST_FILES + 1)],
            SendOptions(),
            PORTAL,
            "Nothing was sent: one mail announces at most 1,000 files, and 1,001 are for "
            "bob@example.com; send fewer at a time, or add --zip for a folder as one file, or "
            "--separately for a mail for each file.",
        ),
        (
            ["a", "b"],
            SendOptions(note="x" * 2_001),
            PORTAL,
            "Nothing was sent, since one mail cannot announce these files: note is not a text of "
            "at most 2,000 characters; change that, or send fewer at a time.",
        ),
        (
            ["a", ".s3link/shares/12345678.json"],
            SendOptions(),
            PORTAL,
            'Nothing was sent: ".s3link/shares/12345678.json" is where a manifest lies, which says '
            "what is sent together; give the file another name.",
        ),
        (
            ["a", "../b"],
            SendOptions(),
            PORTAL,
            'Nothing was sent: browsers cannot open a link to "../b", with a folder or file named '
            '"." or ".."; give it another name.',
        ),
        (
            ["a", "b"],
            SendOptions(to=("eve@example.org",)),
            PORTAL,
            "Nothing was sent, because eve@example.org may not get links from s3link-generator; "
            "send to others, or add the address to AuthorizedRecipients and run `s3link deploy`.",
        ),
        (
            ["a", "b"],
            SendOptions(max_downloads=1),
            DIRECT,
            "--max-downloads needs the portal, which this deployment lacks: nobody counts the "
            "downloads of a direct link. Leave it out, or run `s3link deploy --with portal` first.",
        ),
    ],
)
def test_what_would_be_refused_is_not_sent(
    keys: list[str], options: SendOptions, generator: StackState, sentence: str
) -> None:
    """With the ways out."""
    assert refusal(keys, options, generator) == sentence


def test_as_many_as_can_be_are_sent() -> None:
    """20 with direct links, 1,000 with the portal, of the longest keys; a note of 2,000 characters,
    and far more recipients than a file's metadata could name."""
    keys = [f"{n:04}{chr(1) * 1020}" for n in range(MOST_FILES)]
    many = tuple(f"a-rather-long-name-{n}@example.com" for n in range(1_000))

    assert (
        len(prepared(keys[:MOST_DIRECT_FILES], generator=DIRECT).shares[0].files)
        == MOST_DIRECT_FILES
    )
    [share] = prepared(keys, SendOptions(to=many, note="ü" * 2_000)).shares

    assert manifest_of(share.manifest(["v" * 32] * MOST_FILES).text).recipients == many
