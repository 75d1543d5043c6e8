"""What Members is given: its environment as a frozen object, and what it acts on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from files.store import FileStore
from function.environment import account_of, required
from signing.signer import Signer
from tables.rows import Rows

from members.discovery import Login
from members.sessions import SignedOut


@dataclass(frozen=True)
class Settings:
    """The environment's keys are the outputs of the template."""

    account: str
    bucket: str
    survey_table: str
    signed_out_table: str
    issuer: str
    client_id: str
    pool_id: str
    url: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises SettingsError that names the key."""
        return cls(
            account=account_of(environment),
            bucket=required(environment, "ArtifactsBucketName"),
            survey_table=required(environment, "SurveyTableName"),
            signed_out_table=required(environment, "SignedOutTableName"),
            issuer=required(environment, "Issuer"),
            client_id=required(environment, "ClientId"),
            pool_id=required(environment, "PoolId"),
            url=required(environment, "MembersUrl"),
        )


class Store(FileStore, Protocol):
    """The part of an S3 client that Members uses."""

    def list_objects_v2(self, *args: Any, **parameters: Any) -> Any: ...

    def get_object(self, *args: Any, **parameters: Any) -> Any: ...


class Users(Protocol):
    """The part of a client of user pools that Members uses."""

    def admin_get_user(self, *args: Any, **parameters: Any) -> Any: ...


@dataclass(frozen=True)
class Services:
    """`signer` is called per download, for credentials are renewed."""

    store: Store
    survey: Rows
    signed_out: SignedOut
    users: Users
    login: Login
    signer: Callable[[], Signer]
    clock: Callable[[], datetime]
