"""The issuer and the login pages of all pools, on a port of their own.

GET        /<pool>/.well-known/openid-configuration, /<pool>/.well-known/jwks.json
GET        /<pool>/oauth2/authorize          to the login page, or back with a code
GET, POST  /<pool>/login, /<pool>/forgotPassword, POST /<pool>/confirmForgotPassword
POST       /<pool>/oauth2/token, /<pool>/oauth2/revoke
GET        /<pool>/logout
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Any

from moto.cognitoidp.models import cognitoidp_backends
from moto.core.exceptions import JsonRESTError
from werkzeug.exceptions import Forbidden, HTTPException, NotFound, ServiceUnavailable
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from deploy.local import LOCAL_ACCOUNT, LOCAL_HOST
from deploy.local.cognito import passwords, people
from deploy.local.cognito.clients import Client
from deploy.local.cognito.domains import login_is_broken
from deploy.local.cognito.grants import LOGIN_SECONDS, Grant, Login
from deploy.local.cognito.login import answers, oauth, pages
from deploy.local.cognito.login.authorization import (
    AuthorizationRequest,
    RefusedRequestError,
    UntrustedRequestError,
    check_logout,
    read_authorization_request,
)
from deploy.local.cognito.login.sign_in import Page, SignIns, Step
from deploy.local.cognito.pools import Surroundings, UserPool
from deploy.local.replacement import replaced
from deploy.local.wire.browsers import is_from_own_page, is_this_machine
from deploy.local.wire.http_server import listening, serving
from deploy.local.wire.requests import Environ
from deploy.local.wire.stopped_services import StoppedServices

_COOKIE = "cognito"
_ROUTES = Map(
    [
        Rule("/<pool_id>/.well-known/openid-configuration", endpoint="discovery", methods=["GET"]),
        Rule("/<pool_id>/.well-known/jwks.json", endpoint="keys", methods=["GET"]),
        Rule("/<pool_id>/oauth2/authorize", endpoint="authorize", methods=["GET"]),
        Rule("/<pool_id>/oauth2/token", endpoint="token", methods=["POST"]),
        Rule("/<pool_id>/oauth2/revoke", endpoint="revoke", methods=["POST"]),
        Rule("/<pool_id>/login", endpoint="login", methods=["GET", "POST"]),
        Rule("/<pool_id>/forgotPassword", endpoint="forgot", methods=["GET", "POST"]),
        Rule("/<pool_id>/confirmForgotPassword", endpoint="reset", methods=["POST"]),
        Rule("/<pool_id>/logout", endpoint="logout", methods=["GET"]),
    ]
)
# What the pages of clients may call; all else is for people.
_FOR_CLIENTS = frozenset({"discovery", "keys", "token", "revoke"})


class LoginServer:
    """WSGI: everything below each pool."""

    def __init__(self, region: str, services: StoppedServices) -> None:
        self._region = region
        self._services = services
        self._sign_ins = SignIns()

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self._answer(request)
        except HTTPException as exc:
            response = answers.html(pages.error(exc.description or ""), HTTPStatus(exc.code or 500))
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        # With "no-referrer" browsers would not say where a form comes from.
        response.headers["Referrer-Policy"] = "same-origin"
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if not is_this_machine(request.host):
            raise Forbidden(f"These pages are at {LOCAL_HOST} only.")
        if "cognito-idp" in self._services.names:
            raise ServiceUnavailable("cognito-idp is stopped in the embedded AWS.")
        endpoint, values = _ROUTES.bind_to_environ(request.environ).match()
        pool = self._pool(values["pool_id"])
        if endpoint in _FOR_CLIENTS:
            answer: Response = getattr(self, f"_{endpoint}")(pool, request)
            answer.headers["Access-Control-Allow-Origin"] = "*"
            return answer
        return self._answer_person(endpoint, pool, request)

    def _pool(self, pool_id: str) -> UserPool:
        pool = cognitoidp_backends[LOCAL_ACCOUNT][self._region].user_pools.get(pool_id)
        if not isinstance(pool, UserPool):
            raise NotFound("There is no such user pool.")
        return pool

    def _discovery(self, pool: UserPool, request: Request) -> Response:
        return answers.json(oauth.discovery(pool))

    def _keys(self, pool: UserPool, request: Request) -> Response:
        return answers.json(pool.public_keys)

    def _token(self, pool: UserPool, request: Request) -> Response:
        try:
            return answers.json(oauth.tokens(pool, request.form))
        except oauth.OAuthError as exc:
            return answers.json({"error": str(exc)}, HTTPStatus.BAD_REQUEST)

    def _revoke(self, pool: UserPool, request: Request) -> Response:
        try:
            oauth.revoke(pool, request.form)
        except oauth.OAuthError as exc:
            return answers.json({"error": str(exc)}, HTTPStatus.BAD_REQUEST)
        return Response(status=HTTPStatus.OK)

    def _answer_person(self, endpoint: str, pool: UserPool, request: Request) -> Response:
        if pool.domain is None:
            raise NotFound("The user pool has no domain.")
        origin = request.headers.get("Origin")
        if request.method == "POST" and not is_from_own_page(request.host, origin):
            raise Forbidden("The form comes from another page.")
        try:
            if endpoint == "logout":
                return self._logout(pool, request)
            asked = read_authorization_request(pool, request.args)
            if login_is_broken(pool, asked.client.id):
                raise UntrustedRequestError(
                    "Login pages unavailable. Please contact an administrator."
                )
            answer: Response = getattr(self, f"_{endpoint}")(pool, asked, request)
        except UntrustedRequestError as exc:
            return answers.html(pages.error(str(exc)), HTTPStatus.BAD_REQUEST)
        except RefusedRequestError as exc:
            return answers.redirect(exc.location)
        return answer

    def _authorize(self, pool: UserPool, asked: AuthorizationRequest, request: Request) -> Response:
        login = pool.grants.login(request.cookies.get(_COOKIE, ""), pool.now)
        if login and oauth.may_have_tokens(pool, login.sub):
            return answers.redirect(_with_code(pool, asked, login))
        return answers.redirect(f"{pool.issuer}/login?{_query(request)}")

    def _login(self, pool: UserPool, asked: AuthorizationRequest, request: Request) -> Response:
        if request.method == "GET":
            return answers.html(pages.sign_in(_query(request)), target=asked.origin)
        step = self._step(pool, asked.client, request)
        if step.page is not Page.DONE:
            return answers.html(self._page(pool, step, request), target=asked.origin)
        cookie, login = pool.grants.sign_in(step.sub, pool.now)
        response = answers.redirect(_with_code(pool, asked, login))
        response.set_cookie(
            _COOKIE, cookie, LOGIN_SECONDS, path=f"/{pool.id}", httponly=True, samesite="Lax"
        )
        return response

    def _step(self, pool: UserPool, client: Client, request: Request) -> Step:
        form, attempt = request.form, request.form.get("attempt", "")
        match form.get("step"):
            case "new-password":
                return self._sign_ins.new_password(pool, attempt, form.get("password", ""))
            case "code":
                return self._sign_ins.code(pool, attempt, form.get("code", ""))
        name, password = form.get("username", ""), form.get("password", "")
        return self._sign_ins.password(pool, name.strip(), password, client.attempt_seconds)

    def _page(self, pool: UserPool, step: Step, request: Request) -> str:
        query, name = _query(request), request.form.get("username", "")
        rule = passwords.rule(pool.password_policy)
        match step.page:
            case Page.NEW_PASSWORD:
                return pages.new_password(query, step.attempt, name, rule, step.sentence)
            case Page.CODE:
                return pages.code(query, step.attempt, step.sentence)
            case Page.SET_UP:
                secret, link = self._sign_ins.new_app(step.attempt)
                return pages.set_up(query, step.attempt, secret, link, step.sentence)
            case Page.RESET:
                return pages.reset(query, name, rule)
        return pages.sign_in(query, step.sentence, name)

    def _forgot(self, pool: UserPool, asked: AuthorizationRequest, request: Request) -> Response:
        query = _query(request)
        if request.method == "GET":
            return answers.html(pages.forgot(query), target=asked.origin)
        name = request.form.get("username", "").strip()
        user = pool.user(name)
        if user and people.may_reset(user):
            try:
                people.mail_code(pool, user)
            except JsonRESTError as exc:
                return answers.html(pages.error(str(exc.message)), HTTPStatus.BAD_REQUEST)
        rule = passwords.rule(pool.password_policy)
        return answers.html(pages.reset(query, name, rule), target=asked.origin)

    def _reset(self, pool: UserPool, asked: AuthorizationRequest, request: Request) -> Response:
        form, query = request.form, _query(request)
        name, code, password = (form.get(each, "") for each in ("username", "code", "password"))
        try:
            people.set_password(pool, pool.user(name), code.strip(), password)
        except JsonRESTError as exc:
            rule = passwords.rule(pool.password_policy)
            page = pages.reset(query, name, rule, str(exc.message))
            return answers.html(page, target=asked.origin)
        said = "Your password is set. Sign in with it."
        return answers.html(pages.sign_in(query, said, name), target=asked.origin)

    def _logout(self, pool: UserPool, request: Request) -> Response:
        response = answers.redirect(check_logout(pool, request.args))
        pool.grants.sign_out(request.cookies.get(_COOKIE, ""))
        response.delete_cookie(_COOKIE, path=f"/{pool.id}")
        return response


def _with_code(pool: UserPool, asked: AuthorizationRequest, login: Login) -> str:
    """The way back to the client."""
    grant = Grant(
        login, asked.client.id, asked.redirect_uri, asked.challenge, asked.scopes, asked.nonce
    )
    return asked.location(code=pool.grants.issue_code(grant, pool.now))


def _query(request: Request) -> str:
    return request.query_string.decode("latin-1")


@contextmanager
def login_served(
    region: str, services: StoppedServices, clock: Callable[[], datetime]
) -> Iterator[None]:
    """Inside the block people can sign in to every pool, and its issuer answers."""
    with listening(0) as server:
        server.app = LoginServer(region, services)
        around = Surroundings(f"http://{LOCAL_HOST}:{server.port}", clock, services)
        with serving(server), replaced(UserPool, "surroundings", around):
            yield
