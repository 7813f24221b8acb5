"""How calling went: figures for people, and what `waspada doctor` says. Pure but for `findings`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from waspada.notify import repository as notices
from waspada.notify.calls import repository
from waspada.notify.calls.types import CallView, EndReason
from waspada.notify.contacts.service import IS_READY
from waspada.notify.contacts.types import PERSONAL
from waspada.notify.duty import policy
from waspada.notify.duty import service as duty
from waspada.notify.duty.types import Span
from waspada.notify.senders import channels_of, push
from waspada.settings import Settings
from waspada.store.tables import ContactRow
from waspada.taxonomy import MAX_LEVEL

#: A call of the highest level must be with a channel so soon after its notice was ready.
PROMISED = timedelta(minutes=1)
_LOOKED_BACK = timedelta(days=7)
_LOOKED_AHEAD = timedelta(days=1)
_UNANSWERED = (EndReason.SILENT, EndReason.FAILED)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the calls of a time, exercises left out. Lengths are in seconds; None where there is nothing to measure.

    `chains` counts what was called for at the highest level, however many were called for it.
    """

    calls: int
    chains: int
    answered: int
    unanswered: int
    failed: int
    held: int
    median_sent_seconds: float | None
    slowest_sent_seconds: float | None
    median_answered_seconds: float | None


def figures(calls: Sequence[CallView]) -> Figures:
    real = [one for one in calls if not one.is_exercise]
    urgent = [one for one in real if one.level >= MAX_LEVEL]
    first = [one for one in urgent if one.step == 1 and one.sent_after is not None]
    sent = [one.sent_after.total_seconds() for one in first if one.sent_after is not None]
    answered = {one.chain_id: one for one in urgent if one.acknowledged_at is not None}
    starts = {one.chain_id: one.made_at for one in urgent if one.step == 1}
    took = [
        (one.acknowledged_at - starts[chain]).total_seconds()
        for chain, one in answered.items()
        if one.acknowledged_at is not None and chain in starts
    ]
    return Figures(
        calls=sum(one.held_at is None and one.user is not None for one in real),
        chains=len({one.chain_id for one in urgent}),
        answered=len(answered),
        unanswered=len({one.chain_id for one in urgent if one.end_reason in _UNANSWERED} - answered.keys()),
        failed=sum(one.failed_at is not None for one in real),
        held=sum(one.held_at is not None for one in real),
        median_sent_seconds=median(sent) if sent else None,
        slowest_sent_seconds=max(sent, default=None),
        median_answered_seconds=median(took) if took else None,
    )


@dataclass(frozen=True, slots=True)
class CallFinding:
    """One thing that was looked at, for the operator."""

    subject: str
    fine: bool
    message: str


def findings(session: Session, settings: Settings, now: datetime) -> Iterator[CallFinding]:
    """Channels, contacts, rota and calls as `waspada doctor` tells them."""
    channels = channels_of(settings)
    yield _channels(settings)
    if not channels:
        return
    ready = session.scalar(select(func.count()).select_from(ContactRow).where(IS_READY)) or 0
    ended = session.scalar(select(func.count()).select_from(ContactRow).where(ContactRow.ended_at.is_not(None))) or 0
    hint = f"; {ended} refused by the other side, see the account's page of channels" if ended else ""
    none = "; nobody can be called: accounts name their channels under Akun, Saluran" if not ready else ""
    yield CallFinding("contacts", bool(ready), f"{ready} can be called{hint}{none}")
    if not ready:
        return
    for desk in notices.desks(session, settings):
        yield _rota(session, desk, now)
    yield _calls(repository.since(session, now - _LOOKED_BACK))


def _channels(settings: Settings) -> CallFinding:
    there = channels_of(settings)
    off = [channel.value for channel in PERSONAL if channel not in there]
    said = f"set up: {', '.join(there)}" if there else "none is set up, nobody is called; see docs/notify.md"
    extra = f"; {push.EXTRA}" if settings.webpush_subject and push.lacks_extra() else ""
    half = "; WASPADA_MAIL_FROM is missing" if settings.mail_url and not settings.mail_from else ""
    rest = f"; not: {', '.join(off)}" if there and off else ""
    return CallFinding("channels", not extra and not half, f"{said}{rest}{extra}{half}")


def _rota(session: Session, desk: str, now: datetime) -> CallFinding:
    span = Span(now, now + _LOOKED_AHEAD)
    shifts = duty.shifts_between(session, desk, span)
    if not shifts:
        return CallFinding(f"rota {desk}", True, "empty for the next 24 h: everybody of the desk is called")
    open_ = policy.gaps([one for one in shifts if one.is_reachable], span)
    hours = sum((gap.end - gap.start).total_seconds() for gap in open_) / 3600
    return CallFinding(
        f"rota {desk}", not open_, f"{hours:.0f} of the next 24 h without anybody to be reached" if open_ else "no gap"
    )


def _calls(calls: Sequence[CallView]) -> CallFinding:
    found = figures(calls)
    slow = found.slowest_sent_seconds is not None and found.slowest_sent_seconds > PROMISED.total_seconds()
    took = f"; slowest {found.slowest_sent_seconds:.0f} s from ready to sent" if found.slowest_sent_seconds else ""
    return CallFinding(
        "calls",
        not found.unanswered and not slow,
        f"{found.calls} in 7 days, {found.failed} not sent, {found.unanswered} of {found.chains} of level "
        f"{MAX_LEVEL} unanswered{took}" + ("; see the page Panggilan" if found.unanswered or slow else ""),
    )
