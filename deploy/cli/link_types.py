"""The kinds of value that the options of `s3link links` take."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click
from click.shell_completion import CompletionItem

from deploy.cli.types import LEAST_OF_AN_ID
from deploy.wording import meant

_LINK_ID = re.compile(rf"[0-9A-Fa-f]{{{LEAST_OF_AN_ID},32}}")
_LENGTH_OF_A_DATE = len("2026-11-25")


class LinkId(click.ParamType[str]):
    """The id of a portal's link, or the beginning of one."""

    name = "id"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not _LINK_ID.fullmatch(value):
            self.fail(
                f'"{value}" is not the id of a link; type at least {LEAST_OF_AN_ID} of the digits '
                "that `s3link links list` shows.",
                param,
                ctx,
            )
        return value.lower()


class LinkState(click.ParamType[str]):
    """One of the words for the state of a portal's link, in any case."""

    name = "state"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from deploy.lambda_packages import STATES

        known = {state.lower(): state for state in STATES}
        if value.lower() not in known:
            self.fail(
                f'"{value}" is not the state of a link; use one of {", ".join(STATES)}.'
                f"{meant(value, STATES)}",
                param,
                ctx,
            )
        return known[value.lower()]

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from deploy.lambda_packages import STATES

        matching = [one for one in STATES if one.lower().startswith(incomplete.lower())]
        return [CompletionItem(state) for state in matching]


class FutureMoment(click.ParamType[datetime]):
    """A moment to come, by this machine's clock: the end of a day, or a time of it."""

    name = "moment"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        now = datetime.now().astimezone()
        try:
            moment = datetime.fromisoformat(value)
            if len(value) <= _LENGTH_OF_A_DATE:
                moment += timedelta(days=1, seconds=-1)
            moment = moment.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(
                f'"{value}" is neither a date such as {now:%Y-%m-%d} nor a time such as '
                f"{now:%Y-%m-%dT%H:%M}.",
                param,
                ctx,
            )
        if moment <= now:
            self.fail(f'"{value}" is over; name a moment that is still to come.', param, ctx)
        return moment


LINK_ID = LinkId()
LINK_STATE = LinkState()
FUTURE_MOMENT = FutureMoment()
