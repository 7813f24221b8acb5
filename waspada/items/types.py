"""The shapes of an item on its way into the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from waspada.taxonomy import ItemKind


class StoreOutcome(StrEnum):
    """What storing an item did. An edited article is a new version, never a new item."""

    NEW = "new"
    NEW_VERSION = "new_version"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Stored:
    """Which item a find became, and what storing it did."""

    item_id: int
    outcome: StoreOutcome


class Stage(StrEnum):
    """How far an item has come; every job takes the items of the stage before its own."""

    NEW = "new"
    TAGGED = "tagged"
    GROUPED = "grouped"
    REJECTED = "rejected"  # kept aside, listed in `rejects`


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item as a collector found it.

    `url_key` is `waspada.items.policy.url_key` of the canonical URL and the item's identity. `handle` is the author's
    account of a public post; it is turned into a pseudonym at the door and never stored. `voice` is such a pseudonym
    that came with the data (JSONL); at most one of the two is given.
    """

    source_id: str
    kind: ItemKind
    outlet: str
    url: str
    url_key: str
    title: str
    text: str
    published_at: datetime | None = None
    lang: str | None = None
    handle: str | None = None
    voice: str | None = None
