"""What people do with reports that leave the team: propose, approve or refuse, withdraw; and raise an alert to the
team's own desk one level up.

One account proposes, another one decides: never the same. Everything runs in the caller's writing transaction, and the
caller writes the audit line in the same one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from waspada.access.types import ForbiddenError
from waspada.alerts import repository as alerts
from waspada.alerts.exits import mask
from waspada.alerts.policy import REFUTED_STATES
from waspada.alerts.regions import holders
from waspada.alerts.types import SYSTEM, AlertState
from waspada.clock import local_day
from waspada.digests import repository as templates
from waspada.digests.texts import filled, number_of
from waspada.digests.types import Kind
from waspada.errors import ConflictError, InputError
from waspada.escalations import gate, policy, repository, wording
from waspada.escalations.gathering import facts_of
from waspada.escalations.types import (
    PROPOSABLE,
    Body,
    Candidate,
    Escalation,
    EscalationState,
    ReportFacts,
    ReportKind,
    StaleEscalationError,
)
from waspada.notify import repository as notices
from waspada.notify.messages import Channel, Message
from waspada.notify.outbox import drop_waiting, put
from waspada.notify.policy import rules_of
from waspada.places import full_name
from waspada.privacy.reasons import reason_of
from waspada.recipients import policy as recipient_policy
from waspada.recipients import repository as recipients
from waspada.recipients.types import LANGUAGES, Recipient, Refusal
from waspada.settings import Settings
from waspada.store.tables import AlertEventRow, AlertRow, EscalationRecipientRow, EscalationRow

#: What is kept of a message that the outbox does not know any more, or that was dropped there.
LOST = "The message is not in the outbox any more."
DROPPED = "The message was dropped."
RETURNED = "The mail came back."


def candidates(session: Session, facts: ReportFacts, now: datetime, *, within: str | None = None) -> list[Candidate]:
    """The institutions that are responsible for where an alert is, with why one cannot be sent anything now."""
    found = [one.recipient for one in recipients.search(session, within=within)]
    near = [one for one in found if one.active and recipient_policy.is_near(one.region, facts.regions)]
    return [Candidate(one, gate.refusal_of(session, one, list(facts.regions), now)) for one in near]


def preview(
    session: Session, facts: ReportFacts, kind: ReportKind, remark: str, settings: Settings, now: datetime
) -> dict[str, Body]:
    """The report as it would be proposed now, in the texts that the office put around such reports."""
    around = _around(session, facts, kind, settings, now)
    zone, contact = settings.zone_info, settings.contact
    return wording.compose(kind, facts, remark, zone=zone, contact=contact, now=now, around=around)


def propose(
    session: Session,
    alert_id: int,
    recipient_ids: Collection[int],
    kind: ReportKind,
    *,
    reason: str,
    remark: str = "",
    actor: str,
    settings: Settings,
    now: datetime,
    within: str | None = None,
) -> Escalation:
    """Proposes a report on a verified alert; nothing leaves before another account approved it.

    Raises NotFoundError (the alert or a recipient, also outside `within`), InputError (no recipient or too many, no
    reason, a kind that people do not propose) and ConflictError (the alert is not verified, was merged or is an
    exercise; a recipient may not be sent anything now, or is about to get a report on it already).
    """
    if kind not in PROPOSABLE:
        raise InputError(f"A report of the kind {kind} is not proposed.", hint=f"Use one of: {', '.join(PROPOSABLE)}.")
    wanted = sorted(set(recipient_ids))
    if not 0 < len(wanted) <= policy.MAX_RECIPIENTS:
        raise InputError("A report needs recipients.", hint=f"Choose 1 to {policy.MAX_RECIPIENTS} institutions.")
    why, line = reason_of(reason, is_needed=True), mask(reason_of(remark))
    session.execute(select(AlertRow.id).where(AlertRow.id == alert_id).with_for_update())
    facts = _reportable(session, alert_id, within)
    chosen = [recipients.as_recipient(recipients.recipient_row(session, id_, within=within)) for id_ in wanted]
    _refuse_unfit(session, chosen, facts.regions, now)
    twice = repository.open_recipients(session, alert_id) & set(wanted)
    if twice:
        names = ", ".join(one.institution for one in chosen if one.id in twice)
        raise ConflictError(f"A report on this alert to {names} is open already.", hint="Decide on that one first.")
    bodies = preview(session, facts, kind, line, settings, now)
    row = _new(facts, kind, bodies, why, actor, now)
    row.remark, row.expires_at = line, now + policy.ANSWER_WITHIN
    return _stored(session, row, chosen, "report_proposed", actor, now)


def decide(
    session: Session,
    escalation_id: int,
    approved: bool,
    reason: str,
    *,
    actor: str,
    revision: int,
    now: datetime,
    within: str | None = None,
) -> Escalation:
    """A second account approves a report, which puts it into the outbox, or refuses it with a reason.

    Whatever may have changed since it was proposed is looked at again: the alert, the recipients, their permissions.
    A correction goes to those that may still be sent something; of the others it is noted why not. Raises
    NotFoundError, InputError (a refusal without a reason), ForbiddenError (whoever proposed it),
    StaleEscalationError, and ConflictError (decided, withdrawn or expired; the alert does not stand any more; a
    recipient may not be sent anything).
    """
    found = repository.escalation(session, escalation_id, within=within)
    text = reason_of(reason, is_needed=not approved)
    _check_open(found, revision, now)
    if found.proposed_by == actor:
        raise ForbiddenError("Whoever proposes a report cannot decide on it.", hint="Another account must.")
    refused: Mapping[int, Refusal] = {}
    if approved:
        refused = _refused_now(session, found, now, within)
    state = EscalationState.APPROVED if approved else EscalationState.REFUSED
    _step(session, found, state, now, decided_by=actor, decision_reason=text)
    _event(session, found.alert_id, "report_approved" if approved else "report_refused", actor, now, found.id)
    if approved:
        _hand_over(session, found, refused, now)
    return repository.escalation(session, escalation_id, within=within)


def withdraw(
    session: Session, escalation_id: int, *, actor: str, revision: int, now: datetime, within: str | None = None
) -> Escalation:
    """Whoever proposed a report takes it back before it was decided; of the machine's corrections, nobody does.

    Raises NotFoundError, ForbiddenError (somebody else's), StaleEscalationError and ConflictError.
    """
    found = repository.escalation(session, escalation_id, within=within)
    _check_open(found, revision, now)
    if found.proposed_by != actor:
        raise ForbiddenError("Only whoever proposed a report withdraws it.", hint="Refuse it, with a reason.")
    _step(session, found, EscalationState.WITHDRAWN, now)
    _event(session, found.alert_id, "report_withdrawn", actor, now, found.id)
    return repository.escalation(session, escalation_id, within=within)


def desk_above(session: Session, settings: Settings, within: str | None) -> str | None:
    """The team's nearest desk above somebody's own; None where there is none."""
    own = within or settings.region
    desks = set(notices.desks(session, settings))
    return next((code for code in reversed(holders(own)[:-1]) if code in desks), None)


def raise_up(
    session: Session,
    alert_id: int,
    reason: str,
    *,
    actor: str,
    settings: Settings,
    now: datetime,
    within: str | None = None,
) -> Escalation:
    """Raises a verified alert to the team's own desk one level up: it is marked there, and that desk gets a notice,
    whatever its cap says. It stays in the team, so that nobody has to approve it.

    Raises NotFoundError, InputError without a reason, and ConflictError (not verified, an exercise, no desk above, or
    raised to it already).
    """
    why = reason_of(reason, is_needed=True)
    notices.lock(session)  # before the alert, as everybody who points notices to alerts does
    session.execute(select(AlertRow.id).where(AlertRow.id == alert_id).with_for_update())
    facts = _reportable(session, alert_id, within)
    desk = desk_above(session, settings, within)
    if desk is None:
        raise ConflictError("There is no desk of the team above yours.", hint="Report it to an institution instead.")
    if desk in repository.raised_to(session, [alert_id]).get(alert_id, ()):
        raise ConflictError(f"Alert {alert_id} was raised to the desk of {desk} already.", hint="Speak to that desk.")
    row = _new(facts, ReportKind.NAIK, {}, why, actor, now)
    row.desk, row.state, row.ended_at = desk, EscalationState.SENT.value, now
    notices.note_raised(session, alert_id, desk, rules_of(settings), now)
    return _stored(session, row, [], "raised_desk", actor, now)


# --------------------------------------------------------------------------------- what the worker does by itself


def expire(session: Session, now: datetime) -> list[Escalation]:
    """Ends the proposals that nobody answered in time, and those whose alert fell; returns them."""
    ended = []
    for ids, state in (
        (repository.expired_ids(session, now), EscalationState.EXPIRED),
        (repository.fallen_ids(session), EscalationState.WITHDRAWN),
    ):
        for id_ in ids:
            found = repository.escalation(session, id_)
            if found.state is EscalationState.PROPOSED:
                _step(session, found, state, now)
                _event(session, found.alert_id, f"report_{state}", SYSTEM, now, id_)
                ended.append(repository.escalation(session, id_))
    return ended


def settle(session: Session, now: datetime) -> list[Escalation]:
    """Notes how the messages of approved reports ended; returns the reports that ended with them."""
    ended = []
    for id_ in repository.ids_in(session, EscalationState.APPROVED):
        sent = repository.deliveries(session, id_)
        links = select(EscalationRecipientRow).where(EscalationRecipientRow.escalation_id == id_)
        for link in session.scalars(links.with_for_update()):
            if link.sent_at is not None or link.problem:
                continue
            delivery = sent.get(repository.about(id_, link.recipient_id))
            if delivery is None:
                link.problem = LOST
            elif delivery.sent_at is not None:
                link.sent_at = delivery.sent_at
            elif delivery.failed_at is not None or delivery.dropped_at is not None:
                link.problem = delivery.last_problem or DROPPED
        session.flush()
        found = repository.escalation(session, id_)
        state = policy.outcome(found.recipients)
        if state is not None:
            problem = next((one.problem for one in found.recipients if one.problem), "")
            _step(session, found, state, now, problem=problem)
            _event(session, found.alert_id, f"report_{state}", SYSTEM, now, id_)
            ended.append(repository.escalation(session, id_))
    return ended


def note_returned(session: Session, about: str, now: datetime) -> None:
    """A message came back after it was sent. Where it was about a report, its recipient does not have that, and it
    failed where nobody else has it."""
    key = repository.key_in(about)
    link = session.get(EscalationRecipientRow, key, with_for_update=True) if key is not None else None
    if link is None:
        return
    link.sent_at, link.problem = None, RETURNED
    session.flush()
    found = repository.escalation(session, link.escalation_id)
    if found.state is EscalationState.SENT and policy.outcome(found.recipients) is EscalationState.FAILED:
        _step(session, found, EscalationState.FAILED, now, problem=RETURNED)
        _event(session, found.alert_id, f"report_{EscalationState.FAILED}", SYSTEM, now, found.id)


def propose_corrections(session: Session, settings: Settings, now: datetime) -> list[Escalation]:
    """Proposes to take back every report that reached somebody and whose alert was refuted since; returns what is new.

    Refuted means: a person took the alert back, or nothing speaks for it any more (corrected or erased news). A merge
    refutes nothing: the other alert speaks for the event. A person approves the correction like any report; it does
    not expire.
    """
    made = []
    for of, why in _to_correct(session):
        facts = facts_of(session, of.alert_id)
        bodies = wording.correction(of, facts, why, zone=settings.zone_info, contact=settings.contact)
        row = _new(facts, ReportKind.RALAT, bodies, f"Laporan {of.id} tidak berlaku lagi.", SYSTEM, now)
        row.corrects_id, row.regions = of.id, list(of.regions)
        reached = [one.recipient for one in of.recipients if one.sent_at is not None]
        made.append(_stored(session, row, reached, "correction_due", SYSTEM, now))
    return made


def forget_erased(session: Session, now: datetime) -> int:
    """Takes the words of reports on alerts whose news were erased, also those on their way out; returns how many."""
    ids = repository.erased_ids(session)
    for id_ in ids:
        drop_waiting(session, f"{repository.ABOUT}/{id_}", now)
    repository.forget_words(session, ids)
    return len(ids)


def has_work(session: Session, now: datetime) -> bool:
    """Whether the worker has anything to do with reports: looked at without a lock."""
    return bool(
        repository.ids_in(session, EscalationState.APPROVED, limit=1)
        or repository.expired_ids(session, now)
        or repository.fallen_ids(session)
        or repository.erased_ids(session)
        or _to_correct(session)
    )


def _to_correct(session: Session) -> list[tuple[Escalation, str]]:
    """The reports to be taken back, each with why: a key of `wording.RETRACTED`."""
    found = []
    for id_ in repository.uncorrected_ids(session):
        of = repository.escalation(session, id_)
        stands = repository.standing(session, of.alert_id)
        if stands is None:
            found.append((of, "removed"))
        elif policy.has_fallen(*stands):
            state, reason, _ = stands
            said = next((word for word in (reason, state) if word in wording.RETRACTED), None)
            found.append((of, said or ("" if state in REFUTED_STATES else "removed")))
    return found


# ------------------------------------------------------------------------------------------------------- inner steps


def _around(
    session: Session, facts: ReportFacts, kind: ReportKind, settings: Settings, now: datetime
) -> dict[str, wording.Around]:
    """What an office wrote for this kind (`waspada.digests.texts`); what the program ships says nothing more."""
    if kind not in PROPOSABLE:
        return {}
    day, place = local_day(now, settings.zone_info), full_name(facts.regions[0]) if facts.regions else ""
    found = {}
    for language in LANGUAGES:
        written = templates.template(session, Kind(kind.value), language)
        if not written.is_shipped:
            values = {
                "wilayah": place,
                "tanggal": f"{day:%d/%m/%Y}",
                "nomor": number_of(written.kind, str(facts.alert_id), day.isoformat()),
                "jumlah": "1",
            }
            texts = filled(written.blocks, values)
            found[language] = wording.Around(**{block.value: text for block, text in texts.items()})
    return found


def _reportable(session: Session, alert_id: int, within: str | None) -> ReportFacts:
    merged = alerts.summary(session, alert_id, within=within).merged_into
    if merged is not None:
        raise ConflictError(f"Alert {alert_id} was merged into alert {merged}.", hint=f"Report alert {merged}.")
    facts = facts_of(session, alert_id, within=within)
    policy.check_reportable(facts)
    return facts


def _refuse_unfit(session: Session, chosen: Sequence[Recipient], regions: Sequence[str], now: datetime) -> None:
    for one in chosen:
        refused = gate.refusal_of(session, one, list(regions), now)
        if refused is not None:
            raise ConflictError(f"{one.institution}: {gate.PROBLEMS[refused]}", hint="Leave it out, or ask an admin.")


def _check_open(found: Escalation, revision: int, now: datetime) -> None:
    if found.revision != revision:
        raise StaleEscalationError(found)
    if found.state is not EscalationState.PROPOSED:
        raise ConflictError(f"The report {found.id} is {found.state} already.", hint="Propose a new one.")
    if policy.is_over(found, now):
        raise ConflictError(
            f"Nobody decided on the report {found.id} in time: it is over.", hint="Propose a new one: this one is old."
        )


def _refused_now(session: Session, found: Escalation, now: datetime, within: str | None) -> dict[int, Refusal]:
    """The recipients of a correction that may not be sent anything. Raises ConflictError where a report may not go."""
    gate.lock_recipients(session, [one.recipient.id for one in found.recipients])
    session.execute(select(AlertRow.id).where(AlertRow.id == found.alert_id).with_for_update())
    chosen = [one.recipient for one in found.recipients]
    if found.kind is not ReportKind.RALAT:
        _reportable(session, found.alert_id, within)
        _refuse_unfit(session, chosen, found.regions, now)
        return {}
    stands = repository.standing(session, found.alert_id)
    if stands is not None and stands[0] == AlertState.VERIFIED and stands[2] > 0:
        raise ConflictError(f"Alert {found.alert_id} stands again.", hint="There is nothing to take back.")
    refused = {one.id: gate.refusal_of(session, one, list(found.regions), now) for one in chosen}
    return {id_: why for id_, why in refused.items() if why is not None}


def _hand_over(session: Session, found: Escalation, refused: Mapping[int, Refusal], now: datetime) -> None:
    """Puts one message to each recipient into the outbox."""
    for one in found.recipients:
        who = one.recipient
        link = session.get_one(EscalationRecipientRow, (found.id, who.id))
        if who.id in refused:
            link.problem = gate.PROBLEMS[refused[who.id]]
            continue
        body = found.bodies[who.language]
        about = repository.about(found.id, who.id)
        message = Message(Channel.MAIL, who.address, about, {"subject": body.subject, "text": body.text}, about)
        put(session, message, now=now)
    session.flush()


def _new(
    facts: ReportFacts, kind: ReportKind, bodies: Mapping[str, Body], reason: str, actor: str, now: datetime
) -> EscalationRow:
    return EscalationRow(
        alert_id=facts.alert_id,
        alert_revision=facts.revision,
        kind=kind.value,
        regions=list(facts.regions),
        bodies=policy.as_json(bodies),
        body_sha256=policy.body_sha256(bodies) if bodies else "",
        reason=reason,
        state=EscalationState.PROPOSED.value,
        proposed_by=actor,
        proposed_at=now,
    )


def _stored(
    session: Session, row: EscalationRow, chosen: Sequence[Recipient], action: str, actor: str, now: datetime
) -> Escalation:
    session.add(row)
    session.flush()
    session.add_all(
        EscalationRecipientRow(escalation_id=row.id, recipient_id=one.id, kind=one.kind.value) for one in chosen
    )
    _event(session, row.alert_id, action, actor, now, row.id)
    return repository.escalation(session, row.id)


def _step(
    session: Session,
    found: Escalation,
    state: EscalationState,
    now: datetime,
    *,
    decided_by: str | None = None,
    decision_reason: str = "",
    problem: str = "",
) -> None:
    """One step, of whoever came first. Raises StaleEscalationError."""
    values: dict[str, object] = {"state": state.value, "revision": found.revision + 1, "problem": problem}
    if decided_by is not None:
        values |= {"decided_by": decided_by, "decided_at": now, "decision_reason": decision_reason}
    if state is not EscalationState.APPROVED:
        values["ended_at"] = now
    changed = session.execute(
        update(EscalationRow)
        .where(
            EscalationRow.id == found.id,
            EscalationRow.revision == found.revision,
            EscalationRow.state == found.state.value,
        )
        .values(**values)
    )
    session.expire_all()
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise StaleEscalationError(repository.escalation(session, found.id))


def _event(session: Session, alert_id: int, action: str, actor: str, now: datetime, escalation_id: int) -> None:
    """A line in the history of the alert; its state is not touched by it."""
    detail = {"escalation": escalation_id}
    session.add(AlertEventRow(alert_id=alert_id, at=now, actor=actor, action=action, detail=detail))
    session.flush()
