"""What it means that the ledger did not answer, each as an error with a sentence. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from files.uploads import Upload
from function.errors import FunctionError
from mail.sending import Outcome
from tables.service import TableError

from link_generator.errors import LedgerUnavailable, NotRecorded


def ledger_unavailable(upload: Upload, error: TableError) -> LedgerUnavailable:
    return LedgerUnavailable(
        f"{upload} was not announced, because the deliveries ledger could not be asked who was "
        f"mailed before ({error.code}). {_advice(error)}"
    )


def not_recorded(upload: Upload, accepted: Sequence[Outcome], error: TableError) -> FunctionError:
    """Whom the next try may mail a second time; with nobody accepted nothing is in doubt."""
    if not accepted:
        return ledger_unavailable(upload, error)
    mailed = ", ".join(str(one.delivery.recipient) for one in accepted)
    return NotRecorded(
        f"{upload} was mailed to {mailed}, but the deliveries ledger could not record it "
        f"({error.code}), so they may be mailed once more. {_advice(error)}"
    )


def _advice(error: TableError) -> str:
    if error.final:
        return "Deploy the generator stack again, which has the table and the right to use it."
    return "Lambda tries again, and then the event waits in DeadLetterQueue."
