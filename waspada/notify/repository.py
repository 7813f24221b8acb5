"""SQL about notices, silences, and which alert speaks for another. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Select, and_, case, func, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.sql import ColumnElement

from waspada.access.policy import RIGHTS
from waspada.access.types import Action, Role
from waspada.alerts.items import under
from waspada.alerts.types import AlertState
from waspada.items.standing import heard_since, last_switch
from waspada.items.types import Stage
from waspada.notify import muted, policy
from waspada.notify.holding import Situation, wide_province
from waspada.notify.types import (
    Change,
    DropReason,
    Due,
    Facts,
    HeldReason,
    Notice,
    NoticeState,
    NoticeView,
    Occasion,
    Rules,
    Shift,
    Silence,
    Step,
    Subject,
)
from waspada.settings import Settings
from waspada.store.tables import (
    AlertEventRow,
    AlertParentRow,
    AlertPlaceRow,
    AlertRow,
    ItemRow,
    Json,
    NoticeRow,
    PlaceRow,
    SilenceRow,
    StoryItemRow,
    StoryRow,
    UserRow,
)
from waspada.store.turns import take_turns
from waspada.taxonomy import EVENT_LABELS

#: More live alerts than any desk can look at: beyond them the newest count, so that the cost stays flat.
MAX_ALERTS = 1000
IS_WAITING = NoticeRow.ready_at.is_(None) & NoticeRow.dropped_at.is_(None)
_LOCK = 0x4E4F5449  # "NOTI": one decider at a time, held to the end of the transaction


def lock(session: Session) -> None:
    """Makes those who decide queue up: the cap counts what the one before decided. SQLite has one writer by itself."""
    take_turns(session, _LOCK)


def desks(session: Session, settings: Settings) -> list[str]:
    """The regions whose people are interrupted: the desk's own, and those that readers of alerts are bound to."""
    readers = [role.value for role in Role if Action.READ_ALERTS in RIGHTS[role]]
    bound = select(UserRow.region).where(UserRow.active, UserRow.region.is_not(None), UserRow.role.in_(readers))
    return sorted({settings.region, *(code for code in session.scalars(bound) if code is not None)})


def situation(session: Session, desk: str, rules: Rules, now: datetime) -> Situation:
    """What is to be decided for a desk: its live alerts and those with a notice that waits."""
    newest = (AlertRow.last_item_at.desc(), AlertRow.id.desc())
    live = select(AlertRow).where(*_is_live(desk, rules, now)).order_by(*newest).limit(MAX_ALERTS)
    waiting = select(NoticeRow.alert_id).where(NoticeRow.desk == desk, IS_WAITING)
    held = select(AlertRow).where(AlertRow.id.in_(waiting))
    rows = list({row.id: row for row in (*session.scalars(live), *session.scalars(held))}.values())
    shift = policy.shift_of(now, rules)
    return Situation(
        alerts=_subjects(session, rows, rules, now),
        notices=_notices(session, desk, [row.id for row in rows]),
        silences=silences(session, active_at=now),
        shift=shift,
        used=ready_count(session, desk, shift),
    )


def ready_count(session: Session, desk: str, shift: Shift) -> int:
    """How often a desk was interrupted in a shift."""
    query = select(func.count()).select_from(NoticeRow)
    query = query.where(NoticeRow.desk == desk, NoticeRow.ready_at >= shift.start, NoticeRow.ready_at < shift.end)
    return session.scalar(query) or 0


def apply(session: Session, desk: str, step: Step, now: datetime) -> None:
    """Writes what was decided."""
    alert = step.alert
    row = session.get_one(NoticeRow, step.notice.id) if step.notice else _new(session, desk, step)
    row.revision = alert.revision
    if step.outcome is NoticeState.DROPPED:
        row.dropped_at, row.drop_reason = now, step.drop_reason
    else:
        row.kind, row.facts = step.due.kind, _as_json(alert.facts, step.due.changes)
    if step.outcome is NoticeState.HELD:
        row.held_at = row.held_at or now
        row.held_reason, row.held_by = step.held_reason, step.held_by
    elif step.outcome is NoticeState.READY:
        row.ready_at = now
    session.flush()


def note_raised(session: Session, alert_id: int, desk: str, rules: Rules, now: datetime) -> None:
    """A desk below raised an alert to this one: its notice is ready at once, whatever the cap says; it counts in the
    shift. The caller holds `lock`."""
    row = session.get_one(AlertRow, alert_id)
    (subject,) = _subjects(session, [row], rules, now)
    notice = _new(session, desk, Step(subject, Due(Occasion.RAISED, now), NoticeState.READY))
    notice.ready_at = now
    session.flush()


def search(
    session: Session,
    desk: str,
    states: Collection[NoticeState] = (),
    *,
    before_id: int | None = None,
    limit: int = 50,
) -> list[NoticeView]:
    """Notices of a desk, the newest first; of any state where none is named."""
    query = _views().where(NoticeRow.desk == desk).order_by(NoticeRow.id.desc()).limit(limit)
    if states:
        query = query.where(or_(*(_IN_STATE[state] for state in states)))
    if before_id is not None:
        query = query.where(NoticeRow.id < before_id)
    return [_view(*found) for found in session.execute(query)]


def held_in(session: Session, desk: str, shift: Shift) -> list[NoticeView]:
    """The notices that the cap held back at any time of a shift, the highest level first."""
    own = select(NoticeRow.id).where(NoticeRow.desk == desk)
    not_before = union_all(  # each by an index: the notices of a year are not read
        own.where(IS_WAITING),
        own.where(NoticeRow.ready_at > shift.start),
        own.where(NoticeRow.ready_at.is_(None), NoticeRow.dropped_at > shift.start),
    )
    query = _views().where(
        NoticeRow.id.in_(not_before), NoticeRow.held_reason == HeldReason.CAP, NoticeRow.held_at < shift.end
    )
    return [_view(*found) for found in session.execute(query.order_by(AlertRow.level.desc(), NoticeRow.id))]


def silences(
    session: Session, *, active_at: datetime | None = None, within: str | None = None, limit: int | None = None
) -> list[Silence]:
    """Silences, the newest first: those in force at a moment, or all; `within` narrows to those that touch a region:
    in it, or of a region that holds it."""
    query = select(SilenceRow).order_by(SilenceRow.id.desc()).limit(limit)
    if active_at is not None:
        query = query.where(SilenceRow.ended_at.is_(None), SilenceRow.at <= active_at, SilenceRow.until > active_at)
    if within is not None:
        above = [within[:length] for length in (2, 5, 8) if length < len(within)]
        query = query.where(or_(under(SilenceRow.region, within), SilenceRow.region.in_(above)))
    return [as_silence(row) for row in session.scalars(query)]


def held_by(session: Session, causes: Collection[str]) -> dict[str, int]:
    """How many notices wait for each of these silences or parents; those without any are left out."""
    query = select(NoticeRow.held_by, func.count()).where(IS_WAITING, NoticeRow.held_by.in_(causes))
    return {cause: count for cause, count in session.execute(query.group_by(NoticeRow.held_by))}  # noqa: C416


def relations() -> Select[int, int]:
    """Which alert speaks for which (child, parent), where both are open and neither was merged."""
    child, parent = aliased(AlertRow), aliased(AlertRow)
    query = select(AlertParentRow.alert_id, AlertParentRow.parent_id)
    for one, column in ((child, AlertParentRow.alert_id), (parent, AlertParentRow.parent_id)):
        story = aliased(StoryRow)
        query = query.join(one, one.id == column).join(story, story.id == one.story_id)
        query = query.where(one.state.not_in(policy.FINISHED), story.merged_into.is_(None))
    return query


def as_silence(row: SilenceRow) -> Silence:
    return Silence(
        id=row.id,
        region=row.region,
        label=row.label,
        until=row.until,
        actor=row.actor,
        reason=row.reason,
        at=row.at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        alert_id=row.alert_id,
        item_id=row.item_id,
        level=row.level,
    )


_IN_STATE = {
    NoticeState.READY: NoticeRow.ready_at.is_not(None),
    NoticeState.DROPPED: NoticeRow.dropped_at.is_not(None),
    NoticeState.HELD: IS_WAITING,
}


def _is_live(desk: str, rules: Rules, now: datetime) -> tuple[ColumnElement[bool], ...]:
    places = select(AlertPlaceRow.code).where(AlertPlaceRow.alert_id == AlertRow.id, under(AlertPlaceRow.code, desk))
    return (
        AlertRow.last_item_at > now - policy.LIVE_FOR,
        AlertRow.level >= rules.min_level,
        AlertRow.state.not_in(policy.FINISHED),
        AlertRow.exercise.is_(False),
        places.exists(),
    )


def _subjects(session: Session, rows: Sequence[AlertRow], rules: Rules, now: datetime) -> list[Subject]:
    ids, stories = [row.id for row in rows], [row.story_id for row in rows]
    places: dict[int, list[str]] = {id_: [] for id_ in ids}
    query = select(AlertPlaceRow.alert_id, AlertPlaceRow.code).where(AlertPlaceRow.alert_id.in_(ids))
    for alert_id, code in session.execute(query.order_by(AlertPlaceRow.position)):
        places[alert_id].append(code)
    texts = _texts(session, stories)
    parents = _pairs(session, select(AlertParentRow.alert_id, AlertParentRow.parent_id), AlertParentRow.alert_id, ids)
    stale = set(session.scalars(select(StoryRow.id).where(StoryRow.id.in_(stories), StoryRow.stale)))
    named = _provinces_named(session, [row.story_id for row in rows if _is_of_province(places[row.id])])
    raised = _raised(session, ids, rules.min_level)
    silenced = muted.of_stories(session, stories, now)
    switched_at, heard = _heard_since_switch(session, stories, now)
    found = [
        replace(
            _subject(row, places[row.id], texts.get(row.story_id, 0), row.story_id in named, parents.get(row.id)),
            reached_at=raised.get(row.id, row.opened_at),
            is_ranked=row.story_id not in stale,
            risen_at=row.changed_at,
            model_since=None if row.story_id in heard else switched_at,
        )
        for row in rows
    ]
    return [
        muted.without(session, one, row.story_id, silenced[row.story_id], rules, now)
        if row.story_id in silenced
        else one
        for one, row in zip(found, rows, strict=True)
    ]


def _heard_since_switch(session: Session, stories: list[int], now: datetime) -> tuple[datetime | None, set[int]]:
    """When another model was last put in use, and the stories with a text since; None where that is so long ago that
    whatever interrupts came since."""
    switch = last_switch(session)
    if switch is None or switch.at <= now - policy.LIVE_FOR:
        return None, set()
    return switch.at, heard_since(session, stories, switch.at)


def _raised(session: Session, alert_ids: Sequence[int], floor: int) -> dict[int, datetime]:
    """When alerts last rose from below `floor` to it or above; those that never did are left out."""
    before, after = (AlertEventRow.detail[word].as_integer() for word in ("from", "to"))
    query = select(AlertEventRow.alert_id, func.max(AlertEventRow.at)).where(
        AlertEventRow.alert_id.in_(alert_ids),
        AlertEventRow.action.in_(("raised", "merged")),
        before < floor,
        after >= floor,
    )
    return {id_: at for id_, at in session.execute(query.group_by(AlertEventRow.alert_id))}  # noqa: C416


def _subject(row: AlertRow, places: Sequence[str], texts: int, names_province: bool, parent: int | None) -> Subject:
    return Subject(
        alert_id=row.id,
        revision=row.revision,
        state=AlertState(row.state),
        label=row.label,
        score=row.score,
        place=places[0] if places else None,
        reached_at=row.opened_at,
        last_item_at=row.last_item_at,
        facts=Facts(
            level=row.level,
            labels=frozenset(row.labels).intersection(EVENT_LABELS),
            places=frozenset(code[:5] for code in places),
            outlets=row.outlet_count,
            texts=texts,
        ),
        province=wide_province(places, names_province),
        parent_id=parent,
    )


def _texts(session: Session, stories: Sequence[int]) -> dict[int, int]:
    """How many texts the ranking saw of the stories: items, and every edit of one that was grouped."""
    seen = case((ItemRow.stage == Stage.GROUPED, ItemRow.version), else_=ItemRow.version - 1)
    query = (
        select(StoryItemRow.story_id, func.sum(seen))
        .join(ItemRow, ItemRow.id == StoryItemRow.item_id)
        .group_by(StoryItemRow.story_id)
    )
    return _pairs(session, query, StoryItemRow.story_id, stories)


def _is_of_province(places: Sequence[str]) -> bool:
    return bool(places) and len(places[0]) == 2


def _provinces_named(session: Session, stories: Sequence[int]) -> set[int]:
    """Those of the stories in which a text names a province itself."""
    query = select(StoryItemRow.story_id).join(PlaceRow, PlaceRow.item_id == StoryItemRow.item_id)
    query = query.where(StoryItemRow.story_id.in_(stories), func.length(PlaceRow.code) == 2)
    return set(session.scalars(query.distinct())) if stories else set()


def _notices(session: Session, desk: str, alert_ids: Sequence[int]) -> dict[int, list[Notice]]:
    """The notices of each alert to a desk, oldest first, one that waits last.

    Those that came with a merge have later numbers than their time.
    """
    found: dict[int, list[Notice]] = {id_: [] for id_ in alert_ids}
    settled = func.coalesce(NoticeRow.ready_at, NoticeRow.dropped_at)
    query = select(NoticeRow).where(NoticeRow.desk == desk, NoticeRow.alert_id.in_(alert_ids))
    for row in session.scalars(query.order_by(IS_WAITING, settled, NoticeRow.number)):
        found[row.alert_id].append(_notice(row))
    return found


def _pairs(
    session: Session, query: Select[int, int], column: InstrumentedAttribute[int], ids: Sequence[int]
) -> dict[int, int]:
    return {key: value for key, value in session.execute(query.where(column.in_(ids)))}  # noqa: C416 (rows, no tuples)


def _new(session: Session, desk: str, step: Step) -> NoticeRow:
    last = select(func.max(NoticeRow.number)).where(NoticeRow.alert_id == step.alert.alert_id, NoticeRow.desk == desk)
    row = NoticeRow(
        alert_id=step.alert.alert_id,
        desk=desk,
        number=(session.scalar(last) or 0) + 1,
        kind=step.due.kind,
        revision=step.alert.revision,
        facts=_as_json(step.alert.facts, step.due.changes),
        due_at=step.due.at,
    )
    session.add(row)
    return row


def _as_json(facts: Facts, changes: Sequence[Change]) -> Json:
    return {
        "level": facts.level,
        "labels": sorted(facts.labels),
        "places": sorted(facts.places),
        "outlets": facts.outlets,
        "texts": facts.texts,
        "changes": [change.value for change in changes],
    }


def _notice(row: NoticeRow) -> Notice:
    kept = row.facts
    return Notice(
        id=row.id,
        alert_id=row.alert_id,
        number=row.number,
        kind=Occasion(row.kind),
        due_at=row.due_at,
        facts=Facts(
            level=kept["level"],
            labels=frozenset(kept["labels"]),
            places=frozenset(kept["places"]),
            outlets=kept["outlets"],
            texts=kept["texts"],
        ),
        changes=tuple(Change(word) for word in kept["changes"]),
        held_at=row.held_at,
        held_reason=HeldReason(row.held_reason) if row.held_reason else None,
        held_by=row.held_by,
        ready_at=row.ready_at,
        dropped_at=row.dropped_at,
        drop_reason=DropReason(row.drop_reason) if row.drop_reason else None,
    )


def _views() -> Select[NoticeRow, AlertRow, str | None]:
    main = and_(AlertPlaceRow.alert_id == AlertRow.id, AlertPlaceRow.position == 0)
    query = select(NoticeRow, AlertRow, AlertPlaceRow.code).join(AlertRow, AlertRow.id == NoticeRow.alert_id)
    return query.outerjoin(AlertPlaceRow, main)


def _view(row: NoticeRow, alert: AlertRow, place: str | None) -> NoticeView:
    notice = _notice(row)
    state = NoticeState.READY if notice.ready_at else NoticeState.DROPPED if notice.dropped_at else NoticeState.HELD
    return NoticeView(
        notice=notice,
        state=state,
        desk=row.desk,
        label=alert.label,
        place=place,
        headline=alert.headline,
        alert_state=AlertState(alert.state),
    )
