"""`s3link doctor`: check everything that a deployment needs, before deploying."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from deploy.cli.options import Invocation, common_options
from deploy.cli.organisations import for_organisations
from deploy.cli.stack_options import WITH
from deploy.cli.types import ADDRESSES, all_addresses
from deploy.table import Row, Table, columns

if TYPE_CHECKING:
    from deploy.doctor.findings import Finding

_MARKS = {"ok": ("ok", None), "warning": ("note", "yellow"), "error": ("FIX", "red")}
_COLUMNS = columns("RESULT", "CHECK", "FINDING")


@click.command()
@click.option(
    "--verify",
    type=ADDRESSES,
    multiple=True,
    callback=all_addresses,
    metavar="ADDRESS",
    help="First have SES mail a verification link to this address; may be repeated.",
)
@WITH
@for_organisations
@common_options
def command(invocation: Invocation, verify: tuple[str, ...]) -> None:
    """Check credentials, SES, names and limits; each finding comes with its fix.

    \b
    s3link doctor
    s3link doctor --with portal
    s3link doctor --verify links@example.com
    """
    from deploy.doctor.checks import examine
    from deploy.errors import CheckError

    for address in verify:
        _verify(invocation, address)
    findings = examine(invocation.clients, invocation.deployment)
    invocation.console.result(
        {"findings": [asdict(finding) for finding in findings]},
        Table(_COLUMNS, [_row(finding) for finding in findings]),
    )
    if any(finding.check == "sender" and finding.level == "error" for finding in findings):
        _offer_verification(invocation)
    errors = sum(finding.level == "error" for finding in findings)
    if errors:
        raise CheckError(
            f"Doctor found what stands in the way of a deployment ({errors}); put right what is "
            "marked FIX and run it again."
        )


def _offer_verification(invocation: Invocation) -> None:
    address = invocation.deployment.parameters.get("EmailSender")
    may_ask = invocation.yes or invocation.console.is_terminal
    if address and may_ask and invocation.consent(f"Have SES mail a link to {address} now?"):
        _verify(invocation, address)


def _verify(invocation: Invocation, address: str) -> None:
    from deploy.aws.ses import start_verification

    start_verification(invocation.clients, address)
    invocation.console.progress(f"SES sends a mail to {address}: click its link.")


def _row(finding: Finding) -> Row:
    mark, colour = _MARKS[finding.level]
    fix = (f"→ {finding.fix}",) if finding.fix else ()
    return Row((mark, finding.check, (finding.sentence, *fix)), colour)
