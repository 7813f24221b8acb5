"""Which kecamatan owe a periodic report, which came and which are missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from waspada.access.types import Role
from waspada.clock import local_day
from waspada.notify.contacts.service import ready_contacts
from waspada.places import is_within
from waspada.reports import policy, repository
from waspada.reports.types import Owed, Rhythm, Span
from waspada.store.tables import UserRow

#: Accounts that a kecamatan's periodic report is expected from.
_OWING = (Role.REPORTER.value, Role.LIAISON.value)
_KECAMATAN = 8


def owed(session: Session, rhythm: Rhythm, now: datetime, zone: ZoneInfo, *, within: str | None = None) -> list[Owed]:
    """What every kecamatan with an account of its own owes for the spans that are over, the newest first, then by
    region. A kecamatan owes nothing of the time before its first account."""
    today = local_day(now, zone)
    people = bound(session, within=within)
    reached = ready_contacts(session, [id_ for ids in people.values() for id_ in ids])
    since = _since(session, zone)
    spans = {region: policy.spans_due(rhythm, today, since[region]) for region in people}
    every = {span for found in spans.values() for span in found}
    known = {(one.region, one.span): one for one in repository.periodic(session, every, within=within)}
    found = [
        Owed(
            region=region,
            span=span,
            due_at=policy.due_at(span, zone),
            report=known.get((region, span)),
            can_be_told=any(id_ in reached for id_ in people[region]),
        )
        for region, mine in spans.items()
        for span in mine
    ]
    return sorted(found, key=lambda one: (-one.span.first.toordinal(), one.region))


def owed_by(session: Session, region: str, rhythm: Rhythm, now: datetime, zone: ZoneInfo) -> list[Owed]:
    """What one kecamatan owes; nothing of any other region."""
    if len(region) != _KECAMATAN:
        return []
    return [one for one in owed(session, rhythm, now, zone, within=region) if one.region == region]


def missing_now(found: list[Owed], now: datetime) -> list[Owed]:
    return [one for one in found if one.is_overdue(now)]


def bound(session: Session, *, within: str | None = None) -> Mapping[str, list[int]]:
    """Kecamatan -> the open accounts bound to it that its periodic report is expected from."""
    query = select(UserRow.region, UserRow.id).where(
        UserRow.active, UserRow.role.in_(_OWING), func.length(UserRow.region) == _KECAMATAN
    )
    found: defaultdict[str, list[int]] = defaultdict(list)
    for region, id_ in session.execute(query.order_by(UserRow.region, UserRow.id)):
        if region and (within is None or is_within(region, within)):
            found[region].append(id_)
    return found


def _since(session: Session, zone: ZoneInfo) -> Mapping[str, date]:
    query = select(UserRow.region, func.min(UserRow.created_at)).where(
        UserRow.active, UserRow.role.in_(_OWING), func.length(UserRow.region) == _KECAMATAN
    )
    return {region: local_day(at, zone) for region, at in session.execute(query.group_by(UserRow.region)) if region}


def about(one: Owed) -> str:
    """What a reminder is about, for the outbox."""
    return f"periodic/{one.region}/{one.span.first.isoformat()}"


def first_day_of(text: str) -> date | None:
    """A day as addresses and forms have it; None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


__all__ = ["Span", "about", "bound", "first_day_of", "missing_now", "owed", "owed_by"]
