"""User pools, with the checks and mails that moto lacks. The calls for it are in api.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cognitoidp import models
from moto.cognitoidp.exceptions import (
    InvalidParameterException,
    ResourceNotFoundError,
)
from moto.core.exceptions import JsonRESTError

from deploy.local.cognito import challenges, people
from deploy.local.cognito.api import Urls
from deploy.local.cognito.clients import Client
from deploy.local.cognito.pools import UserPool

# Settings of a pool that are for ever.
_FIXED = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")


class CognitoBackend(models.CognitoIdpBackend):
    """moto's Cognito, with pools of our own."""

    @property
    def _url_module(self) -> Any:
        return Urls

    def create_user_pool(self, name: str, extended_config: dict[str, Any]) -> UserPool:
        pool = UserPool(self.account_id, self.region_name, name, extended_config)
        self.user_pools[pool.id] = pool
        return pool

    def update_user_pool(self, user_pool_id: str, extended_config: dict[str, Any]) -> None:
        """Keeps what no update can say, and changes the name; moto does neither."""
        pool = self.describe_user_pool(user_pool_id)
        pool.name = extended_config.pop("PoolName", pool.name)
        kept = {name: pool.extended_config[name] for name in _FIXED if name in pool.extended_config}
        super().update_user_pool(user_pool_id, extended_config | kept)

    def delete_user_pool(self, user_pool_id: str) -> None:
        pool = self.describe_user_pool(user_pool_id)
        if pool.extended_config.get("DeletionProtection") == "ACTIVE":
            raise InvalidParameterException(
                "The user pool cannot be deleted because deletion protection is activated. "
                "Deletion protection must be inactivated first."
            )
        if pool.domain:
            raise InvalidParameterException(
                "User pool cannot be deleted. It has a domain configured that should be deleted "
                "first."
            )
        super().delete_user_pool(user_pool_id)

    def create_user_pool_client(
        self, user_pool_id: str, generate_secret: bool, extended_config: dict[str, Any]
    ) -> Any:
        _check_client(self.describe_user_pool(user_pool_id), extended_config)
        return super().create_user_pool_client(user_pool_id, generate_secret, extended_config)

    def update_user_pool_client(
        self, user_pool_id: str, client_id: str, extended_config: dict[str, Any]
    ) -> Any:
        """What is left out goes back to its default, as on AWS."""
        pool = self.describe_user_pool(user_pool_id)
        _check_client(pool, extended_config)
        client = self.describe_user_pool_client(user_pool_id, client_id)
        fresh = models.CognitoIdpUserPoolClient(user_pool_id, False, extended_config)
        client.extended_config = fresh.extended_config
        return client

    def delete_user_pool_client(self, user_pool_id: str, client_id: str) -> None:
        super().delete_user_pool_client(user_pool_id, client_id)
        self.describe_user_pool(user_pool_id).brandings.pop(client_id, None)

    def admin_reset_user_password(self, user_pool_id: str, username: str) -> None:
        super().admin_reset_user_password(user_pool_id, username)
        pool = self.describe_user_pool(user_pool_id)
        people.mail_code(pool, pool.user(username))

    def forgot_password(self, client_id: str, username: str) -> tuple[None, dict[str, Any]]:
        """The same answer whoever it is; the code goes by mail only."""
        pool = self.pool_of_client(client_id)
        user = pool.user(username)
        if user and people.may_reset(user):
            people.mail_code(pool, user)
        name, _, domain = username.partition("@")
        destination = f"{name[:1]}***@{domain[:1]}***"
        delivery = {"Destination": destination, "DeliveryMedium": "EMAIL", "AttributeName": "email"}
        return None, {"CodeDeliveryDetails": delivery}

    def confirm_forgot_password(
        self, client_id: str, username: str, password: str, confirmation_code: str
    ) -> None:
        pool = self.pool_of_client(client_id)
        people.set_password(pool, pool.user(username), confirmation_code, password)

    def _validate_password(self, user_pool_id: str, password: str) -> None:
        people.check_password(self.describe_user_pool(user_pool_id), password)

    def admin_initiate_auth(
        self, user_pool_id: str, client_id: str, auth_flow: str, *more: Any
    ) -> Any:
        challenges.check_flow(self.describe_user_pool(user_pool_id), client_id, auth_flow)
        return super().admin_initiate_auth(user_pool_id, client_id, auth_flow, *more)

    def initiate_auth(self, client_id: str, auth_flow: str, *more: Any) -> Any:
        challenges.check_flow(self.pool_of_client(client_id), client_id, auth_flow)
        return super().initiate_auth(client_id, auth_flow, *more)

    def respond_to_auth_challenge(
        self, session: str, client_id: str, challenge_name: str, challenge_responses: dict[str, str]
    ) -> Any:
        challenges.check_answer(self, session, challenge_name, challenge_responses)
        return super().respond_to_auth_challenge(
            session, client_id, challenge_name, challenge_responses
        )

    def associate_software_token(
        self, access_token: str | None, session: str | None
    ) -> dict[str, str]:
        secret = challenges.associate(self, access_token, session)
        return {"SecretCode": secret, **({"Session": session} if session else {})}

    def verify_software_token(
        self, access_token: str | None, session: str | None, user_code: str, *_: Any
    ) -> dict[str, str]:
        challenges.verify(self, access_token, session, user_code)
        return {"Status": "SUCCESS", **({"Session": session} if session else {})}

    def pool_of_client(self, client_id: str) -> UserPool:
        for pool in self.user_pools.values():
            if isinstance(pool, UserPool) and client_id in pool.clients:
                return pool
        raise ResourceNotFoundError(f"User pool client {client_id} does not exist.")


class ScopeDoesNotExistError(JsonRESTError):
    """A client's scope is no resource server's."""

    def __init__(self, message: str) -> None:
        super().__init__("ScopeDoesNotExistException", message)


def _check_client(pool: UserPool, settings: Mapping[str, Any]) -> None:
    scopes = {
        f"{server.identifier}/{scope['ScopeName']}"
        for server in pool.resource_servers.values()
        for scope in server.scopes or []
    }
    plan = pool.extended_config.get("UserPoolTier", "ESSENTIALS")
    problem = Client("", settings).problem(scopes, plan)
    if problem and problem.startswith("Invalid scope"):
        raise ScopeDoesNotExistError(problem)
    if problem:
        raise InvalidParameterException(problem)
