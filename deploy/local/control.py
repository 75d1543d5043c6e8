"""The embedded AWS's own pages and switches, below /_s3link/.

GET   health                       200 and where things are, while deployed; 503 before and after
GET   mails                        every mail as JSON, newest last
GET   inbox, inbox/<id>            the inbox page, with a mail opened
GET   inbox/<id>/html              a mail's HTML as a page of its own, for the inbox's frame
GET   confirm, unsubscribe         where the links in SNS's mails lead
POST  services/<service>/stop      every call to the service fails from now on; start undoes it
POST  ses/rate?per_second=<number> SES takes so many recipients a second; without a number, any
GET   schedules                    every schedule as JSON: how often, what it runs, its last run
POST  schedules/<name>/run         the schedule runs now, whatever the time

Requests of other web pages do not get here; see deploy/local/wire/browsers.py.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from html import escape
from http import HTTPStatus
from typing import Any, Protocol

from moto.core.exceptions import ServiceException
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from deploy.local import LOCAL_ACCOUNT
from deploy.local.inbox import page
from deploy.local.inbox.mailbox import MAILBOX
from deploy.local.scheduler.schedules import NoSuchScheduleError
from deploy.local.ses.send_rate import SEND_RATE
from deploy.local.wire.stopped_services import UnknownServiceError

_ROUTES = Map(
    [
        Rule("/_s3link/health", endpoint="health", methods=["GET"]),
        Rule("/_s3link/mails", endpoint="mails", methods=["GET"]),
        Rule("/_s3link/inbox", endpoint="inbox", methods=["GET"]),
        Rule("/_s3link/inbox/<mail_id>", endpoint="inbox", methods=["GET"]),
        Rule("/_s3link/inbox/<mail_id>/html", endpoint="mail", methods=["GET"]),
        Rule("/_s3link/pages/<name>", endpoint="page", methods=["GET"]),
        Rule("/_s3link/confirm", endpoint="confirm", methods=["GET"]),
        Rule("/_s3link/unsubscribe", endpoint="unsubscribe", methods=["GET"]),
        Rule("/_s3link/services/<service>/stop", endpoint="stop", methods=["POST"]),
        Rule("/_s3link/services/<service>/start", endpoint="start", methods=["POST"]),
        Rule("/_s3link/ses/rate", endpoint="rate", methods=["POST"]),
        Rule("/_s3link/schedules", endpoint="schedules", methods=["GET"]),
        Rule("/_s3link/schedules/<name>/run", endpoint="run", methods=["POST"]),
    ]
)


class Switchboard(Protocol):
    """Stops and starts services; see deploy/local/wire/stopped_services.py."""

    def stop(self, service: str) -> None: ...

    def start(self, service: str) -> None: ...


class Timetable(Protocol):
    """Tells of schedules and runs them; see deploy/local/scheduler/schedules.py."""

    def describe(self) -> list[dict[str, Any]]: ...

    def run(self, name: str) -> dict[str, Any]: ...


class Controlled(Protocol):
    """What the pages need to know of the embedded AWS."""

    deployed: Mapping[str, str | None] | None

    @property
    def services(self) -> Switchboard: ...

    @property
    def schedules(self) -> Timetable: ...


class ControlApp:
    """WSGI: everything below /_s3link/."""

    def __init__(self, aws: Controlled) -> None:
        self._aws = aws

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._answer(request)
        except HTTPException as exc:
            response = _json({"message": exc.description}, HTTPStatus(exc.code or 500))
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        endpoint, values = _ROUTES.bind_to_environ(request.environ).match()
        answer: Response = getattr(self, f"_{endpoint}")(request, **values)
        return answer

    def _health(self, request: Request) -> Response:
        if self._aws.deployed is None:
            return _json({"status": "starting"}, HTTPStatus.SERVICE_UNAVAILABLE)
        if self._aws.deployed["bucket"] not in s3_backends[LOCAL_ACCOUNT]["aws"].buckets:
            return _json({"status": "destroyed"}, HTTPStatus.SERVICE_UNAVAILABLE)
        return _json({"status": "deployed", **self._aws.deployed})

    def _mails(self, request: Request) -> Response:
        mails = MAILBOX.mails()
        response = _json([mail.as_dict() for mail in mails])
        # The inbox asks often; most of the time it has the newest mail already.
        response.headers["Cache-Control"] = "no-cache"
        response.set_etag(f"{len(mails)}-{mails[-1].id}" if mails else "0")
        return response.make_conditional(request)

    def _inbox(self, request: Request, mail_id: str | None = None) -> Response:
        return page.page()

    def _mail(self, request: Request, mail_id: str) -> Response:
        mail = MAILBOX.find(mail_id)
        if mail is None:
            raise NotFound("There is no such mail; it was sent before a restart, perhaps.")
        return page.mail_document(mail)

    def _page(self, request: Request, name: str) -> Response:
        return page.asset(name)

    def _confirm(self, request: Request) -> Response:
        topic_arn, token = request.args.get("TopicArn", ""), request.args.get("Token", "")
        backend = _sns(topic_arn)
        try:
            subscription = backend.confirm(topic_arn, token)
        except ServiceException as exc:
            raise BadRequest(
                "This confirmation link is not valid (any more); subscribe again."
            ) from exc
        return page.notice(
            "Subscription confirmed!",
            f"<b>{escape(subscription.endpoint)}</b> now gets what is published to "
            f"<b>{escape(topic_arn)}</b>.",
        )

    def _unsubscribe(self, request: Request) -> Response:
        arn = request.args.get("SubscriptionArn", "")
        backend = _sns(arn.rpartition(":")[0])
        if arn not in backend.subscriptions:
            raise NotFound("There is no such subscription (any more).")
        if backend.subscriptions[arn].attributes.get("ConfirmationWasAuthenticated"):
            raise Forbidden("Subscription not removed: only the owner of the topic can end it.")
        backend.unsubscribe(arn)
        return page.notice("Subscription removed!", "No more mails will come from this topic.")

    def _stop(self, request: Request, service: str) -> Response:
        _switch(self._aws.services.stop, service)
        return _json({"service": service, "status": "stopped"})

    def _start(self, request: Request, service: str) -> Response:
        _switch(self._aws.services.start, service)
        return _json({"service": service, "status": "started"})

    def _rate(self, request: Request) -> Response:
        given = request.args.get("per_second")
        SEND_RATE.limit(None if given is None else _rate(given))
        return _json({"per_second": None if given is None else _rate(given)})

    def _schedules(self, request: Request) -> Response:
        return _json(self._aws.schedules.describe())

    def _run(self, request: Request, name: str) -> Response:
        try:
            return _json(self._aws.schedules.run(name))
        except NoSuchScheduleError as exc:
            raise NotFound(str(exc)) from exc


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 <= rate < math.inf:
        raise BadRequest(f'"{text}" is not a number of recipients a second; say per_second=14.')
    return rate


def _switch(switch: Callable[[str], None], service: str) -> None:
    try:
        switch(service)
    except UnknownServiceError as exc:
        raise NotFound(str(exc)) from exc


def _sns(topic_arn: str) -> Any:
    parts = topic_arn.split(":")
    if len(parts) != 6 or parts[3] not in sns_backends[LOCAL_ACCOUNT]:
        raise BadRequest("This link is not complete.")
    return sns_backends[LOCAL_ACCOUNT][parts[3]]


def _json(document: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(
        json.dumps(document, ensure_ascii=False), status=status.value, mimetype="application/json"
    )
