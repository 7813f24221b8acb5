"""Silences of one alert and of one report, on both databases: what they hold, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.api.sample import CLASH, NEUTRALITY, NOW, Report, Sample, add_alert
from waspada.alerts.service import move
from waspada.alerts.types import AlertState
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.jobs.notify import notify_due
from waspada.notify import service
from waspada.notify.types import Silence
from waspada.settings import Settings, load_settings
from waspada.store import Store
from waspada.store.tables import AlertRow, ItemRow, ItemVersionRow, NoticeRow, SilenceRow, StoryItemRow
from waspada.taxonomy import Label

HOUR = timedelta(hours=1)
FLOOD = Sample(
    label=Label.DISASTER,
    level=2,
    parts={"level": 28.0},
    headline="Banjir merendam dua kecamatan",
    regions=["63.07"],
    reports=[
        Report("Warta Intan", "Banjir merendam dua kecamatan", "Air naik sejak subuh. «Banjir merendam dua.»"),
        Report("Harian Riam", "Warga mengungsi ke balai desa", "Air setinggi lutut. «Warga mengungsi.»"),
    ],
)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings()


@pytest.fixture
def alert_id(store: Store) -> int:
    with store.write() as session:
        return add_alert(session, FLOOD)


def items_of(store: Store, alert_id: int) -> list[int]:
    with store.read() as session:
        story = session.get_one(AlertRow, alert_id).story_id
        query = select(StoryItemRow.item_id).where(StoryItemRow.story_id == story)
        return list(session.scalars(query.order_by(StoryItemRow.item_id)))


def silence(store: Store, alert_id: int, hours: int = 6, reason: str = "sudah ditangani", **given: object) -> Silence:
    with store.write() as session:
        return service.silence_alert(
            session, alert_id, NOW + hours * HOUR, reason, actor="liaison-1", now=NOW, home="63", **given,  # type: ignore[arg-type]
        )  # fmt: skip


def mute(store: Store, item_id: int, hours: int = 6, within: str | None = None) -> Silence:
    with store.write() as session:
        return service.silence_item(
            session, item_id, NOW + hours * HOUR, "salah kutip", actor="liaison-1", now=NOW, home="63", within=within
        )


def notice(store: Store) -> NoticeRow:
    with store.read() as session:
        (row,) = session.scalars(select(NoticeRow)).all()
        session.expunge(row)
        return row


class TestOfAnAlert:
    def test_it_holds_that_alert_alone_until_its_end(self, store: Store, alert_id: int, settings: Settings) -> None:
        with store.write() as session:
            other = add_alert(session, NEUTRALITY)
            session.get_one(AlertRow, other).state = "new"
        found = silence(store, alert_id, 9)  # into the next shift, whose cap is free
        assert (found.region, found.level, found.alert_id) == ("63.07", 2, alert_id)
        notify_due(store, settings, NOW)
        with store.read() as session:
            held = {row.alert_id: row.held_by for row in session.scalars(select(NoticeRow))}
        assert held == {alert_id: f"silence/{found.id}", other: ""}
        notify_due(store, settings, NOW + 9 * HOUR)
        with store.read() as session:
            assert session.scalars(select(NoticeRow.ready_at).where(NoticeRow.alert_id == alert_id)).one() is not None

    def test_it_ends_early_and_cannot_be_set_twice(self, store: Store, alert_id: int) -> None:
        found = silence(store, alert_id)
        with pytest.raises(ConflictError):
            silence(store, alert_id)
        with store.write() as session:
            service.end_silence(session, found.id, actor="liaison-2", now=NOW + HOUR)
            views = service.list_silences(session, NOW + HOUR, active_only=True, within="63.07")
        assert views == []
        silence(store, alert_id)

    def test_the_highest_level_needs_somebody_on_it(self, store: Store) -> None:
        with store.write() as session:
            clash = add_alert(session, CLASH)
        with pytest.raises(ConflictError, match="nobody has it in hand"):
            silence(store, clash)
        with store.write() as session:
            move(session, clash, AlertState.ACKNOWLEDGED, actor="liaison-1", revision=1, now=NOW)
        assert silence(store, clash).level == 3

    @pytest.mark.parametrize(("hours", "reason"), [(0, "x"), (-1, "x"), (15 * 24, "x"), (1, ""), (1, "x" * 501)])
    def test_what_is_no_silence(self, store: Store, alert_id: int, hours: int, reason: str) -> None:
        with pytest.raises(InputError):
            silence(store, alert_id, hours, reason)

    def test_a_finished_one_and_one_elsewhere(self, store: Store, alert_id: int) -> None:
        with pytest.raises(NotFoundError):
            silence(store, alert_id, within="64")
        with store.write() as session:
            move(session, alert_id, AlertState.NOT_A_THREAT, actor="x", revision=1, reason="old_news", now=NOW)
        with pytest.raises(ConflictError):
            silence(store, alert_id)

    def test_a_region_may_still_be_silenced_beside_it(self, store: Store, alert_id: int) -> None:
        silence(store, alert_id)
        with store.write() as session:
            service.add_silence(session, "63.07", None, NOW + HOUR, "latihan", actor="x", now=NOW)


class TestOfAReport:
    def test_all_silenced_the_alert_is_held_and_comes_free(
        self, store: Store, alert_id: int, settings: Settings
    ) -> None:
        found = [mute(store, item) for item in items_of(store, alert_id)]
        notify_due(store, settings, NOW)
        assert notice(store).held_by == f"silence/{found[-1].id}"
        notify_due(store, settings, NOW + 6 * HOUR)
        assert notice(store).ready_at is not None

    def test_what_it_alone_told_is_not_told(self, store: Store, alert_id: int, settings: Settings) -> None:
        mute(store, items_of(store, alert_id)[1])
        notify_due(store, settings, NOW)
        told = notice(store)
        assert told.ready_at is not None
        assert (told.facts["outlets"], told.facts["texts"]) == (1, 1)
        with store.read() as session:
            row = session.get_one(AlertRow, alert_id)
            assert (row.outlet_count, row.level) == (2, 2)  # the alert itself is as it was

    def test_an_edit_makes_it_count_again(self, store: Store, alert_id: int, settings: Settings) -> None:
        for item in items_of(store, alert_id):
            mute(store, item)
        with store.write() as session:
            edited = items_of(store, alert_id)[0]
            session.get_one(ItemRow, edited).version = 2
            session.add(
                ItemVersionRow(
                    item_id=edited, version=2, title="x", text="Tiga kecamatan.", sha256="0" * 64, seen_at=NOW + HOUR
                )
            )
        notify_due(store, settings, NOW + HOUR)
        assert notice(store).ready_at is not None

    def test_only_a_report_of_an_alert_of_the_own_region(self, store: Store, alert_id: int) -> None:
        item = items_of(store, alert_id)[0]
        with pytest.raises(NotFoundError):
            mute(store, item, within="64")
        with pytest.raises(NotFoundError):
            mute(store, 10**9)
        mute(store, item, within="63.07")
        with pytest.raises(ConflictError):
            mute(store, item)

    def test_it_goes_with_its_report(self, store: Store, alert_id: int) -> None:
        item = items_of(store, alert_id)[0]
        mute(store, item)
        with store.write() as session:
            session.delete(session.get_one(ItemRow, item))
        with store.read() as session:
            assert session.scalars(select(SilenceRow)).all() == []


def test_the_same_reports_in_two_alerts_are_told_apart(store: Store, alert_id: int, settings: Settings) -> None:
    with store.write() as session:
        add_alert(session, replace(FLOOD, headline="Banjir lain", regions=["63.02"]))
    for item in items_of(store, alert_id):
        mute(store, item)
    notify_due(store, settings, NOW)
    with store.read() as session:
        held = {row.alert_id: bool(row.held_by) for row in session.scalars(select(NoticeRow))}
    assert held[alert_id]
    assert not all(held.values())
