"""The benchmark's table does what the tests' table does, which moto's DynamoDB agrees with."""

from __future__ import annotations

from datetime import timedelta

from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger.claims import Claimant, Claims, Entry, Ledger
from mail.sending import Reply

from benchmarks.simulated.table import QuickTable
from tests.lambda_src.fakes import NOW
from tests.lambda_src.table import Table

LATER = NOW + timedelta(days=30)
ENTRIES = [
    Entry(f"{number}" * 32, "files", "a file.pdf", version, f"p{number}@example.com", LATER)
    for number, version in enumerate(["v1", None, "v3"])
]
CLAIMANTS = [Claimant(f"request-{n % 2}", f"token-{n}") for n in range(3)]

# What happens to a ledger: who, to which rows, how many seconds later, and whether it is a claim,
# a mail that was taken or one that was refused.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(CLAIMANTS),
        st.lists(st.sampled_from(ENTRIES), min_size=1, unique=True),
        st.integers(0, 40),
        st.sampled_from(["claim", "taken", "refused"]),
    ),
    max_size=8,
)


@settings(max_examples=50, deadline=None)
@given(STEPS)
def test_it_is_the_same_table(
    steps: list[tuple[Claimant, list[Entry], int, str]],
) -> None:
    """Whatever is claimed and recorded, in whatever order: same answers, same rows."""
    quick, known = QuickTable(), Table()

    assert history(Ledger(quick, "ledger"), steps) == history(Ledger(known, "ledger"), steps)
    assert quick.rows == {
        key: {name: TypeDeserializer().deserialize(value) for name, value in row.items()}
        for key, row in known.items.items()
    }


def history(ledger: Ledger, steps: list[tuple[Claimant, list[Entry], int, str]]) -> list[Claims]:
    """What the ledger said to each claim."""
    now, said = NOW, []
    for who, entries, seconds, what in steps:
        now += timedelta(seconds=seconds)
        if what == "claim":
            said.append(ledger.claim(entries, who, now, lambda _tries: False))
            continue
        reply = Reply("Success", "message") if what == "taken" else Reply("AccountThrottled")
        replies = {entry.delivery_id: reply for entry in entries}
        ledger.record(replies, who, now, LATER, lambda _tries: False)
    return said
