"""Sends files all the way on the embedded AWS: deploy, upload, mail, click, compare the bytes.

Everything is done as a person would: the upload goes through S3, the mail is read from the
inbox, the link is opened over HTTP without any credentials; the portal's button is pressed. Several
files come in one mail, and each of their links or buttons is tried. With the API for programs, a
program sends the first file once more; with the members area, a member signs in and downloads it,
too.
"""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.aws.clients import Clients
from deploy.aws.machine.named import Named
from deploy.brand.brand import NO_BRAND, Brand
from deploy.console import Console
from deploy.deployment import PROGRAMS, Deployment
from deploy.errors import LocalError
from deploy.lambda_packages import parse_address, quoted
from deploy.local import as_program
from deploy.local.as_member import Member, temporary_password
from deploy.local.clicking import Downloaded, download, download_all
from deploy.local.regions import usable_region
from deploy.local.run import (
    MEMBER,
    LocalDeployment,
    deploy_locally,
    operator_clients,
    with_examples,
)
from deploy.local.server import EmbeddedAws
from deploy.members.area import find_area
from deploy.members.publishing import publish
from deploy.sending.prepare import SendOptions
from deploy.sending.send import send_files
from deploy.stacks.templates import load_template
from deploy.uploading.files import local_file
from deploy.wording import counted

# A failing demo should say so while the person is still looking.
_RETRY_DELAYS = (1.0, 2.0)
_MAIL_TIMEOUT = 120.0  # seconds, retries included
_POLL_INTERVAL = 0.1  # seconds
_UNAUTHORIZED, _FORBIDDEN = 401, 403
_VERSION = "1.0.0"
# Of the sender and the generator stack, and so many optional ones.
_ALL = ("Both", "All three", "All four", "All five")
_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class SameFile:
    """A file that came back as it was sent, with the name to save it as; `size` in bytes."""

    file: Path
    downloaded_name: str
    size: int


@dataclass(frozen=True)
class Demonstration:
    """What came out: the mail as the recipient reads it, and the files that its links gave."""

    files: tuple[SameFile, ...]
    recipient: str
    subject: str
    text: str


class Stopwatch:
    """Prints each step with the seconds since the start."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._start = time.monotonic()

    def step(self, sentence: str) -> None:
        harmless = quoted(sentence)[1:-1]  # whatever the file is called
        self._console.progress(f"{time.monotonic() - self._start:6.2f} s  {harmless}")


def demonstrate(
    files: Sequence[Path],
    name: str,
    region: Named | None,
    parameters: Mapping[str, str],
    console: Console,
    optional_kinds: frozenset[str] = frozenset(),
    brand: Brand = NO_BRAND,
) -> Demonstration:
    """Send files all the way and compare. Raises LocalError unless the same bytes come back, and
    UploadError for a file that cannot be read."""
    for file in files:
        local_file(file, file.name)
    sent = [file.read_bytes() for file in files]
    first = files[0]
    watch = Stopwatch(console)
    with EmbeddedAws(region=usable_region(region), retry_delays=_RETRY_DELAYS) as aws:
        watch.step(f"An embedded AWS listens at {aws.endpoint}.")
        local = deploy_locally(aws, name, parameters, console, optional_kinds, brand)
        watch.step(
            f"{_ALL[len(optional_kinds)]} stacks are deployed; the bucket is {local.bucket}."
        )
        _upload(aws, local, files, console)
        watch.step(f"Uploaded {_what(files)} ({counted(_size(sent), 'byte')}).")
        sender = str(parse_address(with_examples(parameters)["EmailSender"]))
        mail = _wait_for_mail(
            local, f"of {sender}", lambda one: one["from"] == sender and one["to"] != [MEMBER]
        )
        watch.step(f'{mail["to"][0]} got a mail: "{mail["subject"]}".')
        given = _given(mail, local)
        watch.step(_tell_given(given, local))
        if local.programs:
            _as_a_program(local, first, parameters, watch)
        if local.members:
            _as_a_member(aws, local, first, watch, console)
    same = tuple(_same(files, sent, given))
    return Demonstration(same, mail["to"][0], mail["subject"], mail["text"])


def _what(files: Sequence[Path]) -> str:
    return files[0].name if len(files) == 1 else counted(len(files), "file")


def _size(contents: Iterable[bytes]) -> int:
    return sum(map(len, contents))


def _given(mail: Mapping[str, Any], local: LocalDeployment) -> list[Downloaded]:
    """What the mail's link gives by each button of its page; or what each of its links gives."""
    links = _LINK.findall(mail["text"])
    if not links:
        raise LocalError("The mail has no link.")
    recipient = mail["to"][0]
    if local.portal:
        return download_all(links[0], recipient)
    return [download(link, recipient) for link in links]


def _tell_given(given: Sequence[Downloaded], local: LocalDeployment) -> str:
    size = counted(_size(one.content for one in given), "byte")
    if len(given) == 1:
        by_way_of = ", by the button of its page," if local.portal else ""
        return f"Its link gave{by_way_of} {size}, to be saved as {given[0].name}."
    what = "The buttons of its page" if local.portal else "Its links"
    return f"{what} gave {counted(len(given), 'file')} ({size})."


def _same(
    files: Sequence[Path], sent: Sequence[bytes], given: Sequence[Downloaded]
) -> Iterator[SameFile]:
    """The files in their order, which is also that of what the mail gave. Raises LocalError unless
    these are the same."""
    if len(given) != len(files):
        raise LocalError(f"The mail gave {counted(len(given), 'file')} of {len(files)}.")
    for file, content, one in zip(files, sent, given, strict=True):
        if one.content != content:
            raise LocalError(
                f"The link gave other bytes than {file} has; run `s3link local`, upload the file "
                "and look into the inbox."
            )
        yield SameFile(file, one.name, len(content))


def _as_a_program(
    local: LocalDeployment, file: Path, parameters: Mapping[str, str], watch: Stopwatch
) -> None:
    """Raises LocalError unless an upload comes back through a link that works exactly once."""
    folder = parameters.get("ProgramsKeys", _usual_keys()).removesuffix("*")
    key, sent = f"{folder}{file.name}", file.read_bytes()
    as_program.upload(local, key, sent)
    watch.step(f"A program got a URL and uploaded {key} with it.")
    fetched = as_program.fetch_once(local, key)
    if fetched.content != sent:
        raise LocalError(f"The one-time link to {key} gave other bytes than {file} has.")
    if fetched.second_status != _FORBIDDEN:
        raise LocalError(f"The one-time link to {key} was answered a second time.")
    watch.step(
        f"A one-time link gave {counted(len(sent), 'byte')}, and was refused the second time."
    )


def _as_a_member(
    aws: EmbeddedAws, local: LocalDeployment, file: Path, watch: Stopwatch, console: Console
) -> None:
    """Raises LocalError unless a member gets the file, and nothing any more after signing out."""
    sent = file.read_bytes()
    publish(find_area(*_operated(aws, local)), _VERSION, [file], None, False, console)
    watch.step(f"Published {file.name} as version {_VERSION}.")
    invitation = _wait_for_mail(local, f"to {MEMBER}", lambda one: one["to"] == [MEMBER])
    member = Member(str(local.members))
    member.sign_in(MEMBER, temporary_password(invitation["html"]))
    watch.step(f"{MEMBER} signed in with the mailed password, and chose another one.")
    given = member.download(_VERSION)
    if given.content != sent:
        raise LocalError(f"Version {_VERSION} gave other bytes than {file} has.")
    watch.step(f"The members area gave {counted(len(sent), 'byte')}, to be saved as {given.name}.")
    answers = member.answer_survey(_VERSION)
    watch.step(f"The survey has answers to all of its {counted(answers, 'question')}.")
    member.sign_out()
    status = member.status()
    if status != _UNAUTHORIZED:
        raise LocalError(f"After signing out, the old session's token was answered {status}.")
    watch.step(f"{MEMBER} signed out, and the old session's token was refused ({status}).")


def _usual_keys() -> str:
    return load_template(PROGRAMS.template).parameters["ProgramsKeys"].default or ""


def _upload(
    aws: EmbeddedAws, local: LocalDeployment, files: Sequence[Path], console: Console
) -> None:
    clients, deployment = _operated(aws, local)
    send_files(clients, deployment, files, SendOptions(), console)


def _operated(aws: EmbeddedAws, local: LocalDeployment) -> tuple[Clients, Deployment]:
    clients = operator_clients(aws)
    return clients, Deployment(local.deployment, clients.account, local.region, parameters={})


def _wait_for_mail(
    local: LocalDeployment, which: str, is_it: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """The first such mail."""
    deadline = time.monotonic() + _MAIL_TIMEOUT
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{local.endpoint}/_s3link/mails") as answer:  # noqa: S310
            mails: list[dict[str, Any]] = json.load(answer)
        for mail in mails:
            if is_it(mail):
                return mail
        time.sleep(_POLL_INTERVAL)
    raise LocalError(
        f"No mail {which} arrived within {_MAIL_TIMEOUT:.0f} seconds; "
        "run `s3link local`, upload the file and read `s3link logs`."
    )
