"""`s3link doctor`: check everything that a deployment needs, before deploying."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from deploy.cli.options import Invocation, common_options
from deploy.cli.organisations import for_organisations
from deploy.cli.stack_options import WITH
from deploy.cli.types import ADDRESSES, all_addresses

if TYPE_CHECKING:
    from deploy.doctor.findings import Finding

_MARKS = {"ok": ("ok", "green"), "warning": ("note", "yellow"), "error": ("FIX", "red")}


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
        {"findings": [asdict(finding) for finding in findings]}, "\n".join(_lines(findings))
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


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        mark, colour = _MARKS[finding.level]
        yield f"{click.style(f'{mark:<5}', fg=colour)} {finding.check:<12} {finding.sentence}"
        if finding.fix:
            yield f"{'':<18} → {finding.fix}"
