"""A user pool: moto's, with a key and an issuer of its own, and what its people have under way.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-with-identity-providers.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from threading import Lock
from typing import Any, ClassVar
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import RSAKey
from moto.cognitoidp import models

from deploy.local.cognito.clients import Client
from deploy.local.cognito.grants import Grants, Session
from deploy.local.cognito.passwords import Lockouts
from deploy.local.cognito.totp import Totp
from deploy.local.wire.stopped_services import StoppedServices

_ALGORITHM = "RS256"


@dataclass(frozen=True)
class Surroundings:
    """Where the login server is, what time it is there, and which services do not answer it."""

    address: str
    clock: Callable[[], datetime]
    services: StoppedServices


@dataclass
class MailedCode:
    """A code that somebody has by mail; it holds until it is used, or guessed too often."""

    code: str
    ends: int
    wrong_tries: int = 0


class UserPool(models.CognitoIdpUserPool):
    surroundings: ClassVar[Surroundings] = Surroundings(
        "", lambda: datetime.now(UTC), StoppedServices()
    )

    def __init__(self, account: str, region: str, name: str, settings: dict[str, Any]) -> None:
        super().__init__(account, region, name, settings)
        del self.json_web_key  # all pools of moto have one and the same
        self._key_lock = Lock()
        self._key: RSAKey | None = None
        self.grants = Grants()
        self.lockouts = Lockouts()
        # By `sub`: secrets of authenticator apps, codes that were mailed, and since when a
        # temporary password holds.
        self.totp: dict[str, Totp] = {}
        self.mailed_codes: dict[str, MailedCode] = {}
        self.invited: dict[str, int] = {}
        # Settings of managed login, by client.
        self.brandings: dict[str, dict[str, Any]] = {}

    @cached_property
    def json_web_key(self) -> RSAKey:
        """Signs the pool's tokens. Made when it is first needed, for that takes a moment."""
        with self._key_lock:  # two sign-ins at once must not make two keys
            if self._key is None:
                self._key = RSAKey.generate_key(
                    parameters={"kid": str(uuid4()), "alg": _ALGORITHM, "use": "sig"}
                )
            return self._key

    @property
    def issuer(self) -> str:
        return f"{self.surroundings.address}/{self.id}"

    @property
    def provider_name(self) -> str:
        """As Cognito's other services call the pool."""
        return f"cognito-idp.{self.region}.amazonaws.com/{self.id}"

    @property
    def now(self) -> int:
        return int(self.surroundings.clock().timestamp())

    @property
    def password_policy(self) -> Mapping[str, Any]:
        policies: Mapping[str, Any] = self.extended_config.get("Policies") or {}
        policy: Mapping[str, Any] = policies.get("PasswordPolicy") or {}
        return policy

    @property
    def public_keys(self) -> dict[str, Any]:
        """The JSON Web Key Set that everybody may see."""
        return {"keys": [self.json_web_key.as_dict(private=False)]}

    def client(self, client_id: str) -> Client | None:
        client = self.clients.get(client_id)
        return Client(client.id, client.extended_config) if client else None

    def user(self, name: str) -> Any | None:
        """moto's user by `sub`, user name or whatever else the pool takes for one."""
        return self._get_user(name)

    def _get_user(self, username: str) -> Any:
        # moto's own knows capitals only as they were typed, and reads every attribute anew.
        known = self.users.get(username)
        if known:
            return known
        wanted = self._folded(username)
        names = self.extended_config.get("UsernameAttributes") or []
        for user in self.users.values():
            found = [user.attribute_lookup.get(name) for name in names] or [user.username]
            if wanted in [self._folded(each) for each in found if each]:
                return user
        return None

    def _folded(self, name: str) -> str:
        configuration = self.extended_config.get("UsernameConfiguration") or {}
        return name if configuration.get("CaseSensitive", True) else name.casefold()

    def create_jwt(
        self,
        client_id: str,
        username: str,
        token_use: str,
        expires_in: int = 0,
        extra_data: dict[str, Any] | None = None,
    ) -> tuple[str, int]:
        """What moto signs tokens with, for AuthFlows that need no page."""
        given = {"auth_time": self.now, "event_id": str(uuid4()), **(extra_data or {})}
        return self._signed(client_id, self._get_user(username), token_use, given)

    def access_token(self, session: Session) -> tuple[str, int]:
        """The token, and for how many seconds it holds."""
        claims = {"scope": " ".join(session.grant.scopes), "version": 2}
        return self._token_of(session, "access", claims)

    def id_token(self, session: Session) -> str:
        nonce = session.grant.nonce
        return self._token_of(session, "id", {"nonce": nonce} if nonce else {})[0]

    def _token_of(
        self, session: Session, token_use: str, claims: Mapping[str, Any]
    ) -> tuple[str, int]:
        given = {
            "auth_time": session.grant.login.auth_time,
            "event_id": session.event_id,
            "origin_jti": session.origin_jti,
            **claims,
        }
        user = self._get_user(session.grant.login.sub)
        return self._signed(session.grant.client_id, user, token_use, given)

    def _signed(
        self, client_id: str, user: Any, token_use: str, given: Mapping[str, Any]
    ) -> tuple[str, int]:
        client = self.client(client_id)
        seconds = client.lifetime(token_use.capitalize()) if client else 3600
        now = self.now
        claims = {
            "iss": self.issuer,
            "sub": user.id,
            "token_use": token_use,
            "iat": now,
            "exp": now + seconds,
            "jti": str(uuid4()),
            **_CLAIMS[token_use](client_id, user),
            **given,
        }
        if user.groups:
            claims["cognito:groups"] = sorted(group.group_name for group in user.groups)
        header = {"kid": self.json_web_key.kid, "alg": _ALGORITHM}
        return jwt.encode(header, claims, self.json_web_key), seconds

    def revoke(self, token: str, client_id: str) -> None:
        """End the session of a refresh token, however the client has got it."""
        self.grants.revoke(token, client_id)
        if (self.refresh_tokens.get(token) or ("",))[0] == client_id:
            self.refresh_tokens[token] = None

    def sign_out(self, username: str) -> None:
        user = self._get_user(username)
        # moto looks for the name that was typed at the sign-in.
        for name in {username, user.username, *user.attribute_lookup.values()}:
            super().sign_out(name)
        self.grants.revoke_all(user.id)


def _of_access(client_id: str, user: Any) -> dict[str, Any]:
    return {"client_id": client_id, "username": user.username}


def _of_id(client_id: str, user: Any) -> dict[str, Any]:
    told = {name: value for name, value in user.attribute_lookup.items() if name != "sub"}
    for name in ("email_verified", "phone_number_verified"):
        if name in told:
            told[name] = told[name] == "true"
    return {"aud": client_id, "cognito:username": user.username, **told}


_CLAIMS = {"access": _of_access, "id": _of_id}
