"""notice -> call -> person: who is called of what is ready, and who next while nobody answers.

It looks without a lock first and writes only where there is something to do: then all is decided once more, by one
worker at a time, and committed as a whole with the messages in the outbox. Killed at any moment, the next one decides
the same, and no message is put twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from waspada.alerts.types import SYSTEM, AlertState
from waspada.audit import AuditAction, audit_log
from waspada.audit.types import Detail
from waspada.items.repository import reject
from waspada.jobs import canary
from waspada.notify import outbox, policy, rendering
from waspada.notify import repository as notices
from waspada.notify.calls import links, repository, wording
from waspada.notify.calls.policy import next_call
from waspada.notify.calls.repository import Outcome
from waspada.notify.calls.service import STAGE
from waspada.notify.calls.types import CallMessage, CallNow, ChainState, End, EndReason, How, Rest, Tried
from waspada.notify.contacts.service import ready_contacts
from waspada.notify.contacts.types import target_of
from waspada.notify.duty import service as duty
from waspada.notify.messages import Channel, Message
from waspada.notify.senders import channels_of
from waspada.notify.service import shift_view
from waspada.settings import Settings
from waspada.store import Store
from waspada.store.tables import CallNoticeRow, CallRow, UserRow
from waspada.taxonomy import MAX_LEVEL

_KEPT = {EndReason.SILENT, EndReason.FAILED}
_NOT_NEEDED = {EndReason.ACKNOWLEDGED, EndReason.TAKEN}
Contacts = dict[int, list[tuple[int, Channel]]]


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a call is about: (alert, notice or None, nobody had it in hand)."""

    alert_id: int
    notice_id: int | None
    was_new: bool


@dataclass(frozen=True, slots=True)
class _Chain:
    """A chain that is to go on, or to begin (`id` None)."""

    id: int | None
    desk: str
    level: int
    is_exercise: bool
    ready_at: datetime
    subjects: Sequence[_Subject]
    step: int
    decision: CallNow | End


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done now."""

    known: dict[int, Outcome]
    unwritten: Sequence[CallRow]
    chains: Sequence[_Chain]

    def __bool__(self) -> bool:
        return bool(self.known or self.unwritten or self.chains)


def call_due(store: Store, settings: Settings, now: datetime) -> int:
    """Makes the calls that are due; returns how many were made."""
    channels = channels_of(settings)
    if not channels:
        return 0
    with store.read() as session:
        if not repository.is_in_use(session) or not _plan(session, settings, channels, now):
            return 0

    def work(session: Session) -> int:
        notices.lock(session)
        plan = _plan(session, settings, channels, now)
        _note(session, plan.known)
        _write_anew(session, plan.unwritten, settings, channels, now)
        return sum(_apply(session, chain, settings, channels, now) for chain in plan.chains)

    return store.retrying(work)


def _plan(session: Session, settings: Settings, channels: Sequence[Channel], now: datetime) -> _Plan:
    unsettled = repository.unsettled(session, now)
    outcomes = repository.outcomes(session, unsettled)
    known = {id_: found for id_, found in outcomes.items() if found.sent_at or found.failed_at}
    chains = [
        *_continued(session, settings, channels, outcomes, now),
        *_begun(session, settings, channels, now),
    ]
    return _Plan(known, repository.unwritten(session, unsettled), chains)


def _note(session: Session, known: dict[int, Outcome]) -> None:
    for id_, found in known.items():
        row = session.get_one(CallRow, id_)
        row.sent_at, row.failed_at, row.problem = found.sent_at, found.failed_at, found.problem
    session.flush()


def _write_anew(
    session: Session, rows: Sequence[CallRow], settings: Settings, channels: Sequence[Channel], now: datetime
) -> None:
    """Puts the messages again that an erasure took back, in the words that are left."""
    for row in rows:
        assert row.user_id is not None  # noqa: S101 (nobody has no message)
        about = [_Subject(one.alert_id, one.notice_id, one.was_new) for one, _ in repository.subjects(session, row.id)]
        mine = _contacts(session, {row.user_id}, channels).get(row.user_id, [])
        _put(session, row, about, mine, settings, now)


def _begun(session: Session, settings: Settings, channels: Sequence[Channel], now: datetime) -> Iterator[_Chain]:
    """Chains that begin: what is ready at the same time for a desk is one message."""
    for desk in notices.desks(session, settings):
        found = repository.uncalled(session, desk, now)
        if found:
            newest = {one.alert_id: one for one in found}  # two of one alert: the later one tells more
            subjects = [_Subject(one.alert_id, one.id, one.is_new) for one in newest.values()]
            level, ready_at = max(one.level for one in found), min(one.ready_at for one in found)
            yield _first(session, desk, level, ready_at, subjects, settings, channels, now)
    exercise = canary.to_be_called(session, settings, now)
    if exercise is not None:
        alert_id, at = exercise
        subjects = [_Subject(alert_id, None, True)]
        begun = _first(session, settings.region, MAX_LEVEL, at, subjects, settings, channels, now, is_exercise=True)
        if isinstance(begun.decision, CallNow):
            yield begun


def _first(
    session: Session,
    desk: str,
    level: int,
    ready_at: datetime,
    subjects: Sequence[_Subject],
    settings: Settings,
    channels: Sequence[Channel],
    now: datetime,
    *,
    is_exercise: bool = False,
) -> _Chain:
    needs = any(one.was_new for one in subjects)
    state = _state(session, desk, level, [], settings, channels, now, needs_answer=needs, is_exercise=is_exercise)
    decision = next_call(state, now)
    assert not isinstance(decision, Rest)  # noqa: S101 (nothing was tried: there is nothing to wait for)
    return _Chain(None, desk, level, is_exercise, ready_at, subjects, 1, decision)


def _continued(
    session: Session,
    settings: Settings,
    channels: Sequence[Channel],
    outcomes: dict[int, Outcome],
    now: datetime,
) -> Iterator[_Chain]:
    for chain_id, rows in repository.open_chains(session).items():
        about = repository.subjects(session, chain_id)
        first = rows[0]
        state = _state(
            session,
            first.desk,
            first.level,
            _tried(rows, outcomes),
            settings,
            channels,
            now,
            needs_answer=any(row.was_new and state is AlertState.NEW for row, state in about),
            is_exercise=first.exercise,
            is_answered=any(row.acknowledged_at for row in rows),
            is_taken=not first.exercise and all(_is_settled(row, state) for row, state in about),
        )
        decision = next_call(state, now)
        if not isinstance(decision, Rest):
            subjects = [_Subject(row.alert_id, row.notice_id, row.was_new) for row, _ in about]
            step = rows[-1].step + 1
            yield _Chain(chain_id, first.desk, first.level, first.exercise, first.ready_at, subjects, step, decision)


def _is_settled(row: CallNoticeRow, state: AlertState) -> bool:
    """Whether an alert needs nobody any more: it is finished, or somebody took it in hand since the call."""
    return state in policy.FINISHED or (row.was_new and state is not AlertState.NEW)


def _tried(rows: Sequence[CallRow], outcomes: dict[int, Outcome]) -> list[Tried]:
    steps: dict[int, list[CallRow]] = {}
    for row in rows:
        if row.held_at is None:
            steps.setdefault(row.step, []).append(row)
    found = []
    for mine in steps.values():
        ends = [outcomes.get(row.id, Outcome(row.sent_at, row.failed_at)) for row in mine]
        found.append(
            Tried(
                user_ids=[row.user_id for row in mine if row.user_id is not None],
                how=How(mine[0].how),
                at=mine[0].made_at,
                is_sent=any(end.sent_at for end in ends),
                has_failed=all(end.failed_at for end in ends),
            )
        )
    return found


def _state(
    session: Session,
    desk: str,
    level: int,
    tried: Sequence[Tried],
    settings: Settings,
    channels: Sequence[Channel],
    now: datetime,
    *,
    needs_answer: bool,
    is_exercise: bool,
    is_answered: bool = False,
    is_taken: bool = False,
) -> ChainState:
    on_duty = [shift.user_id for shift in duty.on_duty(session, desk, now)]
    bound = [user.id for user in duty.people_of(session, desk, settings)]
    reachable = _contacts(session, {*on_duty, *bound}, channels)
    return ChainState(
        level=level,
        is_exercise=is_exercise,
        is_answered=is_answered,
        is_taken=is_taken,
        needs_answer=needs_answer,
        tried=tried,
        rota=[user_id for user_id in on_duty if user_id in reachable],
        everybody=[user_id for user_id in bound if user_id in reachable],
        wait=timedelta(minutes=settings.call_wait_minutes),
    )


def _contacts(session: Session, user_ids: set[int], channels: Sequence[Channel]) -> Contacts:
    """Account -> its contacts on the channels that are set up."""
    found = ready_contacts(session, user_ids)
    fitting = {user_id: [one for one in mine if one[1] in channels] for user_id, mine in found.items()}
    return {user_id: mine for user_id, mine in fitting.items() if mine}


def _apply(session: Session, chain: _Chain, settings: Settings, channels: Sequence[Channel], now: datetime) -> int:
    if isinstance(chain.decision, End):
        _end(session, chain, chain.decision.reason, now)
        return 0
    contacts = _contacts(session, set(chain.decision.user_ids), channels)
    made = [_call(session, chain, user_id, chain.decision.how, now) for user_id in chain.decision.user_ids]
    chain_id = chain.id or made[0].id
    for row in made:
        row.chain_id = chain_id
        if row.user_id is not None and not _holds(session, row, settings, now):
            _put(session, row, chain.subjects, contacts[row.user_id], settings, now)
    session.flush()
    if chain.id is not None:
        _escalated(session, chain.id, made[0].id, chain.step, now)
        if chain.decision.how is How.EVERYBODY:
            reject(
                session,
                STAGE,
                f"call {chain_id}",
                f"Nobody on duty for {chain.desk} answered; everybody of the desk was called.",
                now,
            )
    for row in made:
        _audit(session, row, chain, settings, now)
    return sum(row.held_at is None for row in made)


def _audit(session: Session, row: CallRow, chain: _Chain, settings: Settings, now: datetime) -> None:
    """What leaves by itself stands in the log like what somebody reads: to which account, of which alerts."""
    if row.held_at is not None or row.user_id is None:
        return
    detail: Detail = {
        "desk": row.desk,
        "level": row.level,
        "account": session.get_one(UserRow, row.user_id).name,
        "alerts": [one.alert_id for one in chain.subjects],
        "exercise": row.exercise,
    }
    audit_log(settings).append(
        session, actor=SYSTEM, action=AuditAction.CALL_SENT, object=repository.about(row.id), detail=detail, now=now
    )


def _end(session: Session, chain: _Chain, reason: EndReason, now: datetime) -> None:
    if chain.id is None:  # nobody can be called at all: that is written down, too
        row = _call(session, chain, None, How.NOBODY, now)
        row.chain_id, row.failed_at, row.problem = row.id, now, "No account of the desk has a contact."
        row.ended_at, row.end_reason = now, EndReason.FAILED
        _keep(session, row.id, chain, now)
        return
    for call_id in repository.end_chain(session, chain.id, reason, now):
        if reason in _NOT_NEEDED:
            outbox.drop_waiting(session, repository.about(call_id), now)
    if reason in _KEPT:
        _keep(session, chain.id, chain, now)


def _keep(session: Session, chain_id: int, chain: _Chain, now: datetime) -> None:
    if chain.level >= MAX_LEVEL and not chain.is_exercise:
        reject(session, STAGE, f"call {chain_id}", f"A call of level {chain.level} of {chain.desk} has no answer.", now)


def _call(session: Session, chain: _Chain, user_id: int | None, how: How, now: datetime) -> CallRow:
    row = CallRow(
        step=chain.step,
        how=how.value,
        desk=chain.desk,
        user_id=user_id,
        level=chain.level,
        exercise=chain.is_exercise,
        ready_at=chain.ready_at,
        made_at=now,
        chain_id=chain.id,
        problem="",
    )
    session.add(row)
    session.flush()
    session.add_all(
        CallNoticeRow(call_id=row.id, alert_id=one.alert_id, notice_id=one.notice_id, was_new=one.was_new)
        for one in chain.subjects
    )
    session.flush()
    return row


def _holds(session: Session, row: CallRow, settings: Settings, now: datetime) -> bool:
    """Holds a call back from an account that was interrupted often enough in its shift; never one of level 3."""
    rules = policy.rules_of(settings)
    if row.level >= MAX_LEVEL or row.exercise or row.user_id is None:
        return False
    called, _ = repository.calls_in(session, row.user_id, policy.shift_of(now, rules))
    if called - 1 < rules.per_shift:  # this one is counted already
        return False
    row.held_at = row.ended_at = now
    row.end_reason = EndReason.CAP
    session.flush()
    return True


def _escalated(session: Session, chain_id: int, to: int, step: int, now: datetime) -> None:
    for row in repository.open_chains(session).get(chain_id, []):
        if row.step < step and row.escalated_at is None:
            row.escalated_at, row.escalated_to = now, to
    session.flush()


def _put(
    session: Session,
    row: CallRow,
    subjects: Sequence[_Subject],
    contacts: Sequence[tuple[int, Channel]],
    settings: Settings,
    now: datetime,
) -> None:
    """Puts the message of a call into the outbox: for level 3 on every channel of the account, else on its first."""
    assert row.user_id is not None  # noqa: S101 (nobody has no contacts)
    note = wording.note_of(_message(session, row, subjects, settings, now))
    is_urgent = row.level >= MAX_LEVEL and not row.exercise
    for contact_id, channel in contacts if is_urgent else contacts[:1]:
        message = Message(
            channel=channel,
            target=target_of(contact_id),
            about=repository.about(row.id),
            body=rendering.rendered(note, channel),
            key=f"{repository.about(row.id)}/{contact_id}",
        )
        outbox.put(session, message, now=now)


def _message(
    session: Session, row: CallRow, subjects: Sequence[_Subject], settings: Settings, now: datetime
) -> CallMessage:
    assert row.user_id is not None  # noqa: S101
    rules = policy.rules_of(settings)
    told = repository.told(
        session,
        [one.alert_id for one in subjects],
        [one.notice_id for one in subjects if one.notice_id is not None],
    )
    escalates = row.level >= MAX_LEVEL and not row.exercise and any(one.was_new for one in subjects)
    is_last = row.how != How.ROTA
    _, held_own = repository.calls_in(session, row.user_id, policy.shift_of(now, rules))
    return CallMessage(
        call_id=row.id,
        desk=row.desk,
        how=How(row.how),
        is_exercise=row.exercise,
        alerts=told,
        answer_url=settings.link(links.LinkSigner(settings.secret_key).path(row.id, row.user_id, now)),
        alert_urls=[settings.link(f"/alerts/{one.alert_id}") for one in told],
        waits=timedelta(minutes=settings.call_wait_minutes) if escalates and not is_last else None,
        held=dict(shift_view(session, row.desk, rules, now).held_by_label),
        held_own=held_own,
    )
