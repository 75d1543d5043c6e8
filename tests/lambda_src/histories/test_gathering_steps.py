"""Each fault at each call of each run on the way of files that wait for others: as the random
histories beside it, but all of them."""

from __future__ import annotations

import pytest

from tests.lambda_src.histories.faults import FAULTS, Plan
from tests.lambda_src.histories.test_gathering import PEOPLE, Gatherings

# More than any run makes.
_CALLS = range(16)
RUNS = ("arrival", "second arrival", "wake-up", "last")


WAYS = [
    pytest.param(1, True, id="alone"),
    pytest.param(2, True, id="two files"),
    pytest.param(2, False, id="direct links", marks=pytest.mark.slow),
    pytest.param(50, True, id="two transactions", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("count", "has_portal"), WAYS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_each_call(fault: str, count: int, has_portal: bool) -> None:
    """Each file is mailed once to each, whatever fails, dies or runs beside it, and where."""
    for call in _CALLS:
        for run in RUNS[2:] if count > 2 else RUNS:
            _happens(run, {call: fault}, has_portal, count)


def _happens(run: str, plan: Plan, has_portal: bool, count: int) -> None:
    history = Gatherings()
    history.deploy(has_portal)
    plans = {run: plan}
    history.files_come({PEOPLE[0]}, "", count)
    history.queue.run(0, plans.get("arrival", {}), {})
    for _ in range(min(count - 1, len(history.queue.waiting))):  # a twin may have been the other
        history.queue.run(0, plans.get("second arrival", {}), {})
    if history.world.scheduler.made:
        history.queue.send(history.world.scheduler.run_next(history.world.clock))
    for name in ("wake-up", "last"):
        if history.queue.waiting:
            # The one that came last: the others are tries that failed.
            history.queue.run(len(history.queue.waiting) - 1, plans.get(name, {}), {})
    history.teardown()
