"""The report of a month on both databases: what it says, what it never says, and how it comes to be once."""

from __future__ import annotations

import json
from collections.abc import Sized
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, update

from tests.drift.months import MODEL, MONTHS, NOW, add_answer, add_news, fill
from tests.killed import same_after_kills
from waspada.clock import DEFAULT_ZONE
from waspada.drift import repository, service
from waspada.drift.types import FIGURES, Change, Fit, Measure, ModelReport, Outlets
from waspada.errors import InputError, NotFoundError
from waspada.jobs.model_report import SETTLED_AFTER, report_due
from waspada.labels.types import Queue
from waspada.models import service as models
from waspada.models.types import Step
from waspada.store import Store
from waspada.store.tables import ItemVersionRow, ModelReportRow, RejectRow, SourceRow, TagRow
from waspada.taxonomy import Label

OCTOBER = date(2024, 10, 1)


def made(store: Store, month: date = OCTOBER, now: datetime = NOW) -> ModelReport:
    with store.read() as session:
        return service.make_report(session, month, default=MODEL, zone=DEFAULT_ZONE, now=now)


def rate(report: ModelReport, figure: str, outlets: Outlets = Outlets.KNOWN) -> tuple[Change, int, int]:
    (one,) = (one for one in report.rates[outlets] if one.figure == figure)
    return one.change, one.n, one.hits


def test_new_outlets_are_kept_apart_from_old_ones(store: Store) -> None:
    with store.write() as session:
        fill(session)
    report = made(store)
    heard = report.heard
    assert (heard.known, heard.new, heard.reference, heard.gone) == (150, 90, 360, 15)
    assert (heard.known_sources, heard.new_sources, heard.gone_sources) == (1, 1, 1)
    assert (heard.read, heard.reference_read) == (240, 375)
    assert report.reference == ["2024-07", "2024-08", "2024-09"]
    assert rate(report, "conflict") == (Change.CHANGED, 150, 38)
    assert rate(report, "alert_2")[0] is Change.CHANGED
    assert rate(report, "disaster") == (Change.TOO_FEW, 150, 0)
    assert rate(report, "disaster", Outlets.NEW) == (Change.TOO_FEW, 90, 45)
    shifts = {(one.measure, one.outlets): one for one in report.shifts}
    assert len(shifts) == 6
    for measure in Measure:
        assert shifts[measure, Outlets.KNOWN].change in (Change.NONE, Change.AS_BEFORE)
        assert shifts[measure, Outlets.NEW].change is Change.CHANGED


def test_answers_for_items_drawn_by_lot(store: Store) -> None:
    with store.write() as session:
        fill(session)
        items = add_news(session, MONTHS[3], 2, seed=7)
        add_answer(session, items[0], "ana-analis", NOW - timedelta(days=5), queue=Queue.RARE, fraud=1)
        old = add_news(session, MONTHS[3], 1, seed=8, model="lain-1")
        add_answer(session, old[0], "ana-analis", NOW - timedelta(days=5))
    report = made(store)
    conflict, fraud = (next(one for one in report.calibration if one.figure == name) for name in ("conflict", "fraud"))
    assert (conflict.n, conflict.positives, fraud.positives) == (60, 15, 0)
    assert conflict.observed is not None
    assert conflict.observed.low < 0.25 < conflict.observed.high
    assert conflict.fit is Fit.FITS
    assert {one.fit for one in report.calibration_before} == {Fit.TOO_FEW}
    assert [one.figure for one in report.calibration] == list(FIGURES)
    assert next(one for one in report.calibration if one.figure == "alert_1").n == 0  # these tags have no alert_p
    assert report.passed_over["answers"] == 1
    assert (report.answers.answers, report.answers.items) == (74, 62)
    assert report.answers.by_queue == {Queue.RANDOM: 72, Queue.RARE: 2}
    alpha = next(one for one in report.answers.fields if one.field == "conflict")
    assert (alpha.items, alpha.alpha) == (12, 1.0)


def test_a_month_without_items_says_so(store: Store) -> None:
    report = made(store, date(2020, 2, 1))
    assert report.is_empty
    assert (report.month, report.reference) == ("2020-02", ["2019-11", "2019-12", "2020-01"])
    assert {one.change for one in report.shifts} == {Change.TOO_FEW}
    assert {one.change for found in report.rates.values() for one in found} == {Change.TOO_FEW}
    assert all(one.share is None for found in report.rates.values() for one in found)
    assert {one.fit for one in report.calibration} == {Fit.TOO_FEW}


@pytest.mark.parametrize("month", [date(2024, 11, 1), date(2024, 12, 1), date(2199, 1, 1)])
def test_a_month_that_is_not_over_is_refused(store: Store, month: date) -> None:
    with pytest.raises(InputError, match="not over"):
        made(store, month)


def test_months_are_those_of_the_desks_zone(store: Store) -> None:
    """The last evening of September in UTC is October in WITA; an exercise is no news; nor is what was found before."""
    with store.write() as session:
        add_news(session, datetime(2024, 9, 29, 16, 30, tzinfo=UTC), 1, source="satu")
        add_news(session, datetime(2024, 9, 29, 15, 30, tzinfo=UTC), 1, source="dua")
        add_news(session, MONTHS[3], 1, source="latihan")
        session.execute(update(SourceRow).where(SourceRow.id == "latihan").values(role="exercise"))
    heard = made(store).heard
    assert (heard.known, heard.new, heard.gone) == (0, 1, 1)


def test_damaged_embeddings_and_removed_texts_are_passed_over_and_counted(store: Store) -> None:
    with store.write() as session:
        fill(session)
        ids = add_news(session, MONTHS[3], 4, seed=9)
        damage = [np.zeros(0), np.ones(7), np.full(384, np.nan), np.zeros(384)]
        for id_, vector in zip(ids, damage, strict=True):
            session.execute(update(TagRow).where(TagRow.item_id == id_).values(embedding=vector.astype(np.float32)))
        session.execute(update(ItemVersionRow).where(ItemVersionRow.item_id.in_(ids[:3])).values(text=""))
    report = made(store)
    assert report.passed_over == {"texts": 3, "embeddings": 4, "answers": 0}
    assert next(one for one in report.shifts if one.measure is Measure.EMBEDDING).n == 120


def test_the_model_is_that_of_the_end_of_the_month(store: Store) -> None:
    first = MONTHS[3] + timedelta(days=9)
    with store.write() as session:
        add_news(session, MONTHS[3], 3)
        for name in (MODEL, "uji-2"):
            models.register(session, name, name, kind="tiny", actor="tuan", now=MONTHS[0])
        who = {"default": MODEL, "actor": "ana", "reason": "Budi Rahasia berkata baik"}
        models.promote(session, "uji-2", seen=MODEL, override=True, now=first, **who)
        models.rollback(session, seen="uji-2", now=NOW, **who)
    october = made(store)
    assert (october.model, october.since) == ("uji-2", first)
    assert [(one.what, one.model, one.previous) for one in october.decisions] == [(Step.PROMOTE, "uji-2", MODEL)]
    assert [one.value for one in october.decisions[0].overridden] == ["not_compared", "no_gates"]
    assert (made(store, date(2024, 9, 1)).model, made(store, date(2024, 9, 1)).since) == (MODEL, None)
    assert october.heard.read == 0
    assert rate(october, "conflict", Outlets.NEW) == (Change.TOO_FEW, 0, 0)


def test_no_word_of_an_item_no_outlet_and_no_account_stands_in_the_document(store: Store) -> None:
    with store.write() as session:
        fill(session)
    with store.write() as session:
        repository.save(session, made(store))
    with store.read() as session:
        document = json.dumps(session.scalars(select(ModelReportRow.document)).one()).lower()
        words = {
            word
            for title, text in session.execute(select(ItemVersionRow.title, ItemVersionRow.text))
            for word in f"{title} {text}".lower().split()
        }
    assert {"kapal", "warga"} <= words
    others = {"ana", "budi", "rahasia", "analis", "catatan", "kabar-banjar", "berita-baru", "sudah-diam", "example"}
    found = {word for word in words | others if word in document}
    assert found == set()


def test_a_report_is_kept_as_it_was_made_and_made_anew_in_its_place(store: Store) -> None:
    with store.write() as session:
        fill(session)
    report = made(store)
    for _ in range(2):
        with store.write() as session:
            repository.save(session, report)
    with store.read() as session:
        assert repository.get(session, "2024-10") == report
        assert repository.reports(session) == [report]
        with pytest.raises(NotFoundError, match="2024-09"):
            repository.get(session, "2024-09")
    again = made(store)
    assert again == report  # the same store gives the same figures
    with store.write() as session:
        add_news(session, MONTHS[3], 1, seed=5)
        repository.save(session, made(store))
        assert [one.heard.known for one in repository.reports(session)] == [150]
    with store.write() as session:
        repository.save(session, made(store))
    with store.read() as session:
        assert [one.heard.known for one in repository.reports(session)] == [151]


def test_the_worker_makes_it_once_and_when_the_month_is_settled(store: Store) -> None:
    end = datetime(2024, 10, 31, 16, 0, tzinfo=UTC)
    assert report_due(store, DEFAULT_ZONE, MODEL, NOW) is None  # a desk that has not begun
    with store.write() as session:
        fill(session)
    assert report_due(store, DEFAULT_ZONE, MODEL, end + SETTLED_AFTER - timedelta(seconds=1)) is None
    found = report_due(store, DEFAULT_ZONE, MODEL, end + SETTLED_AFTER)
    assert found is not None
    assert found.month == "2024-10"
    assert report_due(store, DEFAULT_ZONE, MODEL, NOW) is None


def test_a_row_that_cannot_be_read_does_not_end_the_worker(store: Store) -> None:
    with store.write() as session:
        id_ = add_news(session, MONTHS[3], 1)[0]
        session.execute(update(TagRow).where(TagRow.item_id == id_).values(labels={"rusak": 1}))
    assert report_due(store, DEFAULT_ZONE, MODEL, NOW) is None
    with store.read() as session:
        (row,) = session.scalars(select(RejectRow).where(RejectRow.stage == "report"))
        assert (row.object, row.problem) == ("2024-10", "KeyError")
    good = {label.value: {"p": 0.1, "on": False} for label in Label}
    with store.write() as session:
        session.execute(update(TagRow).where(TagRow.item_id == id_).values(labels=good))
    assert report_due(store, DEFAULT_ZONE, MODEL, NOW) is not None
    with store.read() as session:
        assert session.scalars(select(RejectRow)).all() == []


def test_kills_lose_nothing(store: Store, store_url: str, tmp_path: Path) -> None:
    def picture(found: Store) -> Sized:
        with found.read() as session:
            return [(one.month, one.heard, one.rates, one.shifts) for one in repository.reports(session)]

    assert len(same_after_kills("tests.drift.report_process", store, store_url, 3, 11, tmp_path, picture)) == 1
