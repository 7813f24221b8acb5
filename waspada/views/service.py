"""Saving, renaming, removing and looking at views.

Functions that change something run in the caller's transaction (`Store.write`); the caller writes the audit line in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from waspada.access.types import ForbiddenError, Identity, Role
from waspada.alerts import repository as alerts
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.items.policy import clean_title
from waspada.places import is_within, place
from waspada.store.tables import SavedViewRow, UserRow, ViewLookRow
from waspada.taxonomy import MAX_LEVEL, Label
from waspada.topics import repository as topics
from waspada.topics.names import name_problem
from waspada.views import repository
from waspada.views.types import STATE_CHOICES, NewView, View, ViewFilter, ViewSaved

MAX_TITLE = 60
MOST_VIEWS = 40
#: New alerts of a view are counted no further; a page says "99+".
MOST_NEW = 99


class ViewTitleError(InputError):
    """A title that cannot be used; `words` are those that name a person, empty where it is only too short or long."""

    def __init__(self, message: str, *, hint: str, words: str = "", account: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.words, self.account = words, account

    @property
    def names_somebody(self) -> bool:
        return bool(self.words) or self.account


def views(session: Session, reader: Identity, now: datetime) -> list[View]:
    """What an account may use, each with how many alerts are new to it."""
    found = repository.visible(session, reader.user_id, within=reader.region)
    looked = repository.looks(session, reader.user_id, [one.id for one in found])
    return [replace(one, new=_new(session, one, looked.get(one.id, 0), reader, now)) for one in found]


def view(session: Session, view_id: int, reader: Identity, now: datetime) -> View:
    """One view with what is new. Raises NotFoundError, also for somebody else's that is not shared or lies outside the
    reader's region."""
    found = repository.view(session, view_id, reader.user_id, within=reader.region)
    looked = repository.looks(session, reader.user_id, [view_id])
    return replace(found, new=_new(session, found, looked.get(view_id, 0), reader, now))


def save(session: Session, new: NewView, *, owner: Identity, now: datetime) -> ViewSaved:
    """A new view. An account that is bound to a region saves none that is wider.

    Raises ViewTitleError (no title, too long, a person's name), InputError or NotFoundError (a choice that there is
    not, or outside the account's region) and ConflictError (a view of this title already, or too many).
    """
    title = _title(session, new.title, owner.user_id)
    wanted = _checked(session, new.filter, owner)
    if repository.count_of(session, owner.user_id) >= MOST_VIEWS:
        raise ConflictError(f"An account has at most {MOST_VIEWS} views.", hint="Remove one first.")
    row = SavedViewRow(
        user_id=owner.user_id,
        title=title,
        shared=new.shared,
        region=wanted.region,
        label=wanted.label,
        min_level=wanted.min_level,
        state=wanted.state,
        period=wanted.period.value,
        topic_id=wanted.topic,
        mine=wanted.mine,
        created_at=now,
    )
    session.add(row)
    session.flush()
    look(session, row.id, owner.user_id)
    return ViewSaved(owner.name, repository.as_view(row, owner.name), now)


def change(
    session: Session,
    view_id: int,
    *,
    owner: Identity,
    title: str | None = None,
    shared: bool | None = None,
    now: datetime,
) -> ViewSaved:
    """Another title, shared or not; None leaves it. Raises as `save` does, and ForbiddenError for somebody else's."""
    row = _own(session, view_id, owner)
    if title is not None:
        row.title = _title(session, title, owner.user_id, but=view_id)
    if shared is not None:
        row.shared = shared
    session.flush()
    return ViewSaved(owner.name, repository.as_view(row, owner.name), now)


def remove(session: Session, view_id: int, *, actor: Identity) -> View:
    """Erases a view, its feed and everybody's place in it. One's own; an admin also what others share.

    Raises NotFoundError, and ForbiddenError for somebody else's.
    """
    found = repository.view(session, view_id, actor.user_id, within=actor.region)
    if found.owner != actor.name and actor.role is not Role.ADMIN:
        raise ForbiddenError(f"The view {view_id} is of {found.owner}.", hint="Ask its owner or an admin.")
    session.delete(repository.own_row(session, view_id))
    session.flush()
    return found


def remove_any(session: Session, view_id: int) -> View:
    """The same for an operator at the machine. Raises NotFoundError."""
    row = repository.own_row(session, view_id)
    found = repository.as_view(row, session.get_one(UserRow, row.user_id).name)
    session.delete(row)
    session.flush()
    return found


def look(session: Session, view_id: int, user_id: int) -> None:
    """The account looks at the view now: every alert that there is has been seen in it."""
    newest = repository.newest_alert(session)
    row = session.get(ViewLookRow, (view_id, user_id))
    if row is None:
        session.add(ViewLookRow(view_id=view_id, user_id=user_id, alert_id=newest))
    else:
        row.alert_id = newest
    session.flush()


def _new(session: Session, one: View, since: int, reader: Identity, now: datetime) -> int:
    wanted = replace(one.filter.as_filter(within=reader.region, reader=reader.name, now=now), after_id=since)
    return alerts.count(session, wanted, at_most=MOST_NEW + 1)


def _own(session: Session, view_id: int, owner: Identity) -> SavedViewRow:
    found = repository.view(session, view_id, owner.user_id, within=owner.region)
    if found.owner != owner.name:
        raise ForbiddenError(f"The view {view_id} is of {found.owner}.", hint="Save one of your own.")
    return repository.own_row(session, view_id)


def _title(session: Session, given: str, user_id: int, *, but: int | None = None) -> str:
    title = clean_title(given)
    if not title or len(title) > MAX_TITLE:
        raise ViewTitleError(
            f"The title needs 1 to {MAX_TITLE} characters.", hint="Say what the view shows, such as the region."
        )
    problem = name_problem(title)
    if problem is not None:
        named = f'names a person ("{problem.words}")' if problem.words else "holds an account or somebody's number"
        raise ViewTitleError(
            f"The title {named}.",
            hint="Call it after a place or a matter; a body needs the word for what it is before it (PT, yayasan).",
            words=problem.words,
            account=not problem.words,
        )
    if repository.has_title(session, user_id, title, but=but):
        raise ConflictError("You have a view of this title already.", hint="Take another title.")
    return title


def _checked(session: Session, wanted: ViewFilter, owner: Identity) -> ViewFilter:
    region = wanted.region or owner.region
    if region is not None and place(region) is None:
        raise NotFoundError(f"There is no region {region!r}.", hint="Give a Kemendagri code such as 63 or 63.71.")
    if region is not None and owner.region is not None and not is_within(region, owner.region):
        raise NotFoundError(f"The region {region} lies outside your area.", hint=f"Choose one within {owner.region}.")
    _check_choice("label", wanted.label, [label.value for label in Label])
    _check_choice("state", wanted.state, STATE_CHOICES)
    if not 0 <= wanted.min_level <= MAX_LEVEL:
        raise InputError(f"The level {wanted.min_level} is none.", hint=f"Give 0 to {MAX_LEVEL}.")
    if wanted.topic is not None:
        topics.check_readable(session, wanted.topic, within=owner.region)
    return replace(wanted, region=region)


def _check_choice(what: str, given: str | None, known: Sequence[str]) -> None:
    if given is not None and given not in known:
        raise InputError(f"The {what} {given!r} is not known.", hint=f"Use one of: {', '.join(known)}.")
