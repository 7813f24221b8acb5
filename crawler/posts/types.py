"""What an adapter makes of an API's answer, and what a poll of an API is given to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, TypeAlias

from waspada.clock import parse_when
from waspada.items.policy import clean_text
from waspada.sources.types import Announcement


@dataclass(frozen=True, slots=True)
class Gone:
    """A post that was deleted at its place, by the key of its address."""

    url_key: str


@dataclass(frozen=True, slots=True)
class AccountGone:
    """An account that was deleted at its place. `handle` lives in memory only."""

    handle: str = field(repr=False)


Said: TypeAlias = Announcement | Gone | AccountGone


@dataclass(slots=True)
class Rechecked:
    """Stored posts that were looked at again: key -> as the API gives it now, None for one that it no longer has.

    Of the `refused` ones nothing is known; they wait for their next turn behind all others.
    """

    found: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


class Adapter(Protocol):
    """Pure translation: one thing that an API gave, in plain JSON types, into what it announces and takes back.

    Never raises for what an API may give: what is no public post, or is odd, says nothing.
    """

    def read(self, raw: Mapping[str, Any]) -> Iterator[Said]: ...


@dataclass(frozen=True, slots=True)
class Errand:
    """What a poll of an API is to do besides reading what is new.

    `recheck` are stored posts, key -> address, that may have been deleted since. `cursors` are those of all sources of
    the kind: they hold what was spent of a quota that the sources share.
    """

    now: datetime
    recheck: Mapping[str, str] = field(default_factory=dict)
    cursors: tuple[str | None, ...] = ()


def post(
    url: str, url_key: str, text: str, *, handle: str | None, published_at: object, updated_at: object = None
) -> Announcement | None:
    """A public post; None for one without words."""
    words = clean_text(text)
    if not words:
        return None
    return Announcement(
        url=url,
        url_key=url_key,
        text=words,
        published_at=moment(published_at),
        updated_at=moment(updated_at),
        handle=handle,
    )


def moment(value: object) -> datetime | None:
    """A time of an API (aware date-time or ISO text) as UTC; None for anything else."""
    if isinstance(value, datetime):
        try:
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        except OverflowError:  # the first or last day of all calendars, in another zone
            return None
    return parse_when(value) if isinstance(value, str) else None


def mapping(value: object) -> Mapping[str, Any]:
    """The value where it is an object of the API, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def string(value: object) -> str:
    return value if isinstance(value, str) else ""
