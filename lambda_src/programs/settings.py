"""What Programs is given: its environment as a frozen object, and what it acts on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import Any, Protocol

from files.store import FileStore, StoredFile
from function.environment import MOST_DAYS, positive, required
from signing.links import download_url
from signing.signer import Signer

from programs.nonces import Nonces, RandomBytes

# After a busy table another try, and one more; API Gateway does not wait long.
_PAUSES = (0.1, 0.4)  # seconds


@dataclass(frozen=True)
class Settings:
    """Parameter names of the template are the environment's keys.

    `keys` is what every key of programs begins with, empty where they may have any.
    """

    bucket: str
    keys: str
    nonces_table: str
    api_url: str
    days_to_live: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises SettingsError that names the parameter and the value."""
        return cls(
            bucket=required(environment, "FileExchangeBucketName"),
            keys=required(environment, "ProgramsKeys").removesuffix("*"),
            nonces_table=required(environment, "NoncesTableName"),
            api_url=required(environment, "ProgramsApiUrl"),
            days_to_live=positive(environment, "ExchangableObjectsTTL", MOST_DAYS),
        )


class Store(FileStore, Protocol):
    """The part of an S3 client that Programs uses."""

    def create_multipart_upload(self, *args: Any, **parameters: Any) -> Any: ...

    def complete_multipart_upload(self, *args: Any, **parameters: Any) -> Any: ...

    def abort_multipart_upload(self, *args: Any, **parameters: Any) -> Any: ...


@dataclass(frozen=True)
class Services:
    """`signer` is called per answer, for credentials are renewed."""

    store: Store
    nonces: Nonces
    signer: Callable[[], Signer]
    clock: Callable[[], datetime]
    random_bytes: RandomBytes = token_bytes
    sleep: Callable[[float], None] = time.sleep

    def download_url(self, file: StoredFile, identifier: str, starts_within: timedelta) -> str:
        """To this version, under the file's own name; S3's access log shows the identifier."""
        now, signer = self.clock(), self.signer()
        return download_url(file, identifier, starts_within, now, self.store, signer)

    def pause(self, tries: int) -> bool:
        """Wait before another try, after so many; False when there were enough."""
        if tries >= len(_PAUSES):
            return False
        self.sleep(_PAUSES[tries])
        return True
