"""An app client's settings, read as the endpoints need them. Pure.

https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
# What a validity is counted in when nothing is said, how many, and the least and most in seconds.
_LIFETIMES = {
    "Access": ("hours", 1, 300, 86400),
    "Id": ("hours", 1, 300, 86400),
    "Refresh": ("days", 30, 3600, 3650 * 86400),
}
# Flows that a client without a list of its own has, and older names for flows.
_DEFAULT_FLOWS = ("ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
_OLDER_NAMES = {
    "ADMIN_NO_SRP_AUTH": "ADMIN_USER_PASSWORD_AUTH",
    "CUSTOM_AUTH_FLOW_ONLY": "CUSTOM_AUTH",
    "REFRESH_TOKEN": "REFRESH_TOKEN_AUTH",
}
_OWN_SCOPES = frozenset({"phone", "email", "openid", "profile", "aws.cognito.signin.user.admin"})


@dataclass(frozen=True)
class Client:
    """Who asks for tokens."""

    id: str
    settings: Mapping[str, Any]

    def lifetime(self, kind: str) -> int:
        """Seconds for which an Access, Id or Refresh token holds."""
        unit, count, _, _ = _LIFETIMES[kind]
        unit = self.settings.get("TokenValidityUnits", {}).get(f"{kind}Token", unit)
        return int(self.settings.get(f"{kind}TokenValidity") or count) * _SECONDS[unit]

    @property
    def rotates(self) -> bool:
        """Whether each refresh gives a new refresh token and ends the old one."""
        return bool(self._rotation.get("Feature") == "ENABLED")

    @property
    def grace(self) -> int:
        """Seconds for which the old refresh token still holds, for a retry."""
        return int(self._rotation.get("RetryGracePeriodSeconds") or 0)

    @property
    def attempt_seconds(self) -> int:
        """How long a sign-in may take from the password on."""
        return int(self.settings.get("AuthSessionValidity") or 3) * 60

    @property
    def has_code_flow(self) -> bool:
        allowed = bool(self.settings.get("AllowedOAuthFlowsUserPoolClient"))
        return allowed and "code" in self._listed("AllowedOAuthFlows")

    @property
    def scopes(self) -> list[str]:
        return self._listed("AllowedOAuthScopes")

    @property
    def callback_urls(self) -> list[str]:
        return self._listed("CallbackURLs")

    @property
    def logout_urls(self) -> list[str]:
        return self._listed("LogoutURLs")

    def has_flow(self, flow: str) -> bool:
        """Whether InitiateAuth and its like may be called with this AuthFlow."""
        flow = _OLDER_NAMES.get(flow, flow)
        if flow == "REFRESH_TOKEN_AUTH" and self.rotates:
            return False
        names = self._listed("ExplicitAuthFlows") or list(_DEFAULT_FLOWS)
        return flow in {_flow(name) for name in names}

    def problem(self, scopes: set[str], plan: str = "ESSENTIALS") -> str | None:
        """Why Cognito would not take these settings; `scopes` are those of resource servers."""
        if self.rotates and plan == "LITE":
            return "Refresh token rotation is a feature of the plans ESSENTIALS and PLUS."
        if unknown := set(self.scopes) - _OWN_SCOPES - scopes:
            return f"Invalid scope requested: {', '.join(sorted(unknown))}"
        if self.rotates and "REFRESH_TOKEN_AUTH" in map(_flow, self._listed("ExplicitAuthFlows")):
            return "Refresh token rotation cannot be used with ALLOW_REFRESH_TOKEN_AUTH."
        for kind, (_, _, least, most) in _LIFETIMES.items():
            if not least <= self.lifetime(kind) <= most:
                return f"Invalid range for token validity: {kind}TokenValidity."
        if max(self.lifetime("Access"), self.lifetime("Id")) > self.lifetime("Refresh"):
            return "Access and ID tokens cannot outlive the refresh token."
        return None

    @property
    def _rotation(self) -> Mapping[str, Any]:
        return self.settings.get("RefreshTokenRotation") or {}

    def _listed(self, name: str) -> list[str]:
        return list(self.settings.get(name) or [])


def _flow(name: str) -> str:
    name = name.removeprefix("ALLOW_")
    return _OLDER_NAMES.get(name, name)
