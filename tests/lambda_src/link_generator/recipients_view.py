"""What the recipient of a mail has before them: the deployed template, filled as SES fills it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

from werkzeug.http import parse_options_header

from deploy.local.ses.rendering import Rendered, render
from tests.lambda_src.fakes import Mail
from tests.templates.reading import SENDER

_TEMPLATE = SENDER.properties("LinkTemplate")["Template"]
PARTS = {
    "subject_part": _TEMPLATE["SubjectPart"],
    "text_part": _TEMPLATE["TextPart"],
    "html_part": _TEMPLATE["HtmlPart"],
}


class Page(HTMLParser):
    """What is in the HTML part: its tags with their attributes, and the words that are shown."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attributes if name == "href"]

    def handle_data(self, words: str) -> None:
        self.words.append(words)


@dataclass(frozen=True)
class Seen:
    """What a recipient has before them."""

    to: str
    mail: Rendered
    link: str
    saved_as: str


def read(mail: Mail) -> Seen:
    link = mail.data["link"]
    [disposition] = parse_qs(urlsplit(link).query)["response-content-disposition"]
    assert disposition.isprintable()
    return Seen(
        mail.to,
        render(PARTS, json.dumps(mail.data)),
        link,
        parse_options_header(disposition)[1]["filename"],
    )
