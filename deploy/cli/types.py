"""The kinds of value that options take. Rules that a template or LinkGenerator has are theirs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from deploy.wording import meant

_DURATION = re.compile(r"(?P<count>[0-9]{1,9})(?P<unit>[smhd]?)")
# Nothing is kept for longer than the longest time that CloudWatch Logs knows, and some days.
_FURTHEST_BACK = timedelta(days=2 * 3_650 + 3_660)
LEAST_OF_AN_ID = 6
# As LinkGenerator and the template's MaxDownloads have it, whom an option's help may not import.
MOST_DOWNLOADS = 1_000_000
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}


def _starting(incomplete: str, words: Iterable[str]) -> list[CompletionItem]:
    return [CompletionItem(word) for word in words if word.startswith(incomplete)]


class DeploymentName(click.ParamType[str]):
    """The name of a deployment; it becomes part of stack and bucket names."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from deploy.settings.configuration import deployment_name

        problem = deployment_name().problem(value)
        if problem:
            self.fail(f'"{value}" cannot name a deployment. {problem}.', param, ctx)
        return value

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from deploy.settings.tables import table_names

        return _starting(incomplete, table_names(ctx.params.get("config")))


class ProfileName(click.ParamType[str]):
    """The name of a profile of AWS's own configuration files; whether it is there, AWS's tools say.

    It is a text in every way but that the shell completes it.
    """

    name = "text"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from deploy.aws.machine.profiles import profile_names

        return _starting(incomplete, profile_names())


class NearChoice(click.Choice[str]):
    """A choice that offers the nearest name for a mistyped one."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        return super().get_invalid_choice_message(value, ctx) + meant(str(value), self.choices)


class Assignment(click.ParamType[tuple[str, str]]):
    """NAME=VALUE, as a pair."""

    name = "NAME=VALUE"

    def convert(
        self, value: str | tuple[str, str], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, equals, rest = value.partition("=")
        fault = self.fault(value, name, rest if equals else None)
        if fault:
            self.fail(fault, param, ctx)
        return name, rest

    def fault(self, typed: str, name: str, value: str | None) -> str:
        """The sentence for what cannot be taken, else nothing; `value` is None without a `=`."""
        if name and value is not None:
            return ""
        return f'"{typed}" is not NAME=VALUE, for example ExchangableObjectsTTL=3.'

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from deploy.settings.configuration import known_parameters

        return _starting(incomplete, [f"{name}=" for name in known_parameters()])


class Duration(click.ParamType[int]):
    """A span of time, as whole seconds."""

    name = "duration"

    def convert(
        self, value: str | int, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        if isinstance(value, int):
            return value
        match = _DURATION.fullmatch(value)
        seconds = int(match["count"]) * _SECONDS[match["unit"]] if match else 0
        if not seconds:
            self.fail(
                f'"{value}" is not a span of time above 0: use seconds, or a number with s, m, h '
                "or d, for example 30m.",
                param,
                ctx,
            )
        return seconds


class Address(click.ParamType[str]):
    """A bare mail address, as LinkGenerator takes it."""

    name = "address"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from deploy.lambda_packages import parse_address

        if "," in value:
            self.fail(f'"{value}" is more than one address; name one.', param, ctx)
        try:
            return str(parse_address(value.strip()))
        except ValueError as exc:
            self.fail(
                f'"{value}" is not an address: {exc}; use a bare one such as bob@example.com.',
                param,
                ctx,
            )


class AddressList(click.ParamType[tuple[str, ...]]):
    """One bare mail address, or several with commas between them, as in EmailRecipient."""

    name = "address"

    def convert(
        self, value: str | tuple[str, ...], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        words = [word for word in value.split(",") if word.strip()] or [value]
        return tuple(ADDRESS.convert(word, param, ctx) for word in words)


class Mailbox(click.ParamType[str]):
    """An address with the name of whom it belongs to, or without, as LinkGenerator takes it."""

    name = "mailbox"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from deploy.lambda_packages import parse_mailbox

        try:
            return str(parse_mailbox(value))
        except ValueError as exc:
            self.fail(
                f'"{value}" is not a name with one address: {exc}; use one such as '
                '"Ann Example <ann@example.com>".',
                param,
                ctx,
            )


def each_once(
    ctx: click.Context, param: click.Parameter, given: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """An option's callback: of NAME=VALUE pairs, no name may be given twice."""
    names = [name for name, _ in given]
    for name in names:
        if names.count(name) > 1:
            raise click.BadParameter(f"{name} is given more than once.", ctx, param)
    return given


def all_addresses(
    ctx: click.Context, param: click.Parameter, given: tuple[tuple[str, ...], ...]
) -> tuple[str, ...]:
    """The addresses of an option or argument that may be repeated, each once."""
    return tuple(dict.fromkeys(address for some in given for address in some))


class MessageId(click.ParamType[str]):
    """The id of a message in a queue, or the beginning of one."""

    name = "id"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if len(value) < LEAST_OF_AN_ID:
            self.fail(
                f'"{value}" is too short for an id; type at least {LEAST_OF_AN_ID} characters of '
                "one that `s3link dlq list` shows.",
                param,
                ctx,
            )
        return value


class Moment(click.ParamType[datetime]):
    """A moment in the past: a span of time before now, or the beginning of a day here."""

    name = "moment"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        now = datetime.now(UTC)
        if _DURATION.fullmatch(value):
            span = timedelta(seconds=DURATION.convert(value, param, ctx))
            return now - min(span, _FURTHEST_BACK)
        try:
            day = datetime.strptime(value, "%Y-%m-%d").astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(
                f'"{value}" is neither a span of time such as 7d nor a date such as '
                f"{now.astimezone():%Y-%m-%d}.",
                param,
                ctx,
            )
        if day > now:
            self.fail(f'"{value}" is still to come; name a day that has begun.', param, ctx)
        return max(day, now - _FURTHEST_BACK)


class FileName(click.Path):
    """A file or folder to send. An empty one, of an unset variable, would be the current folder."""

    def convert(
        self,
        value: str | os.PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:
        if not os.fspath(value):
            self.fail("an empty name is not a file; name a file, or a folder such as . (this one).")
        return super().convert(value, param, ctx)


DEPLOYMENT_NAME = DeploymentName()
ASSIGNMENT = Assignment()
DURATION = Duration()
ADDRESS = Address()
ADDRESSES = AddressList()
MAILBOX = Mailbox()
PROFILE = ProfileName()
MESSAGE_ID = MessageId()
MOMENT = Moment()
FILE_NAME = FileName(path_type=Path)
