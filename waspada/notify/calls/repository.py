"""SQL about calls. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.orm import Session

from waspada.alerts.exits import mask
from waspada.alerts.items import under
from waspada.alerts.types import OPEN_STATES, AlertState
from waspada.notify.calls.types import CallView, EndReason, How, Told
from waspada.notify.exercise import marked
from waspada.notify.messages import Channel
from waspada.notify.outbox import IS_WAITING
from waspada.notify.types import Change, Occasion, Shift
from waspada.places import full_name
from waspada.store.tables import (
    AlertPlaceRow,
    AlertRow,
    CallNoticeRow,
    CallRow,
    ContactRow,
    DeliveryRow,
    NoticeRow,
    StoryRow,
    UserRow,
)

#: A notice that is ready for longer without a call is called no more: after an outage only what is fresh interrupts.
FRESH = timedelta(hours=2)
#: So long it is looked what became of a message.
FOLLOWED_FOR = timedelta(days=1)
IS_OPEN = CallRow.ended_at.is_(None)


def about(call_id: int) -> str:
    """How deliveries name a call."""
    return f"call/{call_id}"


def about_alerts(session: Session, alert_ids: Collection[int]) -> list[str]:
    """How deliveries name the calls about these alerts."""
    query = select(CallNoticeRow.call_id).where(CallNoticeRow.alert_id.in_(alert_ids)).distinct()
    return [about(call_id) for call_id in session.scalars(query)]


@dataclass(frozen=True, slots=True)
class ReadyNotice:
    """A notice that became ready, and was not called yet; `is_new`: nobody has its alert in hand."""

    id: int
    alert_id: int
    desk: str
    level: int
    ready_at: datetime
    is_new: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the messages of a call so far."""

    sent_at: datetime | None = None
    failed_at: datetime | None = None
    problem: str = ""


def is_in_use(session: Session) -> bool:
    """Whether anybody ever proved a contact: before, nobody is called and nothing is missed."""
    return session.scalar(select(ContactRow.id).where(ContactRow.verified_at.is_not(None)).limit(1)) is not None


def uncalled(session: Session, desk: str, now: datetime) -> list[ReadyNotice]:
    """Notices of a desk that became ready a short time ago, of alerts that are open; a first one or a repeat only while
    nobody has its alert in hand."""
    called = select(CallNoticeRow.call_id).where(CallNoticeRow.notice_id == NoticeRow.id).exists()
    query = (
        select(NoticeRow, AlertRow.state)
        .join(AlertRow, AlertRow.id == NoticeRow.alert_id)
        .where(NoticeRow.desk == desk, NoticeRow.ready_at > now - FRESH, ~called)
        .where(AlertRow.state.in_([state.value for state in OPEN_STATES]))
        .where(or_(AlertRow.state == AlertState.NEW, NoticeRow.kind == Occasion.UPDATE))
        .order_by(NoticeRow.id)
    )
    return [
        ReadyNotice(
            id=row.id,
            alert_id=row.alert_id,
            desk=row.desk,
            level=row.facts["level"],
            ready_at=row.ready_at or now,
            is_new=state == AlertState.NEW,
        )
        for row, state in session.execute(query)
    ]


def has_call(session: Session, alert_id: int) -> bool:
    return session.scalar(select(CallNoticeRow.call_id).where(CallNoticeRow.alert_id == alert_id).limit(1)) is not None


def first_call(session: Session, alert_id: int) -> CallRow | None:
    """The first call about an alert."""
    query = select(CallRow).join(CallNoticeRow, CallNoticeRow.call_id == CallRow.id)
    return session.scalar(query.where(CallNoticeRow.alert_id == alert_id).order_by(CallRow.id).limit(1))


def open_chains(session: Session) -> dict[int, list[CallRow]]:
    """The chains of which a call is open, with all their calls, oldest first."""
    chains = select(CallRow.chain_id).where(IS_OPEN).distinct()
    found: dict[int, list[CallRow]] = {}
    for row in session.scalars(select(CallRow).where(CallRow.chain_id.in_(chains)).order_by(CallRow.id)):
        found.setdefault(row.chain_id or row.id, []).append(row)
    return found


def subjects(session: Session, chain_id: int) -> list[tuple[CallNoticeRow, AlertState]]:
    """What a chain is about, with how its alerts stand now; one whose story was merged stands as the one it went to."""
    query = (
        select(CallNoticeRow, AlertRow)
        .join(AlertRow, AlertRow.id == CallNoticeRow.alert_id)
        .where(CallNoticeRow.call_id == chain_id)
        .order_by(CallNoticeRow.alert_id)
    )
    found = [(row, merged_into(session, alert) or alert) for row, alert in session.execute(query)]
    return [(row, AlertState(alert.state)) for row, alert in found]


def unsettled(session: Session, now: datetime) -> list[CallRow]:
    """Calls of which it is not known yet whether a channel had their message."""
    query = select(CallRow).where(
        CallRow.made_at > now - FOLLOWED_FOR,
        CallRow.sent_at.is_(None),
        CallRow.failed_at.is_(None),
        CallRow.held_at.is_(None),
        CallRow.how != How.NOBODY,
    )
    return list(session.scalars(query))


def unwritten(session: Session, calls: Collection[CallRow]) -> list[CallRow]:
    """Those whose message was taken back: it is to be written anew."""
    names = [about(row.id) for row in calls]
    written = set(session.scalars(select(DeliveryRow.about).where(DeliveryRow.about.in_(names))))
    return [row for row in calls if row.ended_at is None and about(row.id) not in written]


def outcomes(session: Session, calls: Collection[CallRow]) -> dict[int, Outcome]:
    """Call -> what became of its messages. One that was dropped with its chain is neither sent nor failed."""
    found = {row.id: Outcome(row.sent_at, row.failed_at, row.problem) for row in calls}
    open_ = {about(row.id): row.id for row in calls if row.sent_at is None and row.failed_at is None}
    query = select(
        DeliveryRow.about,
        func.min(DeliveryRow.sent_at),
        func.max(DeliveryRow.failed_at),
        func.count().filter(IS_WAITING),
        func.max(DeliveryRow.last_problem),
    ).where(DeliveryRow.about.in_(open_))
    for name, sent_at, failed_at, waiting, problem in session.execute(query.group_by(DeliveryRow.about)):
        if sent_at is not None:
            found[open_[name]] = Outcome(sent_at=sent_at)
        elif failed_at is not None and not waiting:
            found[open_[name]] = Outcome(failed_at=failed_at, problem=problem or "")
    return found


def calls_in(session: Session, user_id: int, shift: Shift) -> tuple[int, int]:
    """How often an account was called in a shift, and how many calls were held back from it."""
    counted = select(func.count(CallRow.held_at), func.count()).where(
        CallRow.user_id == user_id,
        CallRow.made_at >= shift.start,
        CallRow.made_at < shift.end,
        CallRow.exercise.is_(False),
    )
    held, all_ = session.execute(counted).one()
    return all_ - held, held


def told(session: Session, alert_ids: Sequence[int], notice_ids: Collection[int]) -> list[Told]:
    """What a message says of these alerts, the highest level first; all words of content are masked here."""
    main = and_(AlertPlaceRow.alert_id == AlertRow.id, AlertPlaceRow.position == 0)
    query = select(AlertRow, AlertPlaceRow.code).outerjoin(AlertPlaceRow, main).where(AlertRow.id.in_(alert_ids))
    notices = {
        row.alert_id: row for row in session.scalars(select(NoticeRow).where(NoticeRow.id.in_(list(notice_ids))))
    }
    order = (AlertRow.level.desc(), AlertRow.score.desc(), AlertRow.id)
    return [_told(row, code, notices.get(row.id)) for row, code in session.execute(query.order_by(*order))]


def search(
    session: Session,
    desk: str | None = None,
    *,
    within: str | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[CallView]:
    """Calls, the newest first; of one desk, or of all in a region."""
    query = _views().order_by(CallRow.id.desc()).limit(limit)
    if desk is not None:
        query = query.where(CallRow.desk == desk)
    if within is not None:
        query = query.where(under(CallRow.desk, within))
    if before_id is not None:
        query = query.where(CallRow.id < before_id)
    return _as_views(session, query)


def one(session: Session, call_id: int) -> CallView | None:
    return next(iter(_as_views(session, _views().where(CallRow.id == call_id))), None)


def since(session: Session, moment: datetime, desk: str | None = None) -> list[CallView]:
    """The calls made since a moment, newest first; exercises are among them."""
    query = _views().where(CallRow.made_at >= moment).order_by(CallRow.id.desc())
    return _as_views(session, query if desk is None else query.where(CallRow.desk == desk))


def end_chain(session: Session, chain_id: int, reason: EndReason, now: datetime) -> list[int]:
    """Ends the open calls of a chain; returns their ids."""
    ended = update(CallRow).where(CallRow.chain_id == chain_id, IS_OPEN)
    return list(session.scalars(ended.values(ended_at=now, end_reason=reason.value).returning(CallRow.id)))


def sent_words(session: Session, call_id: int) -> DeliveryRow | None:
    """A message of a call as it was sent, by the channel that says most."""
    rows = session.scalars(select(DeliveryRow).where(DeliveryRow.about == about(call_id))).all()
    order = {channel.value: position for position, channel in enumerate(Channel)}
    return min(rows, key=lambda row: (order.get(row.channel, len(order)), row.id), default=None)


def merged_into(session: Session, alert: AlertRow) -> AlertRow | None:
    """The alert that speaks for the items of one whose story was merged; None where it speaks for itself."""
    story = session.get(StoryRow, alert.story_id)
    seen = {alert.story_id}
    while story is not None and story.merged_into is not None and story.merged_into not in seen:
        seen.add(story.merged_into)
        story = session.get(StoryRow, story.merged_into)
    if story is None or story.id == alert.story_id:
        return None
    return session.scalar(select(AlertRow).where(AlertRow.story_id == story.id))


def _told(row: AlertRow, code: str | None, notice: NoticeRow | None) -> Told:
    headline = mask(row.headline)
    return Told(
        alert_id=row.id,
        headline=marked(headline) if row.exercise else headline,
        place=full_name(code) if code else "",
        label=row.label,
        level=row.level,
        confidence=row.confidence,
        outlets=row.outlet_count,
        voices=row.voice_count,
        why=mask(row.why),
        is_verified=row.state == AlertState.VERIFIED,
        kind=Occasion(notice.kind) if notice else None,
        changes=tuple(Change(word) for word in notice.facts["changes"]) if notice else (),
    )


def _views() -> Select[CallRow, str | None]:
    return select(CallRow, UserRow.name).outerjoin(UserRow, UserRow.id == CallRow.user_id)


def _as_views(session: Session, query: Select[CallRow, str | None]) -> list[CallView]:
    rows = [(row, name) for row, name in session.execute(query)]
    alerts: dict[int, list[int]] = {}
    channels: dict[int, list[str]] = {}
    ids = [row.id for row, _ in rows]
    of_calls = select(CallNoticeRow.call_id, CallNoticeRow.alert_id).where(CallNoticeRow.call_id.in_(ids))
    for call_id, alert_id in session.execute(of_calls.order_by(CallNoticeRow.alert_id)):
        alerts.setdefault(call_id, []).append(alert_id)
    sent = select(DeliveryRow.about, DeliveryRow.channel).where(DeliveryRow.about.in_([about(id_) for id_ in ids]))
    for name, channel in session.execute(sent.order_by(DeliveryRow.id)):
        channels.setdefault(int(name.partition("/")[2]), []).append(channel)
    return [_view(row, name, alerts.get(row.id, []), channels.get(row.id, [])) for row, name in rows]


def _view(row: CallRow, user: str | None, alert_ids: Sequence[int], channels: Sequence[str]) -> CallView:
    return CallView(
        id=row.id,
        chain_id=row.chain_id or row.id,
        step=row.step,
        how=How(row.how),
        desk=row.desk,
        user=user,
        level=row.level,
        is_exercise=row.exercise,
        ready_at=row.ready_at,
        made_at=row.made_at,
        sent_at=row.sent_at,
        failed_at=row.failed_at,
        problem=row.problem,
        held_at=row.held_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        escalated_to=row.escalated_to,
        ended_at=row.ended_at,
        end_reason=EndReason(row.end_reason) if row.end_reason else None,
        alert_ids=list(alert_ids),
        channels=list(dict.fromkeys(channels)),
    )
