"""The monthly report: what it counts, what it hides, and that it names nobody."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.digests.rows import NOON, add_alert
from tests.subscriptions.people import wanted
from waspada.audit.service import AuditLog
from waspada.audit.types import AuditAction
from waspada.clock import last_month, month_of, months
from waspada.errors import InputError, ModelError
from waspada.privacy.retention import CLASSES
from waspada.recipients.types import RecipientKind
from waspada.reports.types import ReportState
from waspada.settings import Settings
from waspada.stops import service as stops
from waspada.store import Store
from waspada.store.tables import (
    AlertEventRow,
    CorrectionRow,
    DeliveryRow,
    ErasureRow,
    EscalationRecipientRow,
    EscalationRow,
    FieldReportCitationRow,
    FieldReportRow,
    RecipientRow,
    SubscriptionSendRow,
)
from waspada.subscriptions import service
from waspada.subscriptions.types import CHANNELS
from waspada.taxonomy import ItemKind, Label
from waspada.transparency import words
from waspada.transparency.service import make_report, model_figures, render
from waspada.transparency.types import Share, shown

MONTH = date(2024, 11, 1)
REFUTED = ("not_a_threat", "duplicate")
NOW = datetime(2024, 12, 2, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, zone="WITA", region="63", complaints_contact="aduan@kantor.example")


def event(session: Any, alert_id: int, to: str, after: timedelta, came: str = "new", **given: Any) -> None:
    row = {"alert_id": alert_id, "at": NOON + after, "actor": "liaison-rahasia", "action": "moved", **given}
    session.add(AlertEventRow(from_state=came, to_state=to, **row))


def fill(store: Store) -> None:
    """Eight alerts of November: six verified, one no threat, one duplicate; one of another region, one of October."""
    log = AuditLog(b"k" * 32)
    with store.write() as session:
        for number in range(8):
            alert = add_alert(session, number, state="verified" if number < 6 else REFUTED[number - 6])
            event(session, alert, "acknowledged", timedelta(minutes=10 * (number + 1)))
            if number < 6:
                event(session, alert, "verified", timedelta(hours=2), "acknowledged")
            else:
                state = REFUTED[number - 6]
                event(session, alert, state, timedelta(hours=2), "acknowledged", reason=state)
        add_alert(session, 20, region="64.72")
        add_alert(session, 21, at=datetime(2024, 10, 31, 15, 59, tzinfo=UTC))
        add_alert(session, 22, label=Label.NEUTRALITY)
        for _ in range(3):
            log.append(session, actor="nobody", action=AuditAction.SIGN_IN_REFUSED, object="console", now=NOON)
        for _ in range(7):
            log.append(session, actor="auditor-rahasia", action=AuditAction.EXPORTED, object="audit", now=NOON)
        log.append(session, actor="x", action=AuditAction.PURGED, object="store", detail={"posts": 40}, now=NOON)
        stops.stop(session, "alasan rahasia", region="63.03", actor="auditor-rahasia", role="auditor", now=NOON)
        session.add(ErasureRow(at=NOON, cause="place", alert_id=1, items=1))
        granted: dict[str, Any] = {"counts": {"articles": 9, "posts": 2}}
        for number in range(6):
            session.add(
                CorrectionRow(
                    at=NOON, due_at=NOON + timedelta(hours=72), actor="liaison-rahasia", kind="erase", about="item/1",
                    region=None, reason="rahasia", state="granted", decided_at=NOON + timedelta(hours=71 + number),
                    decided_by="admin-rahasia", decision="rahasia", effects=granted if number == 0 else {},
                )
            )  # fmt: skip


def add_reports(session: Session, **counts: int) -> None:
    """So many reports of the first alert that reached an institution of each kind."""
    for kind, count in counts.items():
        to = RecipientRow(
            institution=kind, kind=kind, region="63", channel="mail", address=f"{kind}@kantor.example", language="id",
            added_by="admin", added_at=NOON,
        )  # fmt: skip
        session.add(to)
        for _ in range(count):
            report = EscalationRow(
                alert_id=1, alert_revision=1, kind="informasi", regions=["63"], bodies={}, body_sha256="0" * 64,
                reason="", state="sent", proposed_by="liaison-rahasia", proposed_at=NOON,
            )  # fmt: skip
            session.add(report)
            session.flush()
            session.add(EscalationRecipientRow(escalation_id=report.id, recipient_id=to.id, kind=kind, sent_at=NOON))


def add_field_reports(session: Session) -> None:
    """Six reports of a kecamatan, one that cites them, one of October, one of elsewhere."""
    for number in range(6):
        session.add(field_report(number, "63.03.05", NOON, state="clarified"))
    above = field_report(6, "63.03", NOON)
    session.add_all([above, field_report(7, "63.03.05", NOON - timedelta(days=40)), field_report(8, "64.72.01", NOON)])
    session.flush()
    session.add(FieldReportCitationRow(child_id=1, report_id=above.id))


def field_report(number: int, region: str, at: datetime, **given: str) -> FieldReportRow:
    told: dict[str, Any] = {"place": region, "kind": "conflict", "known": "seen", "happened_at": at, "sent_at": at}
    return FieldReportRow(form_key=f"{number:064}", region=region, **{**told, **given})


def add_digests(session: Session, settings: Settings) -> None:
    """Seven digests by mail that were sent, one that was not, and what asked for a confirmation."""
    service.add(session, wanted(), settings, actor="manager-1", now=NOON)
    for number in range(9):
        sent_at, kind = (None if number == 7 else NOON), ("opt_in" if number == 8 else "digest")
        delivery = DeliveryRow(
            key=f"d{number}", channel="mail", target="subscription/1", about="subscription/1", body="{}",
            created_at=NOON, due_at=NOON, next_try_at=NOON, sent_at=sent_at,
        )  # fmt: skip
        session.add(delivery)
        session.flush()
        session.add(
            SubscriptionSendRow(
                subscription_id=1, kind=kind, occasion=f"o{number}", day="2024-11-20", at=NOON, delivery_id=delivery.id
            )
        )


def test_field_reports_and_digests_are_counted(store: Store, settings: Settings) -> None:
    with store.write() as session:
        add_field_reports(session)
        add_digests(session, settings)
    with store.read() as session:
        report = make_report(session, settings, MONTH, NOW)
    assert report.field_reports == {"clarified": 6}
    assert report.digests == {"mail": 7}
    page = render(report, settings.zone_info)
    assert "terklarifikasi" in page
    assert "surel" in page


def test_there_is_a_word_for_everything_that_is_counted() -> None:
    assert {one.key for one in CLASSES} <= set(words.CLASSES)
    assert set(words.REPORTS) == set(ReportState)
    assert set(words.CHANNELS) == set(CHANNELS)
    assert set(words.RECIPIENTS) == set(RecipientKind)
    assert set(words.ITEM_KINDS) == set(ItemKind)


def test_the_report_counts_what_is_of_the_month_and_the_region(store: Store, settings: Settings) -> None:
    fill(store)
    with store.read() as session:
        report = make_report(session, settings, MONTH, NOW)
    assert report.alerts == {
        "conflict": {"not_a_threat": 1, "duplicate": 1, "verified": 6},
        "neutrality": {"new": 1},
    }
    assert (report.precision["conflict"].hits, report.precision["conflict"].n) == (6, 7)  # a duplicate was no error
    assert (report.acknowledged, report.median_acknowledgement) == (8, timedelta(minutes=45))
    assert report.items == {"article": 11}  # by when they were found
    assert (report.sign_ins_refused, report.exports, report.deleted_at_place) == (3, 7, 1)
    assert report.requests == {"erase": {"granted": 6}}
    assert (report.in_time.hits, report.in_time.n) == (2, 6)
    assert (report.erased, report.aged) == ({"articles": 9, "posts": 2}, {"posts": 40})
    assert [stop.about for stop in report.stops] == ["region/63.03"]
    assert report.audit_rows == 11
    with store.read() as session:
        october = make_report(session, settings, date(2024, 10, 1), NOW)
    assert october.alerts == {"conflict": {"new": 1}}
    assert october.stops == []


def test_small_numbers_are_hidden_and_nobody_is_named(store: Store, settings: Settings) -> None:
    fill(store)
    with store.write() as session:
        add_reports(session, bawaslu=2, kpu=12)
    with store.read() as session:
        report = make_report(session, settings, MONTH, NOW)
    page, document = render(report, settings.zone_info, settings.complaints_contact), str(report.as_json())
    for text in (page, document):
        assert "rahasia" not in text
    assert "aduan@kantor.example" in page
    assert '<td class="n">12</td>' in page
    assert 'Bawaslu</th><td class="n">&lt;5</td>' in page
    assert "percobaan masuk yang ditolak: &lt;5" in page
    known = report.as_json()
    assert known["alerts"]["neutrality"] == {"new": "<5"}
    assert known["alerts"]["conflict"] == {"not_a_threat": "<5", "duplicate": "<5", "verified": "6"}
    assert known["escalations"] == {"bawaslu": "<5", "kpu": "12"}
    assert known["erased_on_request"] == {"articles": "9", "posts": "<5"}
    assert "<script" not in page
    assert "http" not in page  # needs nothing beside it


def test_an_empty_month_and_an_odd_one(store: Store, settings: Settings) -> None:
    with store.read() as session:
        report = make_report(session, settings, MONTH, NOW)
        assert "Tidak ada" in render(report, settings.zone_info)
        assert report.as_json()["median_acknowledgement_seconds"] is None
        with pytest.raises(InputError, match="not begun"):
            make_report(session, settings, date(2025, 1, 1), NOW)
    for odd in ("", "2024-13", "2024-1", "24-11", "2024-11-01", "x" * 500):
        with pytest.raises(InputError):
            month_of(odd)
    assert month_of(" 2024-11 ") == MONTH


def test_months_follow_the_zone_of_the_desk(settings: Settings) -> None:
    just_after = datetime(2024, 12, 31, 16, 30, tzinfo=UTC)  # half past midnight in WITA
    assert months(just_after, settings.zone_info, 3) == ["2025-01", "2024-12", "2024-11"]
    assert last_month(just_after, settings.zone_info) == date(2024, 12, 1)


@given(st.integers(0, 400), st.integers(0, 400))
def test_an_interval_holds_its_share(hits: int, missed: int) -> None:
    share = Share(hits, hits + missed)
    assert 0.0 <= share.low <= share.high <= 1.0
    if share.value is not None:
        assert share.low - 1e-9 <= share.value <= share.high + 1e-9


@given(st.integers(0, 10**6))
def test_only_0_and_5_or_more_are_shown(number: int) -> None:
    assert shown(number) == (str(number) if number == 0 or number >= 5 else "<5")


def test_a_model_without_a_card_is_an_error_of_the_product(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        model_figures(tmp_path)
    (tmp_path / "config.json").write_text("[]")
    (tmp_path / "metrics.json").write_text("{}")
    with pytest.raises(ModelError):
        model_figures(tmp_path)
