"""The mails of the templates, filled as SES fills them and read as their readers read them."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from deploy.local.ses.rendering import fill
from tests.templates.reading import MEMBERS, PORTAL, SENDER

PARTS = ("SubjectPart", "TextPart", "HtmlPart")

Data = Mapping[str, Any]


@dataclass(frozen=True)
class MailTemplate:
    """The three parts of an SES template."""

    parts: Mapping[str, str]

    def render(self, part: str, data: Data) -> str:
        return fill(self.parts[part], data)

    def text_of(self, part: str, data: Data) -> str:
        """The words of a part, on one line."""
        rendered = self.render(part, data)
        return Reader(rendered).text if part == "HtmlPart" else " ".join(rendered.split())

    def values_of(self, part: str) -> set[str]:
        """The variables whose values a part shows."""
        return set(re.findall(r"\{\{(\w+)\}\}", self.parts[part])) - {"else"}

    def variables_of(self, part: str) -> set[str]:
        """Those, and the ones that its blocks ask for."""
        return self.values_of(part) | set(re.findall(r"\{\{#\w+ (\w+)\}\}", self.parts[part]))

    @property
    def variables(self) -> set[str]:
        return {name for part in PARTS for name in self.variables_of(part)}


class Reader(HTMLParser):
    """What a reader of the HTML part has: the words, the links, and what is loaded."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.tags.add(tag)
        if tag == "a":
            self.links.append(given["href"] or "")
        self.loaded += [value or "" for name, value in attributes if name in ("src", "background")]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, words: str) -> None:
        if "style" not in self.open and "head" not in self.open:
            self.words.append(words)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def encoded(text: str) -> str:
    """Text with line breaks as it comes in an object's metadata."""
    return f"=?utf-8?b?{b64encode(text.encode()).decode()}?="


LINK_MAIL = MailTemplate(SENDER.properties("LinkTemplate")["Template"])
PORTAL_MAIL = MailTemplate(PORTAL.properties("PortalMailTemplate")["Template"])

# What CloudFormation fills into the messages of the user pool; Cognito fills in the rest.
AREA = "https://a1b2c3.execute-api.eu-central-1.amazonaws.com"
_OF_THE_STACK = {"${EmailSender}": "files@example.com", "${MembersApi.ApiEndpoint}": AREA}


def _of_cognito(message: Mapping[str, Any]) -> MailTemplate:
    """Cognito sends a subject and a page, and no text beside it."""
    page = message["EmailMessage"]["Fn::Sub"]
    for name, value in _OF_THE_STACK.items():
        page = page.replace(name, value)
    return MailTemplate({"SubjectPart": message["EmailSubject"], "TextPart": "", "HtmlPart": page})


_POOL = MEMBERS.properties("MembersPool")
INVITATION_MAIL = _of_cognito(_POOL["AdminCreateUserConfig"]["InviteMessageTemplate"])
CODE_MAIL = _of_cognito(_POOL["VerificationMessageTemplate"])
