"""The shapes of a search for words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from waspada.alerts.exits import Masked
from waspada.alerts.types import AlertState, ItemView
from waspada.errors import InputError


class SearchOrder(StrEnum):
    NEWEST = "newest"
    BEST = "best"


class PersonSearchError(InputError):
    """A search that names somebody. `words` are those of the query that do, empty for an account or a number."""

    def __init__(self, words: str) -> None:
        what = (
            f'The words "{words}" may name a person.' if words else "This holds an account or a number of somebody's."
        )
        super().__init__(
            f"{what} Waspada looks for events, places, institutions and claims, never for people.",
            hint="Leave the name out and say what happened where. For a body or a place, write what it is before it "
            "(PT, kelurahan, organisasi). If this is wrong, tell an admin of the desk: the audit log has the refusal.",
        )
        self.words = words


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must follow one another, in small letters; one word alone mostly."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """All of `terms` must stand in an item, none of `without` may."""

    terms: Sequence[Term]
    without: Sequence[Term] = ()

    @property
    def plain(self) -> str:
        """The query in one form, whatever its spaces, signs and capitals: for the hash in the audit log."""
        said = [" ".join(term.words) for term in self.terms]
        return "; ".join([*sorted(said), *sorted(f"-{' '.join(term.words)}" for term in self.without)])


@dataclass(frozen=True, slots=True)
class Hit:
    """An item that was found. Title and text may leave; their spans are the words found."""

    item: ItemView
    title: Masked
    text: Masked


@dataclass(frozen=True, slots=True)
class AlertLine:
    """The alert that a group of hits belongs to; its headline is masked where it leaves."""

    id: int
    headline: str
    level: int
    state: AlertState
    last_item_at: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one story, with its alert where it has one that the reader may see."""

    story_id: int | None
    alert: AlertLine | None
    hits: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a search. `next` is where it goes on: an item id (newest) or a rank (best), None at the end."""

    groups: Sequence[Group]
    next: int | None = None

    @property
    def item_ids(self) -> list[int]:
        return [hit.item.id for group in self.groups for hit in group.hits]
