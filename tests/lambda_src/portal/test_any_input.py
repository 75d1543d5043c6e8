"""Whatever arrives at the portal's pages ends as a page: never as an exception, never as a mail."""

from __future__ import annotations

import base64
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from portal.routes import answer
from portal.settings import Settings

from tests.lambda_src.portal_world import ENVIRONMENT, URL, PortalWorld
from tests.lambda_src.shares_world import share, share_world

ROUTES = ["GET /", "POST /request-link", "ANY /d/{token}", "GET /access-object", "$default"]
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
ANSWERS = {200, 202, 204, 303, 400, 403, 404, 410, 429}

text = st.text(max_size=60)
forms = st.dictionaries(st.sampled_from(["email", "file", "address", "x"]), text, max_size=4)
bodies = st.one_of(
    st.none(),
    text,
    st.binary(max_size=200).map(lambda raw: base64.b64encode(raw).decode()),
    st.text("email=file&%+;0123456789abcdefABCDEF@.", max_size=200),
    st.one_of(st.integers(-9, 9), text).map(lambda position: f"answer=page&file={position}"),
)


@st.composite
def events(draw: st.DrawFn, token: str) -> dict[str, Any]:
    """A request as an HTTP API could hand it over, with anything in it."""
    method = draw(st.sampled_from(METHODS))
    route = draw(st.sampled_from(ROUTES))
    event: dict[str, Any] = {
        "routeKey": route,
        "rawPath": draw(text),
        "requestContext": {"http": {"method": method, "sourceIp": draw(text)}},
        "headers": draw(st.dictionaries(st.sampled_from(["origin", "cookie", "host"]), text)),
        "isBase64Encoded": draw(st.booleans()),
        "rawQueryString": draw(st.one_of(text, st.just("file=%00&file=a"))),
    }
    if draw(st.booleans()):
        event["headers"]["origin"] = URL
    if (body := draw(bodies)) is not None:
        event["body"] = body
    if route == "ANY /d/{token}":
        event["pathParameters"] = {"token": draw(st.one_of(text, st.just(token)))}
    if draw(st.booleans()):
        event["requestContext"]["authorizer"] = {"lambda": {"linkId": draw(text)}}
    return event


@given(st.data())
def test_any_request_is_answered(data: st.DataObject) -> None:
    """With a status that the API's description has, and the headers that guard every answer."""
    portal = share_world()
    is_share = data.draw(st.booleans())
    token = (share(portal, ["a.pdf", "b.pdf"]) if is_share else portal.share()).text
    event = data.draw(events(token))

    result = answer(event, Settings.from_environment(ENVIRONMENT), portal.services)

    assert result["statusCode"] in ANSWERS
    assert result["headers"]["cache-control"] == "no-store"
    assert all("\n" not in value and "\r" not in value for value in result["headers"].values())
    if event["requestContext"]["http"]["method"] != "POST":
        assert portal.mailer.events == []
        assert portal.link.downloads == 0


@given(text, text, st.booleans())
def test_what_is_typed_is_shown_as_text(email: str, file: str, confirm: bool) -> None:
    """No value of a query or form becomes a tag of the page."""
    portal = PortalWorld()
    token = portal.share()

    bodies = [
        portal.ask(email, form={"file": file}).body,
        portal.click(token, {"address": email}, ConfirmRecipient=str(confirm).lower()).body,
    ]

    for body in filter(None, bodies):
        assert body.count("<script>") == 1
        assert body.count("<input") <= 2


@given(text)
def test_only_what_was_asked_for_is_handed_over(email: str) -> None:
    """One bare address, or nothing."""
    portal = PortalWorld()

    portal.ask(email)

    for event in portal.mailer.events:
        assert event["address"] == email.strip()
        assert event["address"].count("@") >= 1
        assert not set(event["address"]) & set(' ,;<>"\r\n')
