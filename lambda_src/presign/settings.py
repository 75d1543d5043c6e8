"""The function's environment as a frozen object. Parameter names of the template are its keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from function.environment import MOST_DAYS, positive, required


@dataclass(frozen=True)
class Settings:
    """`keys` is what every key of programs begins with, empty where they may have any."""

    bucket: str
    keys: str
    links_table: str
    portal_url: str
    days_to_live: int
    days_of_logs: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises SettingsError that names the parameter and the value."""
        return cls(
            bucket=required(environment, "FileExchangeBucketName"),
            keys=required(environment, "ProgramsKeys").removesuffix("*"),
            links_table=required(environment, "LinksTableName"),
            portal_url=required(environment, "PortalUrl"),
            days_to_live=positive(environment, "ExchangableObjectsTTL", MOST_DAYS),
            days_of_logs=positive(environment, "LogsTTL", MOST_DAYS),
        )
