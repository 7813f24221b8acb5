"""SQL about models and the steps with them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from waspada.alerts.items import under
from waspada.alerts.types import FINISHED_STATES
from waspada.errors import NotFoundError
from waspada.labels.policy import Fold, resolved
from waspada.labels.repository import label as as_label
from waspada.labels.types import Label
from waspada.models.types import (
    Against,
    AnsweredItem,
    Comparison,
    Difference,
    Effect,
    Gates,
    InUse,
    ModelEvent,
    ModelMove,
    ModelView,
    Moved,
    Objection,
    Step,
    Verdict,
)
from waspada.store.tables import (
    AlertPlaceRow,
    AlertRow,
    ItemRow,
    ItemVersionRow,
    LabelRow,
    ModelEventRow,
    ModelRow,
    SourceRow,
    StoryItemRow,
    StoryRow,
    TagRow,
)
from waspada.store.turns import take_turns
from waspada.store.upsert import insert_into
from waspada.taxonomy import ItemKind, ItemText, embedding_of

#: Alerts with news within so long are ranked at once after a switch; the others as their items are read anew.
LIVE_FOR = timedelta(days=4)
#: SQLite allows 32,766 variables a statement.
_CHUNK = 500
_LOCK = 0x4D4F444C  # "MODL": one person decides at a time


def lock(session: Session) -> None:
    """Makes those who decide queue up. SQLite has one writer by itself."""
    take_turns(session, _LOCK)


def add(session: Session, **columns: Any) -> bool:
    """A model, unless it is there; False where it was."""
    row = insert_into(session, ModelRow).values(**columns).on_conflict_do_nothing(index_elements=["name"])
    return bool(session.execute(row.returning(ModelRow.name)).all())


def get(session: Session, name: str) -> ModelRow:
    """Raises NotFoundError."""
    row = session.get(ModelRow, name)
    if row is None:
        raise NotFoundError(f"There is no model {name!r}.", hint="`waspada models list` names those that there are.")
    return row


def names(session: Session) -> set[str]:
    return set(session.scalars(select(ModelRow.name)))


def newest_event_id(session: Session) -> int:
    return session.scalar(select(func.max(ModelEventRow.id))) or 0


def events(session: Session, name: str | None = None) -> list[ModelEvent]:
    """The steps with all models, or with one, oldest first."""
    query = select(ModelEventRow).order_by(ModelEventRow.id)
    if name is not None:
        query = query.where((ModelEventRow.model == name) | (ModelEventRow.previous == name))
    return [_event(row) for row in session.scalars(query)]


def views(session: Session, use: InUse) -> list[ModelView]:
    """All models, the one in use first, then the newest."""
    found = [view(row, use) for row in session.scalars(select(ModelRow).order_by(ModelRow.at.desc(), ModelRow.name))]
    return sorted(found, key=lambda one: (not one.is_current, not one.is_shadow))


def view(row: ModelRow, use: InUse) -> ModelView:
    return ModelView(
        name=row.name,
        kind=row.kind,
        base=row.base,
        shipped=row.shipped,
        made_of=row.made_of,
        comparison=comparison_of(row.comparison),
        gates=Gates(**row.gates) if row.gates else None,
        compared_at=row.compared_at,
        actor=row.actor,
        at=row.at,
        is_current=row.name == use.current,
        is_shadow=row.name == use.shadow,
    )


def save_comparison(
    session: Session, name: str, comparison: Comparison | None, gates: Gates | None, now: datetime
) -> None:
    row = get(session, name)
    row.comparison = asdict(comparison) if comparison else None
    row.gates = asdict(gates) if gates else None
    row.compared_at = now


def note(session: Session, event: ModelEvent) -> int:
    row = ModelEventRow(
        what=event.what.value,
        model=event.model,
        previous=event.previous,
        reason=event.reason,
        overridden=[one.value for one in event.overridden],
        actor=event.actor,
        at=event.at,
    )
    session.add(row)
    session.flush()
    return row.id


def rank_live(session: Session, now: datetime) -> None:
    """Has the alerts of the last days ranked anew, with those that fell to nothing: they may come back."""
    live = select(AlertRow.story_id).where(
        AlertRow.last_item_at > now - LIVE_FOR, AlertRow.state.not_in([state.value for state in FINISHED_STATES])
    )
    session.execute(
        update(StoryRow).where(StoryRow.id.in_(live)).values(stale=True).execution_options(synchronize_session=False)
    )


def comparison_of(kept: Mapping[str, Any] | None) -> Comparison | None:
    if kept is None:
        return None
    against = [
        Against(
            one["other"],
            Verdict(one["verdict"]),
            [Difference(**{**line, "verdict": Verdict(line["verdict"])}) for line in one["differences"]],
        )
        for one in kept["against"]
    ]
    effect = _effect(kept.get("effect"))
    return Comparison(kept["model"], kept["rows"], kept["source"], against, effect, kept.get("groups", 0))


def newest_made_of(session: Session, key: str) -> tuple[str, datetime, Any] | None:
    """Name and time of the newest model made here that keeps something under `key` in `made_of`, and what it keeps."""
    query = select(ModelRow.name, ModelRow.at, ModelRow.made_of).where(~ModelRow.shipped)
    for name, at, made_of in session.execute(query.order_by(ModelRow.at.desc(), ModelRow.name)):
        if key in made_of:
            return name, at, made_of[key]
    return None


def answered_items(session: Session, fold: Fold, until: int | None = None) -> list[AnsweredItem]:
    """The items of a fold as persons answered them, whose text is still there; which of several answers counts is
    decided where labels are (`waspada.labels.policy.resolved`).

    Answers for the same story are one group: no draw parts them. Nothing of the test fold is among the items to learn
    from, nor what stands in one story with it by now, nor what says the same word for word. `until` is the last answer
    that counts among those learned from, so that a training that is stopped and goes on learns the same.
    """
    query = (
        select(
            LabelRow,
            ItemVersionRow,
            ItemRow.kind,
            ItemRow.published_at,
            ItemRow.found_at,
            SourceRow.region,
            StoryItemRow.story_id,
        )
        .outerjoin(StoryItemRow, StoryItemRow.item_id == LabelRow.item_id)
        .join(ItemRow, ItemRow.id == LabelRow.item_id)
        .join(
            ItemVersionRow,
            (ItemVersionRow.item_id == LabelRow.item_id) & (ItemVersionRow.version == LabelRow.version),
        )
        .join(SourceRow, SourceRow.id == ItemRow.source_id)
        .where(LabelRow.standing, ItemVersionRow.text != "")
        .order_by(LabelRow.item_id, LabelRow.id)
    )
    rows = session.execute(query if fold is Fold.TRAIN else query.where(LabelRow.fold == fold)).all()
    last = math.inf if until is None else until
    tested = {mark for label, *_, now_in in rows if label.fold == Fold.TEST for mark in _marks(label, now_in)}
    found: dict[int, AnsweredItem] = {}
    answers: dict[int, list[Label]] = {}
    for label, version, kind, published_at, found_at, region, now_in in rows:
        if label.fold != fold or (fold is Fold.TRAIN and (label.id > last or tested & _marks(label, now_in))):
            continue
        given = answers.setdefault(label.item_id, [])
        given.append(as_label(label))
        slices = {"kind": kind, "month": f"{published_at or found_at:%Y-%m}", "region": (region or "-")[:5]}
        text = ItemText(str(label.item_id), version.title, version.text, ItemKind(kind), region)
        group = f"story {label.story_id}" if label.story_id is not None else f"item {label.item_id}"
        found[label.item_id] = AnsweredItem(text, resolved(given), group, slices, label.version)
    return list(found.values())


def _marks(label: LabelRow, now_in: int | None) -> set[str]:
    """By what an answered item is known to belong to another one: its item, its story then and now, its words."""
    stories = {f"story {id_}" for id_ in (label.story_id, now_in) if id_ is not None}
    return stories | {f"item {label.item_id}", f"hash {label.item_hash}"}


def stored_log_odds(
    session: Session, versions: Mapping[int, int], base: str
) -> dict[int, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Log odds and embedding that `base` found for items in these versions, by item, as far as they are stored."""
    found: dict[int, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}
    ids = list(versions)
    for start in range(0, len(ids), _CHUNK):
        chunk = select(TagRow.item_id, TagRow.version, TagRow.model, TagRow.log_odds, TagRow.embedding).where(
            TagRow.item_id.in_(ids[start : start + _CHUNK]), TagRow.log_odds.is_not(None)
        )
        for item_id, version, model, log_odds, embedding in session.execute(chunk):
            if log_odds is not None and versions[item_id] == version and embedding_of(model) == base:
                found[item_id] = (log_odds, embedding)
    return found


def headlines(session: Session, stories: Sequence[int], *, within: str | None = None) -> dict[int, str]:
    """What the stories are called now, unmasked; those that are gone, or have no alert in the region, are left out."""
    query = select(StoryRow.id, StoryRow.headline).where(StoryRow.id.in_(stories))
    if within is not None:
        there = select(AlertRow.story_id).join(AlertPlaceRow, AlertPlaceRow.alert_id == AlertRow.id)
        query = query.where(StoryRow.id.in_(there.where(under(AlertPlaceRow.code, within))))
    return {id_: headline for id_, headline in session.execute(query)}  # noqa: C416 (a row is no tuple)


def _effect(kept: Mapping[str, Any] | None) -> Effect | None:
    if kept is None:
        return None
    moved = [Moved(**{**one, "what": ModelMove(one["what"])}) for one in kept["moved"]]
    counts = {ModelMove(what): n for what, n in kept["counts"].items()}
    return Effect(kept["other"], kept["days"], kept["stories"], counts, moved)


def _event(row: ModelEventRow) -> ModelEvent:
    return ModelEvent(
        id=row.id,
        what=Step(row.what),
        model=row.model,
        previous=row.previous,
        reason=row.reason,
        overridden=[Objection(word) for word in row.overridden],
        actor=row.actor,
        at=row.at,
    )
