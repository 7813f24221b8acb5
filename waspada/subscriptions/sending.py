"""From a subscription that is due to words on their way: what is put into the outbox, and how it becomes whole.

The outbox holds only which digest and whose (`{"digest": 7, "subscription": 12}`). The words are written right before
they are sent, from the kept digest: an erasure reaches what waits, and five thousand mails are not stored five thousand
times. Words that are too old by then, or lost something to an erasure, are made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from waspada.alerts.types import SYSTEM
from waspada.audit.service import audit_log
from waspada.audit.types import AuditAction, Detail
from waspada.clock import ZONES, day_bounds, local_day, zone_of
from waspada.digests.jsonable import as_json
from waspada.digests.policy import since_of
from waspada.digests.rendering import rendered
from waspada.digests.service import Maker, corrections_due, is_wrong, keep, kept, to_correct
from waspada.digests.types import Digest, Kept, Kind, Personal, Wanted
from waspada.errors import NotFoundError
from waspada.escalations import gate
from waspada.notify import outbox
from waspada.notify.messages import Channel, Delivery, GivenUp, Held, Message, Retry
from waspada.notify.rendering import MAX_SUBJECT_CHARS, one_line
from waspada.places import is_within
from waspada.recipients.types import Refusal
from waspada.settings import Settings
from waspada.store import Store
from waspada.store.tables import DeliveryRow, SubscriptionRow, WebhookRow
from waspada.store.turns import take_turns
from waspada.subscriptions import policy, repository
from waspada.subscriptions.links import SubscriptionLinks
from waspada.subscriptions.sealing import AddressBook
from waspada.subscriptions.types import CORRECTION, Occasion, SendKind, SkipReason, target_of
from waspada.webhooks.types import EventKind

_PUT_KEY = 0x77617370_73756273  # two workers do not put at the same moment
#: Put in one transaction: small enough that collectors wait for no long one.
PUT_AT_ONCE = 50
#: A correction that could not go for so long tells of what nobody remembers.
_CORRECTION_FOR = timedelta(days=2)
_ENDED = GivenUp("The subscription has ended, or is not confirmed.")
_PAUSED = GivenUp("The subscription is paused.")
_FORBIDDEN = GivenUp(gate.PROBLEMS[Refusal.NO_GRANT])
_ADDRESS_GONE = GivenUp("The subscription has no address.")
_ADDRESS_CHANGED = GivenUp("The subscription has another address since.")
_NOT_OURS = GivenUp("The webhook is not of the own team any more, or of another region.")
_LATE = GivenUp("It could not be sent while it was news.")
_LOST = GivenUp("The digest is gone.")


@dataclass(frozen=True, slots=True)
class _Due:
    """A subscription whose time has come, and what it is to get; None where it came too late."""

    id: int
    due_at: datetime
    digest: Digest | None


def put_due(store: Store, settings: Settings, now: datetime, room: Mapping[str, int]) -> int:
    """Makes the digests that are due and puts them, no more a channel than it has room for; returns how many occasions
    were dealt with.

    One occasion of one subscription is put once, however often and by however many workers this is called.
    """
    with store.read() as session:
        found = _made(session, settings, now, room)
    done = 0
    for start in range(0, len(found), PUT_AT_ONCE):
        done += store.retrying(partial(_put_some, found=found[start : start + PUT_AT_ONCE], settings=settings, now=now))
    return done


def room_of(store: Store, pace: Mapping[str, int], now: datetime) -> dict[str, int]:
    """How many messages a channel may get before what goes there by then takes longer than a minute: what is made too
    early is old when it goes. What waits for longer (refused for now, held, due later) takes nobody's room."""
    with store.read() as session:
        waiting = {channel: repository.waiting_bulk(session, channel, now + outbox.PACE) for channel in pace}
    return {channel: max(0, most - waiting[channel]) for channel, most in pace.items()}


def put_corrections(store: Store, settings: Settings, now: datetime) -> int:
    """Puts what takes back what earlier digests told, for those who got them; returns how many messages.

    It looks without a lock first, and writes only where something is due, some at a time. Who gets a kept correction
    is asked anew for `_CORRECTION_FOR`: one whose digest was being handed over when it was made is not missed.
    """
    with store.read() as session:
        if not repository.has_sent(session):
            return 0
        due = len(to_correct(session, now))
    for _ in range(0, due, PUT_AT_ONCE):
        store.retrying(partial(_keep_corrections, settings=settings, now=now))
    with store.read() as session:
        missing = repository.uncorrected(session, now - _CORRECTION_FOR)
    put = 0
    for start in range(0, len(missing), PUT_AT_ONCE):
        chunk = missing[start : start + PUT_AT_ONCE]
        put += store.retrying(partial(_put_corrections, missing=chunk, settings=settings, now=now))
    return put


class Finisher:
    """Makes a delivery whole right before it is sent (`waspada.notify.outbox.Prepare`)."""

    def __init__(self, store: Store, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._store, self._settings, self._clock = store, settings, clock
        self._book, self._links = AddressBook(settings.secret_key), SubscriptionLinks(settings.secret_key)

    def __call__(self, delivery: Delivery) -> Delivery | GivenUp | Retry | Held:
        """Raises SettingsError where the secret key does not open the address, StoreError."""
        now = self._clock()
        with self._store.read() as session:
            row = self._row(session, delivery)
            refused = self._refusal(session, row, delivery, now)
            if row is None or refused is not None:
                return refused or _ENDED
            try:
                found = kept(session, int(delivery.body["digest"]))
            except NotFoundError:
                return _LOST
            is_old = self._is_old(session, found, now)
            session.expunge(row)
        if is_old:
            found = self._store.retrying(partial(self._anew, row=row, delivery=delivery, now=now))
        with self._store.read() as session:  # the filter may have changed since the digest was made
            forbidden = self._forbidden(session, row, found.content.wanted.region, now)
        if forbidden is not None:
            return forbidden
        body = self._body(row, delivery, found, now)
        target = self._book.open(row) if row.channel == Channel.WEBHOOK else delivery.target
        return replace(delivery, target=target, body=body)

    def _row(self, session: Session, delivery: Delivery) -> SubscriptionRow | None:
        return session.get(SubscriptionRow, int(delivery.body["subscription"]))

    def _refusal(
        self, session: Session, row: SubscriptionRow | None, delivery: Delivery, now: datetime
    ) -> GivenUp | Held | None:
        """Why it may not go (now): looked at for each message, whatever was true when it was put."""
        if row is None or row.ended_at is not None or row.confirmed_at is None:
            return _ENDED
        is_correction = f"/{CORRECTION}/" in delivery.about
        if row.paused_until is not None and now < row.paused_until:
            return Held(row.paused_until, _PAUSED.problem) if is_correction else _PAUSED
        no_way = self._no_way(row, delivery)
        if no_way is not None:
            return no_way
        good_for = _CORRECTION_FOR if is_correction else policy.CATCH_UP
        rhythm = repository.as_rhythm(row)
        goes_at = policy.quiet_end(rhythm, now) if policy.is_quiet(rhythm, now) else now
        since = max(delivery.due_at, row.paused_until or delivery.due_at)  # what a pause held is not late by it
        if goes_at - since > good_for:
            return _LATE
        return Held(goes_at, "It waits for the end of the quiet hours.") if goes_at > now else None

    def _no_way(self, row: SubscriptionRow, delivery: Delivery) -> GivenUp | None:
        """Why it may not go to the address that the subscription has now."""
        if row.channel != delivery.channel or not row.sealed:
            return _ADDRESS_GONE
        if delivery.body.get("address", row.address_version) != row.address_version:
            return _ADDRESS_CHANGED
        return None

    def _forbidden(self, session: Session, row: SubscriptionRow, region: str, now: datetime) -> GivenUp | None:
        """Why no digest of a region may go to this address: it is the police's and nobody permits it, or a webhook
        that is told only of what a person verified, or only of another region."""
        address = self._book.open(row)
        if row.channel == Channel.MAIL:
            return None if gate.may_get_digests(session, address, region, now) else _FORBIDDEN
        if row.channel != Channel.WEBHOOK:
            return None
        webhook = session.get(WebhookRow, int(address))
        is_ours = webhook is not None and webhook.internal and is_within(region, webhook.region or region)
        return None if is_ours else _NOT_OURS

    def _is_old(self, session: Session, found: Kept, now: datetime) -> bool:
        """Whether it is to be made anew: too old, without words that were erased, or wrong by now. A correction stays
        what it is: it tells of what was, not of now."""
        if found.content.kind is Kind.RALAT:
            return False
        is_fresh = now - found.content.at <= policy.FRESH_FOR
        return not found.is_whole or not is_fresh or is_wrong(session, found.id)

    def _anew(self, session: Session, row: SubscriptionRow, delivery: Delivery, now: datetime) -> Kept:
        """Another digest in place of one that was not sent in time."""
        wanted = policy.wanted(repository.as_topic(row), repository.as_rhythm(row))
        last = repository.last_told(session, [row.id]).get(row.id) or _period_back(wanted, now)
        id_ = keep(session, Maker(session, now, self._settings).make(wanted, last=last), now)
        repository.set_digest(session, delivery.id, id_)
        waiting = session.get(DeliveryRow, delivery.id, with_for_update=True)
        if waiting is not None:
            waiting.body = {**waiting.body, "digest": id_}
        session.flush()
        _audit(session, [(row.id, id_)], self._settings, now)
        return kept(session, id_)

    def _body(self, row: SubscriptionRow, delivery: Delivery, found: Kept, now: datetime) -> dict[str, Any]:
        personal = Personal(
            manage_url=self._settings.link(self._links.manage(row.id, row.link_version, now)),
            unsubscribe_url=self._settings.link(self._links.unsubscribe(row.id, row.address_version)),
            base_url=self._settings.link("/").rstrip("/"),
        )
        words = rendered(found.content, personal, found.layout)
        match row.channel:
            case Channel.MAIL:
                return {
                    "subject": one_line(words.subject, MAX_SUBJECT_CHARS),
                    "text": words.text,
                    "html": words.html,
                    "stream": f"digest-{row.region}",
                    "unsubscribe": personal.unsubscribe_url,
                }
            case Channel.TELEGRAM:
                return {"text": words.chat}
        return {"id": delivery.key.replace("/", "_"), "document": self._document(row, delivery, found, now)}

    def _document(self, row: SubscriptionRow, delivery: Delivery, found: Kept, now: datetime) -> dict[str, Any]:
        """What a webhook gets: nothing personal is in it."""
        words = rendered(found.content, Personal(base_url=self._settings.link("/").rstrip("/")), found.layout)
        return {
            "type": EventKind.DIGEST.value,
            "timestamp": now.isoformat(),
            "data": {
                "subscription": row.id,
                "occasion": delivery.about.partition("/")[2].partition("/")[2],
                "digest": found.id,
                "region": row.region,
                "at": found.content.at.isoformat(),
                "subject": one_line(words.subject, MAX_SUBJECT_CHARS),
                "text": words.text,
                "html": words.html,
                "content": as_json(found.content),
            },
        }


def _made(session: Session, settings: Settings, now: datetime, room: Mapping[str, int]) -> list[_Due]:
    """What is due, with the digests of this moment: those who want the same get the same."""
    maker: Maker | None = None
    made, found = dict[tuple[str, datetime], Digest](), list[_Due]()
    for channel, most in room.items():
        rows = repository.due(session, now, [channel], most)
        told = repository.last_told(session, [row.id for row in rows])
        for row in rows:
            assert row.next_due_at is not None  # noqa: S101 (it is due)
            if policy.is_late(row.next_due_at, _goes_at(row, now)):
                found.append(_Due(row.id, row.next_due_at, None))
                continue
            wanted = policy.wanted(repository.as_topic(row), repository.as_rhythm(row))
            last = told.get(row.id) or _period_back(wanted, now)
            if (wanted.key, last) not in made:
                maker = maker or Maker(session, now, settings)
                made[wanted.key, last] = maker.make(wanted, last=last)
            found.append(_Due(row.id, row.next_due_at, made[wanted.key, last]))
    return found


def _period_back(wanted: Wanted, now: datetime) -> datetime:
    """From when on somebody is told who had no digest yet."""
    return since_of(now, wanted.period, zone_of(wanted.zone))


def _put_some(session: Session, found: Sequence[_Due], settings: Settings, now: datetime) -> int:
    take_turns(session, _PUT_KEY)
    done = [_put(session, one, now) for one in found]
    _audit(session, [one.put for one in done if one.put is not None], settings, now)
    return sum(one.is_done for one in done)


def _audit(session: Session, put: Sequence[tuple[int, int]], settings: Settings, now: datetime) -> None:
    """What leaves by itself stands in the log like what somebody reads: who gets which digest, by their ids."""
    if put:
        detail: Detail = {
            "subscriptions": [subscription for subscription, _ in put],
            "digests": sorted({digest for _, digest in put}),
        }
        audit_log(settings).append(
            session, actor=SYSTEM, action=AuditAction.DIGESTS_PUT, object="digests", detail=detail, now=now
        )


def _goes_at(row: SubscriptionRow, now: datetime) -> datetime:
    """When something may go: now, or at the end of the quiet hours."""
    rhythm = repository.as_rhythm(row)
    return policy.quiet_end(rhythm, now) if policy.is_quiet(rhythm, now) else now


@dataclass(frozen=True, slots=True)
class _Done:
    """Whether an occasion was dealt with, and which digest was put for which subscription."""

    is_done: bool = True
    put: tuple[int, int] | None = None


def _put(session: Session, due: _Due, now: datetime) -> _Done:
    """Puts one digest, or notes why not; nothing is done where another worker did, or the subscription changed
    meanwhile."""
    row = session.get(SubscriptionRow, due.id, with_for_update=True, populate_existing=True)
    if row is None or row.ended_at is not None or row.confirmed_at is None or row.next_due_at != due.due_at:
        return _Done(is_done=False)
    rhythm = repository.as_rhythm(row)
    wanted = policy.wanted(repository.as_topic(row), rhythm)
    if due.digest is not None and due.digest.content.wanted != wanted:
        return _Done(is_done=False)  # its filter was changed: the next round makes it
    occasion = policy.after(rhythm, due.due_at - timedelta(seconds=1))
    row.next_due_at = policy.after(rhythm, due.due_at).due_at
    day = local_day(now, ZONES[row.zone]).isoformat()
    skipped = _skip(session, row, due, day)
    send_id = repository.note_send(session, row.id, SendKind.DIGEST, occasion.key, day=day, now=now, skipped=skipped)
    session.flush()
    if send_id is None or due.digest is None or skipped is not None:
        return _Done()
    digest_id = keep(session, due.digest, now)
    _put_message(session, row, send_id, digest_id, occasion, max(due.due_at, _goes_at(row, now)), now)
    return _Done(put=(row.id, digest_id))


def _skip(session: Session, row: SubscriptionRow, due: _Due, day: str) -> SkipReason | None:
    if due.digest is None:
        return SkipReason.LATE
    put = repository.put_on(session, row.id, day, SendKind.DIGEST)
    return SkipReason.CAP if put >= policy.MOST_A_DAY else None


def _put_message(
    session: Session,
    row: SubscriptionRow,
    send_id: int,
    digest_id: int,
    occasion: Occasion | str,
    due_at: datetime,
    now: datetime,
) -> None:
    key = occasion if isinstance(occasion, str) else occasion.key
    message = Message(
        channel=Channel(row.channel),
        target=target_of(row.id),
        about=f"{target_of(row.id)}/{key}",
        body={"digest": digest_id, "subscription": row.id, "address": row.address_version},
        key=f"digest/{row.id}/{key}",
        due_at=due_at,
        bulk=True,
    )
    repository.set_delivery(session, send_id, outbox.put(session, message, now=now), digest_id)


def _keep_corrections(session: Session, settings: Settings, now: datetime) -> None:
    take_turns(session, _PUT_KEY)
    corrections_due(session, settings, now, PUT_AT_ONCE)


def _put_corrections(session: Session, missing: Sequence[tuple[int, int]], settings: Settings, now: datetime) -> int:
    """Corrections for subscriptions that had the wrong digest, or may have had it."""
    take_turns(session, _PUT_KEY)
    put = [(id_, correction) for id_, correction in missing if _correct(session, id_, correction, now)]
    _audit(session, put, settings, now)
    return len(put)


def _correct(session: Session, subscription_id: int, correction: int, now: datetime) -> bool:
    """Puts a correction; whether it did: not where another worker did, or the subscription ended meanwhile. What is
    over the most of a day goes on the next; who paused gets it after the pause."""
    row = session.get(SubscriptionRow, subscription_id, with_for_update=True, populate_existing=True)
    if row is None or row.ended_at is not None or row.confirmed_at is None:
        return False
    zone, starts_at = ZONES[row.zone], max(now, row.paused_until or now)
    day = local_day(starts_at, zone)
    while repository.put_on(session, row.id, day.isoformat(), SendKind.CORRECTION) >= policy.MOST_A_DAY:
        day += timedelta(days=1)
        starts_at = day_bounds(day, zone)[0]
    occasion = f"{CORRECTION}/{correction}"
    send_id = repository.note_send(
        session, row.id, SendKind.CORRECTION, occasion, day=day.isoformat(), now=now, digest_id=correction
    )
    if send_id is None:
        return False
    _put_message(session, row, send_id, correction, occasion, _goes_at(row, starts_at), now)
    return True
