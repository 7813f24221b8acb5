"""Answering a call, by the link of its message or by a button of the console."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from waspada.alerts.service import move
from waspada.alerts.types import AlertMoved, AlertState
from waspada.errors import NotFoundError
from waspada.items.repository import clear_reject
from waspada.notify import outbox
from waspada.notify import repository as notices
from waspada.notify.calls import repository
from waspada.notify.calls.links import LinkSigner
from waspada.notify.calls.types import CallView, EndReason
from waspada.notify.duty.service import may_be_called
from waspada.places import is_within
from waspada.store.tables import AlertPlaceRow, AlertRow, CallNoticeRow, CallRow, UserRow

#: Under this name `waspada.jobs.call` keeps aside what nobody answered.
STAGE = "call"


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer did. `is_first` is false where somebody had answered before: then nothing changed."""

    call_id: int
    by: str
    at: datetime
    is_first: bool
    moved: Sequence[AlertMoved] = ()


@dataclass(frozen=True, slots=True)
class GoodLink:
    """What a good link stands for: the call, the account that was called, and the words that it was sent."""

    call: CallView
    user: str
    region: str | None
    words: str


def open_link(session: Session, signer: LinkSigner, word: str, now: datetime) -> GoodLink:
    """What a link stands for. Raises NotFoundError, with the same words whatever is wrong with it: not made here,
    changed, run out, or of an account that may not answer any more."""
    ticket = signer.read(word, now)
    if ticket is not None:
        call, user = repository.one(session, ticket.call_id), session.get(UserRow, ticket.user_id)
        if call is not None and user is not None and call.user == user.name and may_be_called(user, call.desk):
            sent = repository.sent_words(session, call.id)
            body = sent.body if sent else {}
            return GoodLink(call, user.name, user.region, str(body.get("words") or body.get("body") or ""))
    raise NotFoundError("This link is not valid.", hint="It is good for 24 hours; the console lists all calls.")


def answer(session: Session, call_id: int, *, by: str, region: str | None, now: datetime) -> Answered:
    """`by` says that they look after what a call is about: its alerts that are in nobody's hand become theirs.

    Once: a second answer changes nothing and says who gave the first. Runs in the caller's writing transaction, which
    also writes the audit. Raises NotFoundError: no such call, or outside the region of who answers.
    """
    notices.lock(session)  # after those who answer the same call, and after the messenger
    row = session.get(CallRow, call_id, populate_existing=True)
    if row is None or not _sees(region, row.desk):
        raise NotFoundError(f"There is no call {call_id} in your area.", hint="The page of calls lists them.")
    chain_id = row.chain_id or row.id
    before = _answer_of(session, chain_id)
    if before is not None:
        return Answered(call_id, before.acknowledged_by or "", before.acknowledged_at or now, False)
    row.acknowledged_at, row.acknowledged_by = now, by
    moved = [found for alert_id in _alerts_of(session, call_id) if (found := _take(session, alert_id, by, region, now))]
    for ended in repository.end_chain(session, chain_id, EndReason.ACKNOWLEDGED, now):
        outbox.drop_waiting(session, repository.about(ended), now)
    clear_reject(session, STAGE, f"call {chain_id}")
    session.flush()
    return Answered(call_id, by, now, True, moved)


def _sees(region: str | None, desk: str) -> bool:
    return region is None or is_within(desk, region)


def _answer_of(session: Session, chain_id: int) -> CallRow | None:
    """The call of a chain that was answered."""
    query = select(CallRow).where(CallRow.chain_id == chain_id, CallRow.acknowledged_at.is_not(None))
    return session.scalar(query.limit(1))


def _alerts_of(session: Session, call_id: int) -> list[int]:
    query = select(CallNoticeRow.alert_id).where(CallNoticeRow.call_id == call_id).order_by(CallNoticeRow.alert_id)
    return list(session.scalars(query))


def _take(session: Session, alert_id: int, by: str, region: str | None, now: datetime) -> AlertMoved | None:
    """Takes an alert in hand for an account, or the one that it was merged into; None where somebody has it already or
    it lies outside their region by now."""
    row = session.get(AlertRow, alert_id, with_for_update=True, populate_existing=True)
    if row is not None and (other := repository.merged_into(session, row)) is not None:
        row = session.get(AlertRow, other.id, with_for_update=True, populate_existing=True)
    if row is None or row.state != AlertState.NEW or not _is_in(session, row.id, region):
        return None
    moved = move(session, row.id, AlertState.ACKNOWLEDGED, actor=by, revision=row.revision, now=now, within=region)
    session.execute(update(AlertRow).where(AlertRow.id == row.id, AlertRow.owner.is_(None)).values(owner=by))
    return moved


def _is_in(session: Session, alert_id: int, region: str | None) -> bool:
    if region is None:
        return True
    codes = session.scalars(select(AlertPlaceRow.code).where(AlertPlaceRow.alert_id == alert_id))
    return any(is_within(code, region) for code in codes)
