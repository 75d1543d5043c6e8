"""SES's words for what happened to a mail, and for each the fate and the sentence for the admin.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html, tables of
bounce types, complaint subtypes and complaint feedback types. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledger import rows


@dataclass(frozen=True)
class Cause:
    """`sentence` has the places recipient, file, reason (in brackets, or empty) and template.

    `is_final` where a reminder would not arrive either, or is not wanted. A cause without a
    sentence is no bad news.
    """

    fate: str
    subject: str = ""
    sentence: str = ""
    is_final: bool = False


DELIVERED = Cause(rows.DELIVERED)
DELAYED = Cause(rows.DELAYED)

_HARD_BOUNCE = Cause(
    rows.BOUNCED,
    "a mail bounced",
    "{recipient} did not get the link to {file}: the mail bounced{reason}. Check the address and "
    "upload the file again for the right one. Addresses that bounce harm your standing with SES: "
    "take this one out of recipients, folders and EmailRecipient.",
    is_final=True,
)
# SES tells of it as a bounce or as a complaint, whichever put the address on the list.
_SUPPRESSED = Cause(
    rows.BOUNCED,
    "a mail was not delivered",
    "{recipient} did not get the link to {file}: SES did not send the mail{reason}. It keeps the "
    "address on a suppression list, because it has bounced or complained before. If it is right "
    "and its owner wants the mail, take it off that list in the SES console and upload the file "
    "again.",
    is_final=True,
)
_INVALID = Cause(
    rows.BOUNCED,
    "a mail was not delivered",
    "{recipient} did not get the link to {file}: SES did not send the mail{reason}. Its email "
    "validation takes the address for one that nobody reads. Check the address; if it is right, "
    "change the validation in the SES console and upload the file again.",
    is_final=True,
)
_UNSUBSCRIBED = Cause(
    rows.BOUNCED,
    "a mail was not delivered",
    "{recipient} did not get the link to {file}: SES did not send the mail{reason}, for its owner "
    "has unsubscribed. Ask them whether they want these mails, and tell them of the file yourself.",
    is_final=True,
)
_UNDETERMINED = Cause(
    rows.BOUNCED,
    "a mail came back",
    "{recipient} may not have got the link to {file}: the mail came back, and SES cannot tell "
    "why{reason}. Ask the recipient, and upload the file again if the mail is not there.",
)
_SOFT_BOUNCE = Cause(
    rows.SOFT_BOUNCED,
    "a mail came back",
    "{recipient} may not have got the link to {file}: the mail came back{reason}. The mailbox may "
    "be out of reach for now, and an automatic reply looks the same. Ask the recipient, and upload "
    "the file again if the mail is not there.",
)
_MAILBOX_FULL = Cause(
    rows.BOUNCED,
    "a mailbox is full",
    "{recipient} did not get the link to {file}: the mailbox is full{reason}. Upload the file "
    "again when there is room, or for another address.",
)
_TOO_LARGE = Cause(
    rows.BOUNCED,
    "a mail was too large",
    "{recipient} did not get the link to {file}: their mail server takes no mail as large as this "
    "one{reason}. Upload the file again with a shorter note.",
)
_TOO_LATE = Cause(
    rows.BOUNCED,
    "a mail was given up",
    "{recipient} did not get the link to {file}: their mail server did not take the mail within "
    "the time that the configuration set gives it{reason}. Upload the file again.",
)
_CONTENT_REFUSED = Cause(
    rows.BOUNCED,
    "a mail was refused",
    "{recipient} did not get the link to {file}: their mail server refuses what is in the "
    "mail{reason}. Look at the file's name and the sender's note, and upload the file again with "
    "others; or ask the recipient to have mails from EmailSender let through.",
)

REJECTED = Cause(
    rows.REJECTED,
    "SES rejected a mail",
    "{recipient} did not get the link to {file}: SES rejected the mail{reason}. It took it for "
    "harmful; look at the file's name and the sender's note, and upload it again without.",
    is_final=True,
)
RENDERING_FAILED = Cause(
    rows.RENDERING_FAILED,
    "a mail could not be made",
    "{recipient} did not get the link to {file}: SES could not make the mail from the template "
    '{template}{reason}. Mend the template with "s3link deploy --name {deployment}" and upload '
    "the file again.",
    is_final=True,
)

_SPAM = Cause(
    rows.COMPLAINED,
    "a mail was reported as spam",
    "{recipient} reported the mail about {file} as spam{reason}. Ask them before you send them "
    "anything again: complaints can make SES stop all sending of this account.",
    is_final=True,
)
_FRAUD = Cause(
    rows.COMPLAINED,
    "a mail was reported as fraud",
    "The mail about {file} to {recipient} was reported as fraud or phishing{reason}. Tell them "
    "another way that it is yours before you send them anything again: complaints can make SES "
    "stop all sending of this account.",
    is_final=True,
)
_VIRUS = Cause(
    rows.COMPLAINED,
    "a mail was reported as infected",
    "The mail about {file} to {recipient} was reported to carry a virus{reason}. Scan the file, "
    "and take it back if it is infected: complaints can make SES stop all sending of this account.",
    is_final=True,
)
# A mail server says so, not the recipient.
_NOT_AUTHENTICATED = Cause(
    rows.COMPLAINED,
    "a mail was taken for forged",
    "The mail server of {recipient} could not make sure that the mail about {file} is "
    "yours{reason}, so that it may lie in the spam folder. Check SPF, DKIM and DMARC of "
    "EmailSender's domain in the SES console.",
)

_BOUNCES: Mapping[tuple[str, str], Cause] = {
    ("Undetermined", "Undetermined"): _UNDETERMINED,
    ("Permanent", "General"): _HARD_BOUNCE,
    ("Permanent", "NoEmail"): _HARD_BOUNCE,
    ("Permanent", "Suppressed"): _SUPPRESSED,
    ("Permanent", "OnAccountSuppressionList"): _SUPPRESSED,
    ("Permanent", "OnTenantSuppressionList"): _SUPPRESSED,
    ("Permanent", "EmailValidationSuppressed"): _INVALID,
    ("Permanent", "UnsubscribedRecipient"): _UNSUBSCRIBED,
    ("Transient", "General"): _SOFT_BOUNCE,
    ("Transient", "MailboxFull"): _MAILBOX_FULL,
    ("Transient", "MessageTooLarge"): _TOO_LARGE,
    ("Transient", "CustomTimeoutExceeded"): _TOO_LATE,
    ("Transient", "ContentRejected"): _CONTENT_REFUSED,
    ("Transient", "AttachmentRejected"): _CONTENT_REFUSED,
}
# For subtypes to come.
_BOUNCES_OF_TYPE: Mapping[str, Cause] = {"Permanent": _HARD_BOUNCE, "Transient": _SOFT_BOUNCE}

_NOT_SENT = frozenset({"OnAccountSuppressionList", "OnTenantSuppressionList"})
# Feedback types of RFC 5965 and RFC 6591, as IANA lists them; a report may have none.
_COMPLAINTS: Mapping[str, Cause] = {
    "abuse": _SPAM,
    "auth-failure": _NOT_AUTHENTICATED,
    "fraud": _FRAUD,
    # The recipient takes it out of the spam folder: it is there, and wanted.
    "not-spam": DELIVERED,
    "other": _SPAM,
    "virus": _VIRUS,
}


def cause_of_bounce(bounce_type: str, subtype: str) -> Cause:
    exact = _BOUNCES.get((bounce_type, subtype))
    return exact or _BOUNCES_OF_TYPE.get(bounce_type, _UNDETERMINED)


def cause_of_complaint(subtype: str, feedback: str) -> Cause:
    return _SUPPRESSED if subtype in _NOT_SENT else _COMPLAINTS.get(feedback.lower(), _SPAM)
