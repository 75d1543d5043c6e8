"""Keeps a local deployment running until Ctrl-C, and says how to use it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from deploy.aws.machine.named import Named
from deploy.brand.brand import NO_BRAND, Brand
from deploy.console import Console
from deploy.local import LOCAL_ACCESS_KEY, LOCAL_SECRET_KEY
from deploy.local.regions import usable_region
from deploy.local.run import MEMBER, LocalDeployment, deploy_locally
from deploy.local.server import AWS_RETRY_DELAYS, EmbeddedAws

_LOOK_EVERY = 1.0  # seconds


def serve(
    name: str,
    region: Named | None,
    parameters: Mapping[str, str],
    port: int,
    retry_delays: Sequence[float],
    console: Console,
    optional_kinds: frozenset[str] = frozenset(),
    brand: Brand = NO_BRAND,
) -> None:
    """Start the embedded AWS, deploy to it, print where things are, and wait to be stopped.

    `retry_delays` are seconds before each retry of a failed function; empty means as on AWS.
    """
    with (
        until_stopped() as stopped,
        EmbeddedAws(
            port=port,
            region=usable_region(region),
            retry_delays=tuple(retry_delays) or AWS_RETRY_DELAYS,
        ) as aws,
    ):
        local = deploy_locally(aws, name, parameters, console, optional_kinds, brand)
        if stopped.is_set():
            raise KeyboardInterrupt  # before anybody could use it, which is not a success
        console.result_line(local.as_dict(), instructions(local))
        wait_until(stopped)
    console.progress("Stopped; everything in the embedded AWS is gone.")


def wait_until(stopped: threading.Event) -> None:
    """Wait for an event that a signal sets.

    The system may hand a signal to any thread, and Python runs its handler once the main one goes
    on: a wait without an end would never hear of it.
    """
    while not stopped.wait(_LOOK_EVERY):
        pass


@contextmanager
def until_stopped() -> Iterator[threading.Event]:
    """An event that Ctrl-C (SIGINT) and `kill` (SIGTERM) set, so that either stops cleanly.

    Also where they were ignored on entry, as SIGINT is in the background and in some CI: this
    command ends by a signal or never.
    """
    stopped = threading.Event()

    def stop(_signal: int, _frame: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def instructions(local: LocalDeployment) -> str:
    """What to type next, in another terminal."""
    portal = f"\n  Portal    {local.portal}/" if local.portal else ""
    programs = f"\n  Programs  {local.programs}" if local.programs else ""
    members = f"\n  Members   {local.members}/" if local.members else ""
    return f"""
s3link runs on this machine, until Ctrl-C.

  Inbox     {local.inbox}
  Endpoint  {local.endpoint}
  Bucket    {local.bucket}{portal}{programs}{members}
{_how_to_sign_in(local)}
In another terminal:

  export AWS_ACCESS_KEY_ID={LOCAL_ACCESS_KEY} AWS_SECRET_ACCESS_KEY={LOCAL_SECRET_KEY}
  export AWS_DEFAULT_REGION={local.region} AWS_ENDPOINT_URL={local.endpoint}
  aws s3 cp report.pdf s3://{local.bucket}/
  s3link status --name {local.deployment}

What happens when SES is down:

  curl -X POST {local.endpoint}/_s3link/services/ses/stop
"""


def _how_to_sign_in(local: LocalDeployment) -> str:
    if not local.members:
        return ""
    return f"""
{MEMBER} is invited to the members area: open its address, and sign in with the temporary
password, which is in the inbox. For something to download, in another terminal (see below):

  s3link members publish report.pdf --version 1.0.0 --name {local.deployment}
"""
