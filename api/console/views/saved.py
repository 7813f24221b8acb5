"""What the templates show of saved views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from api.auth import Caller
from api.console import words
from api.console.filters import FilterForm
from api.console.regions import place_name
from waspada.alerts.exits import mask
from waspada.views.service import MOST_NEW, views
from waspada.views.types import View, ViewFilter


@dataclass(frozen=True, slots=True)
class ViewChip:
    """A saved view above the list. `new` is what to write of its new alerts, empty for none."""

    id: int
    title: str
    new: str
    is_current: bool
    shared: bool


@dataclass(frozen=True, slots=True)
class ViewLine:
    """A saved view in the list of them; `choices` are English words and names of places, to be translated."""

    id: int
    title: str
    owner: str
    shared: bool
    own: bool
    removable: bool
    new: str
    choices: Sequence[str]
    topic: int | None
    created_at: datetime


def chips_of(session: Session, caller: Caller, form: FilterForm, now: datetime) -> tuple[ViewChip, ...]:
    """The views that the reader may use, as they stand above the list that `form` narrows."""
    return tuple(
        ViewChip(
            one.id,
            mask(one.title),
            new_of(one.new),
            FilterForm.of_view(one.filter).address() == form.address(),
            one.shared,
        )
        for one in views(session, caller.identity, now)
    )


def view_line(one: View, caller: Caller, *, is_admin: bool) -> ViewLine:
    own = one.owner == caller.name
    return ViewLine(
        id=one.id,
        title=mask(one.title),
        owner=one.owner,
        shared=one.shared,
        own=own,
        removable=own or is_admin,
        new=new_of(one.new),
        choices=choices_of(one.filter),
        topic=one.filter.topic,
        created_at=one.created_at,
    )


def choices_of(chosen: ViewFilter) -> list[str]:
    """What a view is narrowed by, in words."""
    found = [place_name(chosen.region) if chosen.region else words.EVERY_REGION]
    if chosen.label:
        found.append(words.LABELS.get(chosen.label, chosen.label))
    if chosen.min_level:
        found.append(words.LEVELS_FROM[chosen.min_level])
    found.append(words.STATE_CHOICES.get(chosen.state, chosen.state))
    found.append(words.PERIODS[chosen.period])
    if chosen.mine:
        found.append(words.MINE)
    return found


def new_of(count: int) -> str:
    if not count:
        return ""
    return f"{MOST_NEW}+" if count > MOST_NEW else str(count)
