"""What an app client's settings mean, and which ones Cognito would not take."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.local.cognito.clients import Client


@pytest.mark.parametrize(
    ("settings", "kind", "seconds"),
    [
        ({}, "Access", 3600),
        ({}, "Id", 3600),
        ({}, "Refresh", 30 * 86400),
        ({"AccessTokenValidity": 2}, "Access", 7200),
        (
            {"AccessTokenValidity": 5, "TokenValidityUnits": {"AccessToken": "minutes"}},
            "Access",
            300,
        ),
        ({"IdTokenValidity": 600, "TokenValidityUnits": {"IdToken": "seconds"}}, "Id", 600),
        (
            {"RefreshTokenValidity": 8, "TokenValidityUnits": {"RefreshToken": "hours"}},
            "Refresh",
            8 * 3600,
        ),
    ],
)
def test_lifetimes(settings: dict[str, Any], kind: str, seconds: int) -> None:
    """A number means hours, for refresh tokens days, unless the units say otherwise."""
    assert Client("x", settings).lifetime(kind) == seconds


ROTATING: dict[str, Any] = {"RefreshTokenRotation": {"Feature": "ENABLED"}}


@pytest.mark.parametrize(
    ("settings", "flows"),
    [
        ({}, {"USER_SRP_AUTH", "CUSTOM_AUTH", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"}),
        (ROTATING, {"USER_SRP_AUTH", "CUSTOM_AUTH"}),
        ({"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]}, {"USER_SRP_AUTH"}),
        ({"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}, {"USER_PASSWORD_AUTH"}),
        ({"ExplicitAuthFlows": ["USER_PASSWORD_AUTH"]}, {"USER_PASSWORD_AUTH"}),
        (
            {"ExplicitAuthFlows": ["ADMIN_NO_SRP_AUTH"]},
            {"ADMIN_NO_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH"},
        ),
    ],
)
def test_flows(settings: dict[str, Any], flows: set[str]) -> None:
    """A client without a list has three; older names count."""
    client = Client("x", settings)
    known = (
        *("USER_SRP_AUTH", "CUSTOM_AUTH", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"),
        *("USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH"),
    )

    assert {flow for flow in known if client.has_flow(flow)} == flows


MINUTES: dict[str, Any] = {
    "TokenValidityUnits": {name: "minutes" for name in ("AccessToken", "IdToken", "RefreshToken")}
}


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({}, None),
        ({"AllowedOAuthScopes": ["openid", "area/use"]}, None),
        ({"AllowedOAuthScopes": ["area/see"]}, "Invalid scope requested: area/see"),
        (ROTATING, None),
        (
            {**ROTATING, "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"]},
            "Refresh token rotation cannot be used with ALLOW_REFRESH_TOKEN_AUTH.",
        ),
        (
            {**MINUTES, "AccessTokenValidity": 5, "IdTokenValidity": 5, "RefreshTokenValidity": 60},
            None,
        ),
        (
            {**MINUTES, "AccessTokenValidity": 4},
            "Invalid range for token validity: AccessTokenValidity.",
        ),
        ({"AccessTokenValidity": 25}, "Invalid range for token validity: AccessTokenValidity."),
        (
            {"TokenValidityUnits": {"RefreshToken": "minutes"}, "RefreshTokenValidity": 59},
            "Invalid range for token validity: RefreshTokenValidity.",
        ),
        (
            {
                "AccessTokenValidity": 2,
                "TokenValidityUnits": {"RefreshToken": "hours"},
                "RefreshTokenValidity": 1,
            },
            "Access and ID tokens cannot outlive the refresh token.",
        ),
    ],
)
def test_problems(settings: dict[str, Any], problem: str | None) -> None:
    """As Cognito would refuse them; `area/use` is the only scope that there is."""
    assert Client("x", settings).problem({"area/use"}) == problem


def test_the_plan_lite_has_no_rotation() -> None:
    assert Client("x", ROTATING).problem(set(), "LITE") == (
        "Refresh token rotation is a feature of the plans ESSENTIALS and PLUS."
    )
    assert Client("x", {}).problem(set(), "LITE") is None
