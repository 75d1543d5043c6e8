"""The function's environment as a frozen object. Parameter names of the template are its keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from link_generator.settings import MOST_DAYS, positive, required


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
        text = partial(required, environment, function="PresignApi", stack="portal")
        number = partial(positive, environment, function="PresignApi", stack="portal")
        return cls(
            bucket=text("FileExchangeBucketName"),
            keys=text("ProgramsKeys").removesuffix("*"),
            links_table=text("LinksTableName"),
            portal_url=text("PortalUrl"),
            days_to_live=number("ExchangableObjectsTTL", MOST_DAYS),
            days_of_logs=number("LogsTTL", MOST_DAYS),
        )
