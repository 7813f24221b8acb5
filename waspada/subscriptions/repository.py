"""SQL about subscriptions. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement

from waspada.alerts.items import under
from waspada.digests.types import Period
from waspada.errors import NotFoundError
from waspada.notify import outbox
from waspada.notify.messages import Channel
from waspada.places import is_within
from waspada.store.tables import DeliveryRow, DigestCorrectionRow, DigestRow, SubscriptionRow, SubscriptionSendRow
from waspada.store.upsert import insert_into
from waspada.subscriptions.policy import days_of
from waspada.subscriptions.sealing import AddressBook
from waspada.subscriptions.types import (
    EndReason,
    Figures,
    Rhythm,
    Send,
    SendKind,
    SendState,
    SkipReason,
    Subscription,
    SubscriptionFilter,
    SubscriptionState,
    Topic,
)

#: Confirmed and not ended: digests of it may come due.
IS_LIVE = SubscriptionRow.confirmed_at.is_not(None) & SubscriptionRow.ended_at.is_(None)


def as_topic(row: SubscriptionRow) -> Topic:
    return Topic(row.region, tuple(row.labels), row.min_level, row.language)


def as_rhythm(row: SubscriptionRow) -> Rhythm:
    return Rhythm(Period(row.period), days_of(row.days), row.hour, row.zone, row.quiet_from, row.quiet_until)


def as_subscription(row: SubscriptionRow, book: AddressBook) -> Subscription:
    return Subscription(
        id=row.id,
        channel=Channel(row.channel),
        shown=book.shown(row),
        topic=as_topic(row),
        rhythm=as_rhythm(row),
        created_at=row.created_at,
        created_by=row.created_by,
        opt_in_at=row.opt_in_at,
        confirmed_at=row.confirmed_at,
        paused_until=row.paused_until,
        next_due_at=row.next_due_at,
        ended_at=row.ended_at,
        end_reason=EndReason(row.end_reason) if row.end_reason else None,
        bounces=row.bounces,
    )


def row_of(session: Session, subscription_id: int, *, within: str | None = None, lock: bool = False) -> SubscriptionRow:
    """Raises NotFoundError, also for one outside the region that somebody is bound to."""
    found = session.get(SubscriptionRow, subscription_id, with_for_update=lock or None, populate_existing=lock)
    if found is None or not is_within(found.region, within or ""):
        raise NotFoundError(f"There is no subscription {subscription_id} in your area.", hint="See the list of them.")
    return found


def search(
    session: Session, asked: SubscriptionFilter, now: datetime, *, before_id: int | None = None, limit: int
) -> Sequence[SubscriptionRow]:
    """The newest first."""
    query = select(SubscriptionRow).where(*_matching(asked, now))
    if before_id is not None:
        query = query.where(SubscriptionRow.id < before_id)
    return session.scalars(query.order_by(SubscriptionRow.id.desc()).limit(limit)).all()


def count(session: Session, asked: SubscriptionFilter, now: datetime) -> int:
    query = select(func.count()).select_from(SubscriptionRow).where(*_matching(asked, now))
    return session.scalar(query) or 0


def at_address(session: Session, digest: str) -> Sequence[SubscriptionRow]:
    """The subscriptions of one address that did not end."""
    query = select(SubscriptionRow).where(SubscriptionRow.digest == digest, SubscriptionRow.ended_at.is_(None))
    return session.scalars(query.order_by(SubscriptionRow.id)).all()


def asked_since(session: Session, digest: str, since: datetime) -> Sequence[datetime]:
    """When an address was asked to confirm something, the newest last; also for subscriptions that ended."""
    query = (
        select(SubscriptionSendRow.at)
        .join(SubscriptionRow, SubscriptionRow.id == SubscriptionSendRow.subscription_id)
        .where(
            SubscriptionRow.digest == digest,
            SubscriptionSendRow.kind == SendKind.OPT_IN,
            SubscriptionSendRow.at > since,
        )
    )
    return session.scalars(query.order_by(SubscriptionSendRow.at)).all()


def made_since(session: Session, by: str, since: datetime) -> int:
    """How many subscriptions were made by an account, or by strangers."""
    query = select(func.count()).where(SubscriptionRow.created_by == by, SubscriptionRow.created_at > since)
    return session.scalar(query) or 0


def note_send(
    session: Session,
    subscription_id: int,
    kind: SendKind,
    occasion: str,
    *,
    day: str,
    now: datetime,
    digest_id: int | None = None,
    skipped: SkipReason | None = None,
) -> int | None:
    """Writes an occasion down; its id, None where it was written down before."""
    row = insert_into(session, SubscriptionSendRow).values(
        subscription_id=subscription_id,
        kind=kind.value,
        occasion=occasion,
        day=day,
        at=now,
        digest_id=digest_id,
        skipped=skipped.value if skipped else "",
    )
    only_once = row.on_conflict_do_nothing(index_elements=["subscription_id", "occasion"])
    return session.scalar(only_once.returning(SubscriptionSendRow.id))


def set_delivery(session: Session, send_id: int, delivery_id: int | None, digest_id: int | None = None) -> None:
    """What was put for an occasion that was written down."""
    send = update(SubscriptionSendRow).where(SubscriptionSendRow.id == send_id)
    session.execute(send.values(delivery_id=delivery_id, digest_id=digest_id))


def set_digest(session: Session, delivery_id: int, digest_id: int) -> None:
    """The digest of a delivery was made anew."""
    sent = update(SubscriptionSendRow).where(SubscriptionSendRow.delivery_id == delivery_id)
    session.execute(sent.values(digest_id=digest_id))


def replace_delivery(session: Session, delivery_id: int, by: int) -> None:
    """The message was put again: what is shown is how the newer one went."""
    sent = update(SubscriptionSendRow).where(SubscriptionSendRow.delivery_id == delivery_id)
    session.execute(sent.values(delivery_id=by))


def has_sent(session: Session) -> bool:
    """Whether any digest was put for anybody."""
    query = select(SubscriptionSendRow.id).where(SubscriptionSendRow.digest_id.is_not(None))
    return session.scalar(query.limit(1)) is not None


def last_told(session: Session, ids: Collection[int]) -> dict[int, datetime]:
    """Subscription -> the moment of the last digest that it got, or may have got; those without one are left out."""
    query = (
        select(SubscriptionSendRow.subscription_id, func.max(DigestRow.at))
        .join(DigestRow, DigestRow.id == SubscriptionSendRow.digest_id)
        .join(DeliveryRow, DeliveryRow.id == SubscriptionSendRow.delivery_id)
        .where(
            SubscriptionSendRow.subscription_id.in_(ids),
            SubscriptionSendRow.kind == SendKind.DIGEST,
            DeliveryRow.sent_at.is_not(None) | outbox.IS_UNCERTAIN,
        )
        .group_by(SubscriptionSendRow.subscription_id)
    )
    return {id_: at for id_, at in session.execute(query)}  # noqa: C416


def uncorrected(session: Session, since: datetime) -> list[tuple[int, int]]:
    """Which live subscriptions had a wrong digest at the address that they have now, or may have had it (it is being
    handed over, or nobody knows), and no correction of it yet: subscription and correction, of those kept since a
    moment."""
    correction, put = aliased(DigestRow), aliased(SubscriptionSendRow)
    is_put = select(put.id).where(
        put.subscription_id == SubscriptionSendRow.subscription_id, put.digest_id == DigestCorrectionRow.correction_id
    )
    query = (
        select(SubscriptionSendRow.subscription_id, DigestCorrectionRow.correction_id)
        .join(DigestCorrectionRow, DigestCorrectionRow.digest_id == SubscriptionSendRow.digest_id)
        .join(correction, correction.id == DigestCorrectionRow.correction_id)
        .join(DeliveryRow, DeliveryRow.id == SubscriptionSendRow.delivery_id)
        .join(SubscriptionRow, SubscriptionRow.id == SubscriptionSendRow.subscription_id)
        .where(
            correction.kept_at >= since,
            SubscriptionSendRow.kind == SendKind.DIGEST,
            DeliveryRow.sent_at.is_not(None) | DeliveryRow.handed_at.is_not(None),
            IS_LIVE,
            SubscriptionSendRow.at >= SubscriptionRow.confirmed_at,  # another address is confirmed anew
            ~is_put.exists(),
        )
        .distinct()
        .order_by(DigestCorrectionRow.correction_id, SubscriptionSendRow.subscription_id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def put_on(session: Session, subscription_id: int, day: str, kind: SendKind) -> int:
    """How many digests, or corrections, were put for a subscription on one of its days."""
    query = select(func.count()).where(
        SubscriptionSendRow.subscription_id == subscription_id,
        SubscriptionSendRow.day == day,
        SubscriptionSendRow.kind == kind,
        SubscriptionSendRow.skipped == "",
    )
    return session.scalar(query) or 0


def opt_ins_of(session: Session, subscription_id: int) -> int:
    query = select(func.count()).where(
        SubscriptionSendRow.subscription_id == subscription_id, SubscriptionSendRow.kind == SendKind.OPT_IN
    )
    return session.scalar(query) or 0


def sends_of(session: Session, subscription_id: int, *, limit: int) -> list[Send]:
    """What a subscription was sent, the newest first."""
    query = (
        select(SubscriptionSendRow, DeliveryRow)
        .outerjoin(DeliveryRow, DeliveryRow.id == SubscriptionSendRow.delivery_id)
        .where(SubscriptionSendRow.subscription_id == subscription_id)
        .order_by(SubscriptionSendRow.id.desc())
        .limit(limit)
    )
    return [_send(send, delivery) for send, delivery in session.execute(query)]


def subscription_of_delivery(session: Session, delivery_id: int) -> SubscriptionRow | None:
    query = (
        select(SubscriptionRow)
        .join(SubscriptionSendRow, SubscriptionSendRow.subscription_id == SubscriptionRow.id)
        .where(SubscriptionSendRow.delivery_id == delivery_id)
    )
    return session.scalar(query.with_for_update(of=SubscriptionRow))


def arrived_since(session: Session, subscription_id: int, since: datetime) -> bool:
    """Whether something was taken since then, and did not come back."""
    query = (
        select(DeliveryRow.id)
        .join(SubscriptionSendRow, SubscriptionSendRow.delivery_id == DeliveryRow.id)
        .where(SubscriptionSendRow.subscription_id == subscription_id, DeliveryRow.sent_at > since)
    )
    return session.scalar(query.limit(1)) is not None


def due(session: Session, now: datetime, channels: Collection[str], limit: int) -> Sequence[SubscriptionRow]:
    """The live subscriptions whose next digest is due, the one that waited longest first."""
    query = select(SubscriptionRow).where(
        IS_LIVE, SubscriptionRow.next_due_at <= now, SubscriptionRow.channel.in_(channels)
    )
    return session.scalars(query.order_by(SubscriptionRow.next_due_at, SubscriptionRow.id).limit(limit)).all()


def waiting_bulk(session: Session, channel: str, until: datetime) -> int:
    """How many digests wait on a channel that are tried by then."""
    query = select(func.count()).where(outbox.IS_WAITING, DeliveryRow.bulk.is_(True), DeliveryRow.channel == channel)
    query = query.where(DeliveryRow.next_try_at <= until)
    return session.scalar(query) or 0


def figures(session: Session, now: datetime) -> Figures:
    week = now - timedelta(days=7)
    live = select(func.count()).select_from(SubscriptionRow).where(IS_LIVE)
    uncertain = select(func.count()).where(outbox.IS_UNCERTAIN, DeliveryRow.bulk, DeliveryRow.failed_at > week)
    bounced = select(func.count()).where(SubscriptionRow.bounced_at > week)
    return Figures(
        live=session.scalar(live) or 0,
        overdue=session.scalar(live.where(SubscriptionRow.next_due_at < now - timedelta(hours=1))) or 0,
        uncertain=session.scalar(uncertain) or 0,
        bounced=session.scalar(bounced) or 0,
    )


def state_of(row: DeliveryRow) -> SendState:
    if row.sent_at is not None:
        return SendState.SENT
    if row.failed_at is not None:
        return SendState.UNCERTAIN if row.handed_at is not None else SendState.FAILED
    return SendState.DROPPED if row.dropped_at is not None else SendState.WAITING


def _send(send: SubscriptionSendRow, delivery: DeliveryRow | None) -> Send:
    skipped = SkipReason(send.skipped) if send.skipped else None
    state = SendState.GONE if delivery is None else state_of(delivery)
    return Send(
        id=send.id,
        kind=SendKind(send.kind),
        occasion=send.occasion,
        at=send.at,
        state=state if skipped is None else SendState.SKIPPED,
        digest_id=send.digest_id,
        delivery_id=send.delivery_id,
        skipped=skipped,
        ended_at=(delivery.sent_at or delivery.failed_at or delivery.dropped_at) if delivery else None,
        attempts=delivery.attempts if delivery else 0,
        problem=delivery.last_problem if delivery else "",
    )


def _matching(asked: SubscriptionFilter, now: datetime) -> list[ColumnElement[bool]]:
    found = [under(SubscriptionRow.region, region) for region in (asked.region, asked.within) if region is not None]
    if asked.channel is not None:
        found.append(SubscriptionRow.channel == asked.channel.value)
    return [*found, *_is(asked.state, now)]


def _is(state: SubscriptionState | None, now: datetime) -> list[ColumnElement[bool]]:
    is_paused = and_(SubscriptionRow.paused_until.is_not(None), SubscriptionRow.paused_until > now)
    is_awake = or_(SubscriptionRow.paused_until.is_(None), SubscriptionRow.paused_until <= now)
    match state:
        case None:
            return []
        case SubscriptionState.ENDED:
            return [SubscriptionRow.ended_at.is_not(None)]
        case SubscriptionState.WAITING:
            return [SubscriptionRow.ended_at.is_(None), SubscriptionRow.confirmed_at.is_(None)]
        case SubscriptionState.PAUSED:
            return [IS_LIVE, is_paused]
        case SubscriptionState.ACTIVE:
            return [IS_LIVE, is_awake]
