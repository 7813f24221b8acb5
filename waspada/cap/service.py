"""Which CAP messages are due, and issuing them: an Alert when a person verified an alert, an Update when it changed or
ended, a Cancel when it was taken back. The worker does it; nothing here sends anything: readers fetch `/api/v1/cap`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from waspada.alerts import repository as alerts
from waspada.alerts.types import AlertState
from waspada.cap import repository
from waspada.cap.composing import compose
from waspada.cap.types import Issued, MsgType, Reference
from waspada.cap.xml import write
from waspada.escalations.gathering import facts_of
from waspada.escalations.policy import has_fallen
from waspada.escalations.types import ReportFacts
from waspada.settings import Settings
from waspada.store.tables import AlertRow, CapMessageRow

#: An update comes at most so often, unless the level rose or the alert ended: aggregators interrupt people, too.
UPDATE_EVERY = timedelta(hours=2)


def sender_of(settings: Settings) -> str:
    """Who sends, as CAP wants it: unique, without spaces and commas."""
    if settings.cap_sender:
        return settings.cap_sender
    host = urlsplit(settings.link("/")).hostname or "localhost"
    return f"waspada@{host}"


def issue_due(session: Session, settings: Settings, now: datetime) -> list[Issued]:
    """Issues every message that is due and returns them. Runs in the caller's writing transaction; twice it does
    nothing new. Words of messages on erased news are taken."""
    made = []
    for alert_id in repository.due_ids(session, now):
        session.execute(select(AlertRow.id).where(AlertRow.id == alert_id).with_for_update())
        issued = _issue(session, alert_id, settings, now)
        if issued is not None:
            made.append(issued)
    repository.forget_words(session, repository.erased_ids(session))
    return made


def has_work(session: Session, now: datetime) -> bool:
    """Whether `issue_due` would do anything: looked at without a lock."""
    if repository.erased_ids(session):
        return True
    return any(_next(session, id_, now) is not None for id_ in repository.due_ids(session, now))


def step(
    facts: ReportFacts, told: Mapping[str, Any] | None, last: MsgType | None, since: datetime | None, now: datetime
) -> MsgType | None:
    """The message that is due for an alert, None where none is. Pure.

    `told` is what the last message of the alert told, `last` its type and `since` its time; None for the first one.
    """
    stands = facts.state == AlertState.VERIFIED and facts.level > 0
    if last is None or last is MsgType.CANCEL:
        return MsgType.ALERT if stands else None
    if has_fallen(facts.state, facts.reason, facts.level):
        return MsgType.CANCEL
    if facts.state not in (AlertState.VERIFIED, AlertState.CLOSED):  # in hand again: what was told is not taken back
        return None
    new = told_of(facts)
    if told is None or since is None or all(new[name] == told.get(name) for name in new if name in told):
        return None
    is_urgent = new["level"] > told.get("level", 0) or new["state"] != told.get("state")
    return MsgType.UPDATE if is_urgent or now >= since + UPDATE_EVERY else None


def told_of(facts: ReportFacts) -> dict[str, Any]:
    """What a change is measured by: numbers and codes only. A message of before a key was told says nothing of it, so
    that a new version of the program updates no alert by itself."""
    return {
        "state": facts.state,
        "level": facts.level,
        "label": facts.label,
        "outlets": facts.outlet_count,
        "regions": sorted(facts.regions),
    }


def _next(session: Session, alert_id: int, now: datetime) -> tuple[ReportFacts, MsgType] | None:
    summary = alerts.summary(session, alert_id)
    earlier = repository.of_alert(session, alert_id)
    last = earlier[-1] if earlier else None
    facts = facts_of(session, alert_id)
    if summary.merged_into is not None:  # the other alert speaks for it, in messages of its own
        return (facts, MsgType.CANCEL) if last is not None and last.msg_type != MsgType.CANCEL else None
    found = step(
        facts,
        last.told if last else None,
        MsgType(last.msg_type) if last else None,
        last.sent_at if last else None,
        now,
    )
    return None if found is None else (facts, found)


def _issue(session: Session, alert_id: int, settings: Settings, now: datetime) -> Issued | None:
    found = _next(session, alert_id, now)
    if found is None:
        return None
    facts, msg_type = found
    earlier = repository.of_alert(session, alert_id)
    number, sender = len(earlier) + 1, sender_of(settings)
    refers = [] if msg_type is MsgType.ALERT else _chain(earlier)
    message = compose(
        facts,
        msg_type,
        identifier=f"{sender.replace('@', '.')}-{alert_id}-{number}",
        sender=sender,
        region=settings.region,
        contact=settings.contact,
        web=settings.link(f"/alerts/{alert_id}"),
        is_test=settings.cap_test,
        references=[Reference(row.sender, row.identifier, row.sent_at) for row in refers],
        now=now,
    )
    row = CapMessageRow(
        identifier=message.identifier,
        alert_id=alert_id,
        number=number,
        msg_type=msg_type.value,
        status=message.status.value,
        sender=sender,
        sent_at=message.sent_at,
        refs=[one.identifier for one in message.references],
        told=told_of(facts),
        xml=write(message, settings.zone_info),
    )
    session.add(row)
    session.flush()
    return repository.message(session, row.identifier)


def _chain(earlier: Sequence[CapMessageRow]) -> Sequence[CapMessageRow]:
    """The messages since the last Cancel: what was cancelled is not updated."""
    start = max((n for n, row in enumerate(earlier, start=1) if row.msg_type == MsgType.CANCEL), default=0)
    return earlier[start:]
