"""Accounts and reports for the tests of field reports: a desa and a kecamatan in Kabupaten Banjar. All is made up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tests.api.sample import NOW
from waspada.access import Role, add_user
from waspada.reports import service
from waspada.reports.sealing import Keys
from waspada.reports.types import EventKind, HowKnown, NewReport, Sender

REGENCY, DISTRICT, VILLAGE, OTHER_VILLAGE = "63.03", "63.03.05", "63.03.05.1001", "63.03.05.1002"
ELSEWHERE = "63.71.01"
TEXT = "Dua kelompok pemuda saling dorong di depan balai desa, sudah dilerai warga."
KEYS = Keys(b"k" * 32)


def add_reporter(session: Session, name: str, region: str, *, at: datetime = NOW - timedelta(days=30)) -> Sender:
    """An account that sends from a region."""
    added = add_user(session, name, Role.REPORTER, region, actor="test", now=at)
    return Sender(added.user.id, name, region)


def new_report(number: int = 1, place: str = VILLAGE, **changes: Any) -> NewReport:
    given: dict[str, Any] = {
        "key": f"report-number-{number:04}",
        "place": place,
        "kind": EventKind.CONFLICT,
        "known": HowKnown.SEEN,
        "text": TEXT,
        "happened_at": NOW - timedelta(hours=2),
        **changes,
    }
    return NewReport(**given)


def send(session: Session, sender: Sender, number: int = 1, now: datetime = NOW, **changes: Any) -> int:
    """Sends a report; returns its id."""
    given = {"happened_at": now - timedelta(hours=2), **changes}
    report = new_report(number, given.pop("place", sender.region), **given)
    return service.send(session, KEYS, sender, report, now).report_id
