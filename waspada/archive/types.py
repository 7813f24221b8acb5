"""The shapes of an archived page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class RawPage:
    """An answer as a collector got it: `body` after transfer and content decoding, `headers` in small letters."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeptBody:
    """A body that stands in the archive folder."""

    sha256: str
    body_bytes: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """One row of the archive; `page_url` is the item's canonical address, `url` where the answer came from."""

    id: int
    item_id: int
    page_url: str
    url: str
    status: int
    headers: Mapping[str, str]
    fetched_at: datetime
    sha256: str
    body_bytes: int
    stored_bytes: int


class FileState(StrEnum):
    WHOLE = "whole"
    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A body read back. `body` is b"" unless the state is WHOLE."""

    state: FileState
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that lies in the archive folder.

    `sha256` names the content that it holds or, kept aside, should have held; None for drafts and foreign files there.
    """

    path: str
    sha256: str | None
    is_draft: bool
    is_aside: bool
    changed_at: datetime


@dataclass(slots=True)
class CheckReport:
    """What looking at every archived page found."""

    whole: int = 0
    missing: list[ArchivedPage] = field(default_factory=list)
    damaged: list[ArchivedPage] = field(default_factory=list)
    stored_bytes: int = 0

    @property
    def is_fine(self) -> bool:
        return not self.missing and not self.damaged
