"""Ctrl-C at the worst moments: nothing is left behind, and what goes on is told."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from threading import Thread

import pytest

from deploy import interruption
from deploy.aws.polling import Poll
from deploy.deployment import SENDER
from deploy.pipeline import plan
from deploy.stacks.apply import apply_stack
from deploy.stacks.lookup import find_stack
from tests.deploy.scripted_account import CODE, CREATED, NAME, Account
from tests.deploy.test_pipeline import DEPLOYMENT

_GOES_ON = (
    "Warning: Stack s3link-sender goes on in AWS without you; `s3link deploy` follows it again."
)


@pytest.fixture
def account() -> Account:
    return Account()


@pytest.fixture
def plain_signals() -> Iterator[None]:
    """The handlers of a program that has just started; pytest's own come back afterwards."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("call", ["create_change_set", "delete_change_set"])
def test_a_plan_stopped_in_the_middle_of_a_call(account: Account, call: str) -> None:
    """AWS does the work of a call whether or not we read its answer."""
    account.aws.is_interrupted_in(call)

    with pytest.raises(KeyboardInterrupt):
        plan(account.clients, DEPLOYMENT, Poll(account.clock.sleep))

    assert account.aws.withdrawn == [NAME]
    assert find_stack(account.clients, NAME) is None


def test_a_deploy_stopped_before_it_begins(account: Account) -> None:
    """What was proposed is taken back, and with it the empty stack."""
    account.aws.fails_with(None, None, KeyboardInterrupt())  # when the events are read

    with pytest.raises(KeyboardInterrupt):
        apply_stack(account.run(), SENDER, CODE)

    assert account.aws.executed == []
    assert account.aws.withdrawn == [NAME]
    assert find_stack(account.clients, NAME) is None


def test_a_deploy_stopped_while_it_begins(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """CloudFormation has the order, so the stack goes on, and the operator is told."""
    account.aws.when_worked_on(NAME, *CREATED)
    account.aws.is_interrupted_in("execute_change_set")

    with pytest.raises(KeyboardInterrupt):
        apply_stack(account.run(), SENDER, CODE)

    assert account.aws.executed == [NAME]
    assert capsys.readouterr().err.splitlines()[-1] == _GOES_ON


def test_whoever_presses_twice_means_now() -> None:
    """A call that hangs must not hold the operator."""
    reached = []

    with pytest.raises(KeyboardInterrupt), interruption.deferring_interrupts():
        signal.raise_signal(signal.SIGINT)
        reached.append("after the first")
        signal.raise_signal(signal.SIGINT)
        reached.append("after the second")

    assert reached == ["after the first"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.usefixtures("plain_signals")
def test_kill_and_a_closed_terminal_stop_as_ctrl_c_does(number: signal.Signals) -> None:
    """So that an upload is taken back then, too; a block in one piece is finished first."""
    interruption.treat_signals_as_ctrl_c()
    finished = []

    with pytest.raises(KeyboardInterrupt), interruption.deferring_interrupts():
        signal.raise_signal(number)
        finished.append(True)

    assert finished == [True]


@pytest.mark.usefixtures("plain_signals")
def test_nohup_is_respected() -> None:
    """Whoever starts a command below nohup wants it to outlive the terminal."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)

    interruption.treat_signals_as_ctrl_c()

    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_other_threads_need_no_protection() -> None:
    """Signals arrive in the main thread only, and nobody else may handle them."""
    finished = []

    def work() -> None:
        with interruption.deferring_interrupts():
            finished.append(True)

    thread = Thread(target=work)
    thread.start()
    thread.join()

    assert finished == [True]
