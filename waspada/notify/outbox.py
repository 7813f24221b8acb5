"""Everything that leaves by itself goes through here: a row first, in the transaction of what it tells, then a try.

A message is put once (`Message.key`) and sent at least once: a worker that is killed between sending and noting it
leaves a message that is sent a second time when its lease ends, and none is lost. Two workers never hold the same one.
What nobody here can send waits, is counted, and stands in nobody's way.

Bulk messages (digests) are sent at most once: that one is handed over is written down in the moment before the other
side takes it on. Where the worker ends there, or no answer comes, the message is *uncertain*: it is listed and not sent
again by itself, since a digest that arrives twice costs the trust of everybody who gets it. They have a run of their
own (`run_bulk`), so that nothing urgent waits behind thousands of them, and a pace a channel. What else goes to
subscribers (a list that is imported asks a thousand people to confirm) goes after everything that is of the desk, and a
few at a time.

Bodies hold only what `waspada.alerts.exits.mask` has passed; whoever puts a message masks it before. Everything but
`run_once` works in the caller's transaction and never commits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from waspada.errors import WaspadaError
from waspada.escalations import gate
from waspada.notify.attempts import MAX_ATTEMPTS, next_try
from waspada.notify.messages import (
    Channel,
    Delivery,
    GivenUp,
    Held,
    Message,
    Outcome,
    Retry,
    Sender,
    Sent,
    Unknown,
    WithdrawnError,
)
from waspada.store import Store
from waspada.store.tables import DeliveryRow
from waspada.store.turns import take_turns
from waspada.store.upsert import insert_into

__all__ = [
    "LEASE",
    "Channel",
    "Delivery",
    "GivenUp",
    "Held",
    "Message",
    "Outcome",
    "Prepare",
    "Ran",
    "Retry",
    "Sender",
    "Sent",
    "Unknown",
    "drop_waiting",
    "forget_words",
    "known_keys",
    "put",
    "run_bulk",
    "run_once",
    "settle",
    "take",
    "take_back",
]

log = logging.getLogger("waspada.outbox")

#: How long a worker may hold what it took; after that it counts as killed.
LEASE = timedelta(minutes=10)
#: So few a lease that each may take as long as a slow server does.
BATCH = 10
MOST_A_RUN = 200
#: So many messages to subscribers a run: with a server that does not answer they hold a call up for less than a minute.
SUBSCRIBERS_A_RUN = 2
_MAX_PROBLEM_CHARS = 500
#: SQLite allows 32,766 variables a statement.
_KEYS_A_QUERY = 1000
_INTERRUPTED = "The worker ended while it sent this."
_ERASED = "What it told was erased."
_UNCERTAIN = "The worker ended while it handed this over: it may have arrived."
_WITHDRAWN = "It was withdrawn, or its lease had ended, as it was to be handed over."
#: What the pace of bulk messages counts in.
PACE = timedelta(minutes=1)
_PACE_KEY = 0x77617370_6F757462  # two workers do not count at the same moment
#: It is no digest and goes to a subscriber: to be asked to confirm is not urgent.
_SUBSCRIBER = "subscription/"
_IS_PATIENT = DeliveryRow.target.startswith(_SUBSCRIBER)
IS_WAITING = DeliveryRow.sent_at.is_(None) & DeliveryRow.failed_at.is_(None) & DeliveryRow.dropped_at.is_(None)
#: It was handed over and nobody knows whether it arrived; it is not sent again by itself.
IS_UNCERTAIN = DeliveryRow.failed_at.is_not(None) & DeliveryRow.handed_at.is_not(None)
#: What makes a bulk message whole right before it is sent, outside of any transaction: the delivery with its words, or
#: why it does not go (yet). The words are not stored.
Prepare = Callable[[Delivery], Delivery | GivenUp | Retry | Held]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run did; `unsent` were due on channels that nobody here sends on, `held` were not tried."""

    sent: int = 0
    retried: int = 0
    given_up: int = 0
    unsent: int = 0
    held: int = 0


def put(session: Session, message: Message, *, now: datetime) -> int | None:
    """Writes a message down to be sent; returns its id, None if one with its key was put before."""
    due_at = message.due_at or now
    row = insert_into(session, DeliveryRow).values(
        channel=message.channel.value,
        target=message.target,
        about=message.about,
        body=dict(message.body),
        key=message.key,
        created_at=now,
        due_at=due_at,
        next_try_at=due_at,
        bulk=message.bulk,
    )
    return session.scalar(row.on_conflict_do_nothing(index_elements=["key"]).returning(DeliveryRow.id))


def known_keys(session: Session, keys: Sequence[str]) -> set[str]:
    """Which of these keys are those of messages that were put before."""
    found = set[str]()
    for start in range(0, len(keys), _KEYS_A_QUERY):
        query = select(DeliveryRow.key).where(DeliveryRow.key.in_(keys[start : start + _KEYS_A_QUERY]))
        found |= set(session.scalars(query))
    return found


def take(
    session: Session,
    now: datetime,
    limit: int = BATCH,
    *,
    channels: Collection[str] | None = None,
    bulk: bool = False,
) -> Sequence[Delivery]:
    """What is due, the one that waited longest first, leased to the caller for `LEASE`; of these channels, or of all.
    Messages to subscribers that are not bulk come last, `SUBSCRIBERS_A_RUN` at most.

    A message whose last attempt was interrupted is given up here, and so is a bulk one that was handed over in an
    attempt that was interrupted.
    """
    due = (IS_WAITING, DeliveryRow.next_try_at <= now, DeliveryRow.bulk.is_(bulk))
    if bulk:
        handed = update(DeliveryRow).where(*due, DeliveryRow.handed_at.is_not(None))
        session.execute(handed.values(failed_at=now, last_problem=_UNCERTAIN))
    spent = update(DeliveryRow).where(*due, DeliveryRow.attempts >= MAX_ATTEMPTS)
    session.execute(
        spent.values(failed_at=now, last_problem=func.coalesce(func.nullif(DeliveryRow.last_problem, ""), _INTERRUPTED))
    )
    query = select(DeliveryRow).where(*due).order_by(DeliveryRow.next_try_at, DeliveryRow.id)
    if channels is not None:
        query = query.where(DeliveryRow.channel.in_(channels))
    query = query.with_for_update(skip_locked=True)
    rows = list(session.scalars((query if bulk else query.where(~_IS_PATIENT)).limit(limit)))
    if not bulk and len(rows) < limit:
        rows += session.scalars(query.where(_IS_PATIENT).limit(min(SUBSCRIBERS_A_RUN, limit - len(rows))))
    for row in rows:
        row.attempts, row.next_try_at = row.attempts + 1, now + LEASE
        row.tried_at = now if bulk else None
    session.flush()
    return [_delivery(row) for row in rows]


def settle(
    session: Session, id_: int, outcome: Outcome | Held, now: datetime, *, attempt: int | None = None
) -> datetime | None:
    """Notes how a try ended; returns when it is tried again, if it is. What was sent is sent, whatever else was decided
    of it meanwhile.

    Anything else changes only what still waits; with `attempt` only while that is the newest one, so that a worker
    whose lease had ended says nothing about the next one's try.
    """
    row = session.get(DeliveryRow, id_, with_for_update=True, populate_existing=True)
    if row is None:  # purged
        return None
    if isinstance(outcome, Sent):
        row.sent_at, row.failed_at, row.dropped_at, row.last_problem = row.sent_at or now, None, None, ""
        return None
    if row.sent_at or row.failed_at or row.dropped_at or (attempt is not None and row.attempts != attempt):
        return None
    row.last_problem = outcome.problem[:_MAX_PROBLEM_CHARS]
    if isinstance(outcome, Held):
        row.attempts, row.next_try_at, row.tried_at = row.attempts - 1, outcome.until, None
        return outcome.until
    if not isinstance(outcome, Unknown):
        row.handed_at = None  # the other side has it not, and said so
    elif not row.bulk:
        outcome = Retry(outcome.problem)
    again = next_try(row.attempts, row.key, now, outcome.wait) if isinstance(outcome, Retry) else None
    if again is None:
        row.failed_at = now
    else:
        row.next_try_at = again
    return again


def drop_waiting(session: Session, about: str, now: datetime, *, but: str | None = None) -> int:
    """Drops what waits about this and about anything below it, as no longer needed; returns how many.

    "notice/12" takes "notice/12" and "notice/12/..." and not "notice/120"; "notice/" takes all notices. One that is
    being sent at this moment may still go. What is about anything below `but` stays.
    """
    within = or_(DeliveryRow.about == about, _is_below(about))
    if but is not None:
        within = within & ~_is_below(but)
    dropped = update(DeliveryRow).where(IS_WAITING, within).values(dropped_at=now)
    return len(session.scalars(dropped.returning(DeliveryRow.id)).all())


def _is_below(about: str) -> ColumnElement[bool]:
    below = about if about.endswith("/") else f"{about}/"
    return func.substr(DeliveryRow.about, 1, len(below)) == below


def take_back(session: Session, about: Collection[str]) -> int:
    """Removes what waits about exactly these, so that it may be put again in other words; returns how many."""
    waiting = delete(DeliveryRow).where(IS_WAITING, DeliveryRow.about.in_(about))
    return len(session.scalars(waiting.returning(DeliveryRow.id)).all())


def forget_words(session: Session, about: Collection[str], now: datetime) -> int:
    """Takes the words of the messages about exactly these; returns how many those were.

    When, to whom and how they ended stays. One that waits has nothing left to say and is given up.
    """
    these = DeliveryRow.about.in_(about)
    session.execute(update(DeliveryRow).where(IS_WAITING, these).values(failed_at=now, last_problem=_ERASED))
    return len(session.scalars(update(DeliveryRow).where(these).values(body={}).returning(DeliveryRow.id)).all())


def run_once(store: Store, senders: Collection[Sender], clock: Callable[[], datetime]) -> Ran:
    """Sends what is due on the channels of these senders, `MOST_A_RUN` at most, bulk messages aside. Raises StoreError
    and its children.

    It ends with the first messages to subscribers, so that the calls that came due meanwhile are made. No transaction
    is open while something is sent. What cannot be sent on any of the channels is counted and left.
    """
    by_channel = {sender.channel: sender for sender in senders}
    ran = Ran()
    for _ in range(MOST_A_RUN // BATCH):
        batch = store.retrying(lambda session: take(session, clock(), channels=list(by_channel)))
        for delivery in batch:
            ran = _sent_one(store, by_channel[delivery.channel], delivery, clock, ran)
        if len(batch) < BATCH or any(delivery.target.startswith(_SUBSCRIBER) for delivery in batch):
            break
    with store.read() as session:
        due = select(func.count()).where(IS_WAITING, DeliveryRow.next_try_at <= clock(), DeliveryRow.bulk.is_(False))
        unsent = session.scalar(due.where(DeliveryRow.channel.not_in(by_channel))) or 0
    return replace(ran, unsent=unsent)


def run_bulk(
    store: Store,
    senders: Collection[Sender],
    clock: Callable[[], datetime],
    prepare: Prepare,
    pace: Mapping[str, int],
    stopping: Callable[[], bool] = lambda: False,
) -> Ran:
    """Sends the bulk messages that are due, `MOST_A_RUN` a channel at most, each whole by `prepare`, as many a minute
    as `pace` says of its channel, whoever sends them. Raises StoreError and its children."""
    ran = Ran()
    with store.read() as session:  # a desk without digests writes nothing
        due = select(DeliveryRow.channel).where(IS_WAITING, DeliveryRow.bulk, DeliveryRow.next_try_at <= clock())
        waiting = set(session.scalars(due.distinct()))
    for sender in senders:
        for _ in range(MOST_A_RUN // BATCH if sender.channel in waiting else 0):
            batch = store.retrying(partial(_take_in_pace, now=clock(), sender=sender, most=pace[sender.channel]))
            for delivery in batch:
                if stopping():
                    _give_back(store, delivery, clock())
                else:
                    ran = _sent_one(store, sender, _watched(store, delivery, clock), clock, ran, prepare)
            if not batch or stopping():
                break
    return ran


def _give_back(store: Store, delivery: Delivery, now: datetime) -> None:
    """What was taken and not begun may be taken at once by the next worker."""
    store.retrying(partial(settle, id_=delivery.id, outcome=Held(now), now=now, attempt=delivery.attempt))


def _take_in_pace(session: Session, now: datetime, sender: Sender, most: int) -> Sequence[Delivery]:
    """The next ones that the pace of their channel has room for."""
    take_turns(session, _PACE_KEY)
    tried = select(func.count()).where(DeliveryRow.channel == sender.channel, DeliveryRow.tried_at > now - PACE)
    room = most - (session.scalar(tried) or 0)
    return take(session, now, min(BATCH, room), channels=[sender.channel], bulk=True) if room > 0 else []


def _watched(store: Store, delivery: Delivery, clock: Callable[[], datetime]) -> Delivery:
    """The delivery with a note of the moment at which it is handed over."""

    def handing() -> None:
        mine = (DeliveryRow.id == delivery.id, IS_WAITING, DeliveryRow.attempts == delivery.attempt)
        now = clock()
        handed = update(DeliveryRow).where(*mine, DeliveryRow.next_try_at > now).values(handed_at=now)
        if store.retrying(lambda session: session.scalar(handed.returning(DeliveryRow.id))) is None:
            raise WithdrawnError("This message may not go any more.")

    return replace(delivery, handing=handing)


def _sent_one(
    store: Store,
    sender: Sender,
    delivery: Delivery,
    clock: Callable[[], datetime],
    ran: Ran,
    prepare: Prepare = lambda whole: whole,
) -> Ran:
    """Tries one delivery and notes how that ended; returns what the run did by now."""
    if not _may_go(store, delivery, clock()):
        return ran
    outcome = _refused(store, delivery, clock()) or _try(sender, delivery, prepare)
    settled = partial(settle, id_=delivery.id, outcome=outcome, now=clock(), attempt=delivery.attempt)
    again = store.retrying(settled)
    if isinstance(outcome, Sent):
        return replace(ran, sent=ran.sent + 1)
    if isinstance(outcome, Held):
        return replace(ran, held=ran.held + 1)
    log.warning(
        "%s was not sent by %s (%s): %s",
        delivery.about,
        delivery.channel,
        "tried again later" if again else "given up",
        outcome.problem,
    )
    return replace(ran, retried=ran.retried + 1) if again else replace(ran, given_up=ran.given_up + 1)


def _may_go(store: Store, delivery: Delivery, now: datetime) -> bool:
    """Whether nobody dropped it since it was taken, and the ones before it did not use up its lease."""
    if now >= delivery.leased_until:
        return False
    with store.read() as session:
        waits = select(DeliveryRow.id).where(
            DeliveryRow.id == delivery.id, IS_WAITING, DeliveryRow.attempts == delivery.attempt
        )
        return session.scalar(waits) is not None


def _refused(store: Store, delivery: Delivery, now: datetime) -> GivenUp | None:
    """Whether this may not leave (any more), whoever put it: looked at for each message, right before it is sent."""
    with store.read() as session:
        problem = gate.problem_of(
            session, channel=delivery.channel, target=delivery.target, about=delivery.about, now=now
        )
    return None if problem is None else GivenUp(problem)


def _try(sender: Sender, delivery: Delivery, prepare: Prepare) -> Outcome | Held:
    """After it was handed over, no failure says that the other side has it not."""
    failed: type[Retry | Unknown] = Retry

    def handing() -> None:
        nonlocal failed
        delivery.handing()
        failed = Unknown

    try:
        whole = prepare(delivery)
        return sender.send(replace(whole, handing=handing)) if isinstance(whole, Delivery) else whole
    except WithdrawnError:  # one that was dropped stays dropped
        return Retry(_WITHDRAWN)
    except WaspadaError as error:
        return failed(str(error))
    except Exception as error:  # a bug of one channel must not stop the others; its text may quote the body
        log.error("The sender of %s failed (%s).", delivery.channel, type(error).__name__)
        return failed(f"The sender failed ({type(error).__name__}).")


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        id=row.id,
        channel=row.channel,
        target=row.target,
        about=row.about,
        body=row.body,
        key=row.key,
        due_at=row.due_at,
        attempt=row.attempts,
        leased_until=row.next_try_at,
    )
