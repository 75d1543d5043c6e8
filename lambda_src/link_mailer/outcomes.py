"""What SES's answer means for a mail of the portal. Pure."""

from __future__ import annotations

from mail.replies import may_try_again
from mail.sending import Answer

from link_mailer.errors import NotMailed

TRIED_AGAIN = "Lambda tries again, and then the task waits in PortalDeadLetterQueue."

# No answer came: SES may have taken the mail, or not.
_DOUBTFUL = {"ReadTimeoutError", "ConnectionClosedError"}


def is_doubtful(answer: Answer) -> bool:
    return answer.status in _DOUBTFUL


def may_pass_later(answer: Answer) -> bool:
    """Whether the same mail may be taken another time: SES is busy, unwell or out of reach."""
    return may_try_again(answer.status, 0) or answer.status == "AccountDailyQuotaExceeded"


def check(answer: Answer, what: str) -> None:
    """Raises NotMailed with SES's status; `what` begins the sentence."""
    if not answer.accepted:
        raise NotMailed(
            f"{what} not mailed, because SES did not take the mail ({answer.status}). {TRIED_AGAIN}"
        ) from answer.cause
