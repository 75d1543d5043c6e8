"""Deletes files for good, so that every link to them stops working: all versions of their keys,
their delete markers, and with a portal its links.

What the S3 console calls "Delete" only hides a file behind a delete marker, and a direct link
names the version behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from deploy.aws.explain import explain
from deploy.aws.objects import delete_objects
from deploy.errors import DeletionError, S3LinkError
from deploy.lambda_packages import (
    DEAD_LETTERS_LAST,
    Link,
    moment_text,
    one_spelling,
    quoted,
    spellings,
)
from deploy.links.changing import is_changeable, revoke
from deploy.links.portal import PortalLinks, links_of
from deploy.links.reading import ALL_LINKS, read_links
from deploy.removal.buckets import version_pages
from deploy.stacks.lookup import find_portal, require_generator
from deploy.watching.deliveries import ALL_DELIVERIES, Delivery, ledger_of, read_deliveries
from deploy.wording import shell_word

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ObjectIdentifierTypeDef

    from deploy.aws.clients import Clients
    from deploy.deployment import Deployment

# A direct link works for hours, but its mail may have waited in DeadLetterQueue.
_DIRECT_LINKS_SINCE = DEAD_LETTERS_LAST + timedelta(days=1)
# What is compared with a key that is not there, and how much of it is told.
_KEYS_COMPARED = 10_000
_NEAR_MATCHES = 3


@dataclass(frozen=True)
class StoredFile:
    """Everything under one key, and the links to it that work, or could be made to.

    `versions` are identifiers of S3's, `markers` those of delete markers; `size` is of all.
    """

    key: str
    versions: tuple[ObjectIdentifierTypeDef, ...]
    markers: tuple[ObjectIdentifierTypeDef, ...]
    size: int
    portal_links: tuple[Link, ...] = ()
    direct_links: tuple[Delivery, ...] = ()


@dataclass(frozen=True)
class Deletion:
    """What became of one file; `problems` are sentences, empty when all of it is gone."""

    file: StoredFile
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileExchange:
    """A deployment's files and the links to them."""

    clients: Clients
    deployment: Deployment

    @cached_property
    def bucket(self) -> str:
        """Raises StackError where nothing is deployed."""
        generator = require_generator(self.clients, self.deployment)
        return generator.outputs["FileExchangeBucketName"]

    @cached_property
    def portal(self) -> PortalLinks | None:
        portal = find_portal(self.clients, self.deployment)
        return links_of(self.clients, self.deployment, portal) if portal else None

    def find(self, keys: Sequence[str], now: datetime) -> list[StoredFile]:
        """The files with these keys, each once, in whichever spelling of their characters.

        Raises DeletionError for a key that is not there.
        """
        found = {file.key: file for key in keys for file in self._with_key(key)}
        return self._with_links(list(found.values()), now)

    def delete(self, files: Sequence[StoredFile], now: datetime) -> Iterator[Deletion]:
        """Delete each file, then revoke its links, and say of each whether that went well."""
        for file in files:
            problems = [*self._delete(file), *self._revoke(file, now)]
            yield Deletion(file, tuple(problems))

    def _with_key(self, key: str) -> list[StoredFile]:
        for spelling in spellings(key):
            if file := self._stored(spelling):
                return [file]
        keys = self._keys()
        same = [one for one in keys if one_spelling(one) == one_spelling(key)]
        if same:  # of several spellings in one key
            return [file for one in same if (file := self._stored(one))]
        raise DeletionError(_not_there(key, keys))

    def _stored(self, key: str) -> StoredFile | None:
        versions: list[Any] = []
        markers: list[Any] = []
        for page in version_pages(self.clients, self.bucket, key):
            versions += page.get("Versions", [])
            markers += page.get("DeleteMarkers", [])
            # S3 lists keys in their order, and of all that begin so the key itself comes first.
            if any(one["Key"] != key for one in [*versions, *markers]):
                break
        versions = [one for one in versions if one["Key"] == key]
        markers = [one for one in markers if one["Key"] == key]
        if not versions and not markers:
            return None
        size = sum(one["Size"] for one in versions)
        return StoredFile(key, _identifiers(versions), _identifiers(markers), size)

    def _keys(self) -> list[str]:
        """All keys, those behind delete markers included."""
        keys: dict[str, None] = {}
        for page in version_pages(self.clients, self.bucket):
            for kind in ("Versions", "DeleteMarkers"):
                keys.update((one["Key"], None) for one in page.get(kind, []))
        return sorted(keys)

    def _with_links(self, files: Sequence[StoredFile], now: datetime) -> list[StoredFile]:
        links = read_links(self.portal, ALL_LINKS, now) if self.portal else []
        of_portal = {link.id for link in links}
        direct = [one for one in self._deliveries(now) if one.id not in of_portal]
        return [
            replace(
                file,
                portal_links=tuple(
                    link for link in links if link.key == file.key and is_changeable(link, now)
                ),
                direct_links=tuple(one for one in direct if one.file == file.key),
            )
            for file in files
        ]

    def _deliveries(self, now: datetime) -> list[Delivery]:
        """Those whose links work. A stack may be older than the ledger."""
        ledger = ledger_of(self.clients, require_generator(self.clients, self.deployment))
        if ledger is None:
            return []
        mailed = read_deliveries(ledger, ALL_DELIVERIES, now, now - _DIRECT_LINKS_SINCE)
        return [one for one in mailed if (one.link_expires_at or "") > moment_text(now)]

    def _delete(self, file: StoredFile) -> Iterator[str]:
        """Versions first: without its delete marker, one that stays would be seen again."""
        again = f"run `{self.deployment.command(f'delete {shell_word(file.key)}')}` again"
        for objects in (file.versions, file.markers):
            try:
                failures = delete_objects(self.clients, self.bucket, objects)
            except (ClientError, BotoCoreError) as exc:
                failures = [str(explain(exc) or exc).rstrip(".")]
            if failures:
                more = f", and {len(failures) - 1} more" if len(failures) > 1 else ""
                yield f"{quoted(file.key)} was not deleted: {failures[0]}{more}; {again}."
                return

    def _revoke(self, file: StoredFile, now: datetime) -> Iterator[str]:
        """Their files are gone: a link that stays leads to a page that says so."""
        portal = self.portal
        if portal is None:
            return
        for link in file.portal_links:
            try:
                problem = revoke(portal, link, now).problem
            except (S3LinkError, ClientError, BotoCoreError) as exc:
                problem = str(explain(exc) or exc).rstrip(".")
            if problem:
                command = self.deployment.command(f"links revoke {link.id}")
                yield (
                    f"The link of {link.recipient} to {quoted(file.key)} was not revoked: "
                    f"{problem}; run `{command}`."
                )


def _not_there(key: str, keys: Sequence[str]) -> str:
    """One sentence, with the keys that may be meant."""
    name = one_spelling(key).rpartition("/")[2].casefold()
    near = [one for one in keys if one_spelling(one).rpartition("/")[2].casefold() == name]
    near += get_close_matches(key, list(islice(keys, _KEYS_COMPARED)), _NEAR_MATCHES)
    meant = " or ".join(quoted(one) for one in list(dict.fromkeys(near))[:_NEAR_MATCHES])
    hint = f"did you mean {meant}?" if meant else "the bucket has no key like it."
    return f"Nothing was deleted: there is no file {quoted(key)}; {hint}"


def _identifiers(listed: Sequence[Any]) -> tuple[ObjectIdentifierTypeDef, ...]:
    return tuple({"Key": one["Key"], "VersionId": one["VersionId"]} for one in listed)
