"""A user pool as tests use it: its stack, a client that signs in with PKCE, a browser's cookies."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet
from moto.cognitoidp.models import cognitoidp_backends

from deploy.local.cognito.pools import UserPool
from deploy.local.inbox.mailbox import MAILBOX, Mail
from tests.local.account import Account
from tests.local.apis import Reply, ask
from tests.local.links import Clock
from tests.local.stacks import Stacks, template

MEMBER, PASSWORD = "ann@example.com", "correct horse battery"
CALLBACK = "http://127.0.0.1:9/"
SCOPE = "area/use"
VERIFIER = "v" * 43
SENDER = "arn:aws:ses:eu-west-1:123456789012:identity/files@example.com"

POOL: dict[str, Any] = {
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
    "AdminCreateUserConfig": {
        "AllowAdminCreateUserOnly": True,
        "InviteMessageTemplate": {
            "EmailSubject": "Come in",
            "EmailMessage": "<p>{username}: <b>{####}</b></p>",
        },
    },
    "AutoVerifiedAttributes": ["email"],
    "EmailConfiguration": {
        "EmailSendingAccount": "DEVELOPER",
        "From": "Files <files@example.com>",
        "SourceArn": SENDER,
    },
    "Policies": {"PasswordPolicy": {"MinimumLength": 12, "TemporaryPasswordValidityDays": 7}},
    "UserPoolTier": "ESSENTIALS",
    "UsernameAttributes": ["email"],
    "UsernameConfiguration": {"CaseSensitive": False},
    "VerificationMessageTemplate": {
        "DefaultEmailOption": "CONFIRM_WITH_CODE",
        "EmailSubject": "Your code",
        "EmailMessage": "<p>Code: <b>{####}</b></p>",
    },
}
CLIENT: dict[str, Any] = {
    "UserPoolId": {"Ref": "Pool"},
    "AccessTokenValidity": 5,
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthScopes": ["openid", SCOPE],
    "AuthSessionValidity": 15,
    "CallbackURLs": [CALLBACK],
    "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
    "IdTokenValidity": 5,
    "LogoutURLs": [CALLBACK],
    "PreventUserExistenceErrors": "ENABLED",
    "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10},
    "RefreshTokenValidity": 8,
    "SupportedIdentityProviders": ["COGNITO"],
    "TokenValidityUnits": {
        "AccessToken": "minutes",
        "IdToken": "minutes",
        "RefreshToken": "hours",
    },
}


def resources(prefix: str = "area-1", **pool: Any) -> dict[str, Any]:
    """A pool with everything that belongs to it."""

    def part(kind: str, after: str = "Pool", **properties: Any) -> dict[str, Any]:
        given = {"UserPoolId": {"Ref": "Pool"}, **properties}
        return {"Type": f"AWS::Cognito::{kind}", "DependsOn": after, "Properties": given}

    scope = {"ScopeName": "use", "ScopeDescription": "Use the area"}
    return {
        "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {**POOL, **pool}},
        "Domain": part("UserPoolDomain", Domain=prefix, ManagedLoginVersion=2),
        "Scope": part("UserPoolResourceServer", Identifier="area", Name="area", Scopes=[scope]),
        "Client": part("UserPoolClient", after="Scope", **CLIENT),
        "Branding": part(
            "ManagedLoginBranding", ClientId={"Ref": "Client"}, UseCognitoProvidedValues=True
        ),
        "Members": part("UserPoolGroup", GroupName="members"),
        "Admins": part("UserPoolGroup", GroupName="admins", Precedence=1),
    }


@dataclass
class Browser:
    """Follows no redirect by itself, keeps cookies, fills in forms."""

    base: str  # of the pages' forms
    cookies: dict[str, str] = field(default_factory=dict)

    def open(self, url: str, form: dict[str, str] | None = None, **headers: str) -> Reply:
        given = {name.title(): value for name, value in headers.items()}
        if self.cookies:
            given["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is not None:
            given["Content-Type"] = "application/x-www-form-urlencoded"
        body = None if form is None else urlencode(form).encode()
        reply = ask(url, "GET" if form is None else "POST", body, given)
        cookie = reply.header("Set-Cookie")
        if cookie:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return reply

    def send(self, page: Reply, **typed: str) -> Reply:
        """Fill in the page's form and send it."""
        html = page.body.decode()
        action = re.search(r'<form method="post" action="([^"]+)"', html)
        assert action, html
        inputs = re.findall(r'<input [^>]*name="([^"]+)"[^>]* value="([^"]*)"', html)
        fields = {name: unescape(value) for name, value in inputs}
        return self.open(f"{self.base}/{unescape(action.group(1))}", {**fields, **typed})


@dataclass
class Area:
    """The pool of stack `area`, and its client."""

    account: Account
    clock: Clock

    @cached_property
    def stacks(self) -> Stacks:
        return Stacks(self.account)

    def deploy(self, **pool: Any) -> None:
        self.account.client("ses").verify_email_identity(EmailAddress="files@example.com")
        outputs = {"Issuer": {"Value": {"Fn::GetAtt": ["Pool", "ProviderURL"]}}}
        made = self.stacks.apply("area", template(resources(**pool), Outputs=outputs))
        assert made == "CREATE_COMPLETE", self.stacks.history("area")

    @cached_property
    def names(self) -> dict[str, str]:
        return self.stacks.resources("area")

    @cached_property
    def issuer(self) -> str:
        return self.stacks.outputs("area")["Issuer"]

    @property
    def pool_id(self) -> str:
        return self.names["Pool"]

    @property
    def client_id(self) -> str:
        return self.names["Client"]

    @property
    def api(self) -> Any:
        return self.account.client("cognito-idp")

    def pool(self) -> UserPool:
        """The pool itself, to sign with its key."""
        pool: UserPool = cognitoidp_backends["123456789012"]["eu-west-1"].user_pools[self.pool_id]
        return pool

    def invite(self, address: str = MEMBER, **options: Any) -> str:
        """Invite somebody by mail; gives the temporary password."""
        given = {"UserAttributes": [{"Name": "email_verified", "Value": "true"}], **options}
        self.api.admin_create_user(
            UserPoolId=self.pool_id,
            Username=address,
            DesiredDeliveryMediums=["EMAIL"],
            **given,
        )
        return between("<b>", "</b>", mails(address)[-1].html)

    def add(self, address: str = MEMBER, *groups: str) -> str:
        """Somebody who has signed in once; gives their `sub`."""
        self.invite(address)
        person = {"UserPoolId": self.pool_id, "Username": address}
        self.api.admin_set_user_password(**person, Password=PASSWORD, Permanent=True)
        for group in groups:
            self.api.admin_add_user_to_group(**person, GroupName=group)
        return str(self.api.admin_get_user(**person)["Username"])

    def query(self, **changes: str | None) -> str:
        """What a client asks of the authorization endpoint."""
        digest = hashlib.sha256(VERIFIER.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": CALLBACK,
            "scope": f"openid {SCOPE}",
            "state": "s&t",
            "nonce": "n",
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            **changes,
        }
        return urlencode({name: value for name, value in asked.items() if value is not None})

    def browser(self) -> Browser:
        return Browser(self.issuer)

    def authorize(self, browser: Browser, **changes: str | None) -> Reply:
        """Where a client that wants people to sign in brings them."""
        reply = browser.open(f"{self.issuer}/oauth2/authorize?{self.query(**changes)}")
        location = reply.header("Location") or ""
        return browser.open(location) if location.startswith(f"{self.issuer}/login?") else reply

    def sign_in(self, browser: Browser, name: str = MEMBER, password: str = PASSWORD) -> Reply:
        return browser.send(self.authorize(browser), username=name, password=password)

    def token(self, **fields: str) -> Reply:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({"client_id": self.client_id, **fields}).encode()
        return ask(f"{self.issuer}/oauth2/token", "POST", body, headers)

    def redeem(self, code: str, **changes: str) -> Reply:
        given = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code": code}
        return self.token(**{**given, "code_verifier": VERIFIER, **changes})

    def refresh(self, token: str) -> Reply:
        return self.token(grant_type="refresh_token", refresh_token=token)

    def revoke(self, token: str) -> Reply:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({"client_id": self.client_id, "token": token}).encode()
        return ask(f"{self.issuer}/oauth2/revoke", "POST", body, headers)

    def tokens(self, name: str = MEMBER) -> dict[str, Any]:
        """What somebody who signs in gives their client."""
        document = self.redeem(answer(self.sign_in(self.browser(), name))["code"]).document
        assert isinstance(document, dict)
        return document

    def claims(self, token: str) -> dict[str, Any]:
        """Of a token that the pool has signed, checked with the keys that it shows."""
        keys = KeySet.import_key_set(ask(f"{self.issuer}/.well-known/jwks.json").document)
        return jwt.decode(token, keys, ["RS256"]).claims


def answer(reply: Reply) -> dict[str, str]:
    """What a client gets by the redirect that ends a sign-in."""
    location = reply.header("Location") or ""
    assert reply.status == 302 and location.startswith(CALLBACK), reply
    return dict(parse_qsl(urlsplit(location).query))


def said(page: Reply) -> str:
    """The sentence that a page begins with."""
    return unescape(between('<p role="alert">', "</p>", page.body.decode()))


def title(page: Reply) -> str:
    return between("<title>", "</title>", page.body.decode())


def mails(address: str = MEMBER) -> list[Mail]:
    return [mail for mail in MAILBOX.mails() if address in mail.recipients]


def between(start: str, end: str, text: str) -> str:
    return text.partition(start)[2].partition(end)[0]


def app_code(secret: str, now: float) -> str:
    """What an authenticator app shows (RFC 6238)."""
    key = base64.b32decode(secret)
    digest = hmac.digest(key, struct.pack(">Q", int(now) // 30), "sha1")
    (number,) = struct.unpack_from(">I", digest, digest[-1] & 15)
    return f"{(number & 0x7FFFFFFF) % 10**6:06}"
