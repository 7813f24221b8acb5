"""A field report on its way through the stages: tagged and grouped like any item, ranked as one, told as a number."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.jobs.tiny import TinyTagger, add_sources
from tests.reports.people import DISTRICT, KEYS, OTHER_VILLAGE, VILLAGE, add_reporter, new_report
from tests.rows import NOW
from waspada.alerts import items
from waspada.alerts import repository as alerts
from waspada.alerts.story_text import story_text
from waspada.alerts.types import AlertDetail
from waspada.errors import InputError, NotFoundError
from waspada.escalations import service as escalations
from waspada.escalations.gathering import facts_of
from waspada.escalations.types import ReportKind
from waspada.items.policy import url_key
from waspada.items.service import store_item
from waspada.items.types import FoundItem
from waspada.jobs.field_reports import follow_field_reports
from waspada.jobs.label import refill
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.rank import RankingData
from waspada.labels import service as labels
from waspada.labels.types import Given
from waspada.notify.contacts.sealing import Sealer
from waspada.notify.messages import Channel
from waspada.reports import owing, repository, service
from waspada.reports.types import FieldReport, ReportState, Rhythm, StoryReports
from waspada.settings import Settings, load_settings
from waspada.sources import service as sources
from waspada.store import Store
from waspada.store.tables import (
    ContactRow,
    DeliveryRow,
    FingerprintRow,
    LabelTaskRow,
    StoryPlaceRow,
    StoryRow,
)
from waspada.taxonomy import ItemKind
from waspada.topics import service as topics
from waspada.topics.types import NewTopic

ZONE = ZoneInfo("Asia/Makassar")
EXAMPLES = (
    "Warga menutup jalan kebun.",
    "Batas lahan diukur ulang.",
    "Perusahaan dan warga berselisih soal batas kebun.",
)
EVENT = "Dua rombongan bentrok di simpang jalan pada malam hari, petugas melerai dan mencatat 17 saksi di lokasi."


@pytest.fixture(scope="module")
def data() -> RankingData:
    return RankingData.load(load_settings())


def run(store: Store, data: RankingData) -> None:
    run_waiting(store, TinyTagger(), data, lambda: NOW)


def send(session: Session, number: int, text: str, region: str = VILLAGE) -> int:
    me = add_reporter(session, f"kader-{number}", region)
    new = new_report(number, region, text=text, happened_at=NOW - timedelta(hours=1))
    return service.send(session, KEYS, me, new, NOW).report_id


def decide(store: Store, id_: int, state: ReportState) -> None:
    with store.write() as session:
        revision = repository.report(session, id_).revision
        service.decide(session, id_, state, "Dicek ke ketua RT.", actor="meja", revision=revision, now=NOW)


def at(store: Store, id_: int) -> tuple[FieldReport, AlertDetail | None]:
    with store.read() as session:
        found = repository.report(session, id_)
        return found, alerts.detail(session, found.alert_id) if found.alert_id else None


def test_a_report_alone_is_level_2_until_it_is_clarified(store: Store, data: RankingData) -> None:
    with store.write() as session:
        id_ = send(session, 1, EVENT)
    run(store, data)
    found, alert = at(store, id_)
    assert alert is not None
    assert alert.items[0].alert_level == 3, "so the model reads it"
    assert alert.summary.level == 2
    assert alert.summary.regions[0] == VILLAGE
    assert alert.summary.headline.startswith("Laporan lapangan tentang konflik di Keraton")
    assert "1 laporan lapangan, belum diklarifikasi" in alert.summary.why
    assert (alert.summary.outlet_count, alert.summary.voice_count) == (0, 0)
    decide(store, id_, ReportState.CLARIFIED)
    run(store, data)
    _, alert = at(store, id_)
    assert alert is not None
    assert alert.summary.level == 3
    assert "terklarifikasi" in alert.summary.headline
    assert "belum diklarifikasi" not in alert.summary.headline + alert.summary.why
    decide(store, id_, ReportState.REFUTED)
    run(store, data)
    _, alert = at(store, id_)
    assert alert is not None
    assert alert.summary.level == 0
    assert found.story_id is not None
    assert (alert.summary.headline, alert.summary.why) == ("Laporan lapangan tentang konflik: tidak lagi dihitung", "")
    with store.read() as session:
        assert "terklarifikasi" not in items.story(session, found.story_id).headline


def test_each_desk_reads_its_own_reports_of_a_story(store: Store, data: RankingData) -> None:
    """Two kecamatan tell of one event: each sees the alert and the number, and reads its own."""
    neighbour = "63.03.06"
    with store.write() as session:
        own, other = send(session, 1, EVENT), send(session, 2, EVENT, neighbour)
    run(store, data)
    found, alert = at(store, own)
    assert alert is not None
    assert {item.id for item in alert.items} == {found.item_id, at(store, other)[0].item_id}
    with store.read() as session:
        seen = alerts.detail(session, alert.summary.id, within=DISTRICT)
        assert [item.id for item in seen.items] == [found.item_id]
        assert seen.reports == StoryReports(unclarified=2)
        assert [item.id for item in items.of_story(session, alert.summary.story_id, within="63.03")] == [
            item.id for item in alert.items
        ]


def test_a_lower_desk_does_not_read_what_went_up(store: Store, data: RankingData) -> None:
    with store.write() as session:
        id_ = send(session, 1, EVENT, DISTRICT)
    decide(store, id_, ReportState.CLARIFIED)
    with store.write() as session:
        parent = service.forward(session, [id_], "Camat melaporkan bentrokan di simpang jalan.", actor="meja", now=NOW)
    run(store, data)
    item_id = at(store, parent.id)[0].item_id or 0
    with store.read() as session:
        assert items.item(session, item_id, within="63.03").id == item_id
        with pytest.raises(NotFoundError):
            items.item(session, item_id, within=DISTRICT)


def test_neutrality_waits_for_a_clarification(store: Store, data: RankingData) -> None:
    with store.write() as session:
        id_ = send(session, 1, "Perangkat desa diminta memasang spanduk, soal netralitas ini dibahas warga.")
    run(store, data)
    assert at(store, id_)[1] is None
    decide(store, id_, ReportState.CLARIFIED)
    run(store, data)
    alert = at(store, id_)[1]
    assert alert is not None
    assert alert.summary.label == "neutrality"


def test_it_joins_a_story_and_leaves_as_a_number(store: Store, data: RankingData) -> None:
    with store.write() as session:
        add_sources(session)
        for number in range(2):
            store_item(
                session,
                FoundItem(
                    source_id=f"media-{number}", kind=ItemKind.ARTICLE, outlet=f"media-{number}",
                    url=f"https://media-{number}.example/1", url_key=url_key(f"https://media-{number}.example/1"),
                    title="Bentrokan di Martapura", text=f"{EVENT} Kejadian di Martapura, kata petugas {number}.",
                    published_at=NOW - timedelta(hours=2),
                ),
                NOW,
            )  # fmt: skip
        id_ = send(session, 1, EVENT)
    run(store, data)
    found, alert = at(store, id_)
    assert alert is not None
    assert {item.kind for item in alert.items} == {ItemKind.ARTICLE, ItemKind.REPORT}
    told = story_text(alert.summary, alert.items, alert.claims, ZONE, alert.reports)
    assert told.reports == "1 laporan lapangan, belum diklarifikasi: dihitung, tidak dikutip di sini."
    item = next(item for item in alert.items if item.kind is ItemKind.REPORT)
    assert all(quote.item_id != item.id for quote in told.quotes)
    with store.read() as session:
        facts = facts_of(session, alert.summary.id)
        assert facts.field_reports == StoryReports(unclarified=1)
        assert all("Laporan lapangan" not in quote.outlet for quote in facts.quotes)
        assert "Laporan lapangan" not in dict(facts.outlets)
        body = escalations.preview(session, facts, ReportKind.ATENSI, "", Settings(data_dir=Path("x")), NOW)["id"].text
        assert "1 laporan lapangan, belum diklarifikasi (hanya dihitung, tidak dikutip)" in body
        assert repository.counts_of_stories(session, [alert.summary.story_id]) == {
            alert.summary.story_id: StoryReports(unclarified=1)
        }
    assert found.text == EVENT


def test_what_was_forwarded_counts_once(store: Store, data: RankingData) -> None:
    with store.write() as session:
        id_ = send(session, 1, EVENT)
    run(store, data)
    decide(store, id_, ReportState.CLARIFIED)
    run(store, data)
    before = at(store, id_)[1]
    with store.write() as session:
        parent = service.forward(session, [id_], EVENT, actor="meja", now=NOW).id
    run(store, data)
    after = at(store, id_)[1]
    assert before is not None
    assert after is not None
    up, of_parent = at(store, parent)
    assert up.story_id == after.summary.story_id, "it joined the story of its child"
    assert of_parent == after
    assert (after.summary.score, after.summary.item_count) == (before.summary.score, before.summary.item_count)
    with store.read() as session:
        assert repository.counts_of_stories(session, [after.summary.story_id]) == {
            after.summary.story_id: StoryReports(clarified=1)
        }


def test_it_lies_where_its_reporter_says_and_makes_no_region_look_busier(store: Store, data: RankingData) -> None:
    with store.write() as session:
        id_ = send(session, 1, f"{EVENT} Seperti di Banjarmasin dahulu.", OTHER_VILLAGE)
    run(store, data)
    found, _ = at(store, id_)
    with store.read() as session:
        fingerprint = session.get_one(FingerprintRow, found.item_id)
        assert fingerprint.regions == [OTHER_VILLAGE, DISTRICT, "63.03"]
        assert fingerprint.labels == ["conflict"]
        places = session.scalars(select(StoryPlaceRow).where(StoryPlaceRow.story_id == found.story_id)).all()
        assert {place.code for place in places} == {OTHER_VILLAGE, DISTRICT, "63.03", "63"}
        assert not any(place.eventful or place.label_groups for place in places)


def test_it_is_no_source_that_is_listed_and_teaches_no_model(store: Store, data: RankingData) -> None:
    with store.write() as session:
        id_ = send(session, 1, EVENT)
    run(store, data)
    refill(store, NOW)
    with store.read() as session:
        assert session.scalars(select(LabelTaskRow)).all() == []
        assert sources.list_sources(session) == []
    with store.write() as session:
        item_id = repository.report(session, id_).item_id or 0
        with pytest.raises(InputError, match="not labelled"):
            labels.answer(session, Given("kunci-1", item_id, 1, {"conflict": 1}), actor="ani", now=NOW)
        topic = topics.add_topic(
            session, NewTopic("Sengketa lahan", "Warga dan perusahaan.", EXAMPLES), actor="ani", now=NOW
        )
        with pytest.raises(InputError, match="field reports"):
            topics.answer(session, topic.id, item_id, True, 0, actor="ani", now=NOW)


def test_a_missing_periodic_report_is_asked_for_once(store: Store, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with store.write() as session:
        me = add_reporter(session, "kader-1", DISTRICT)
        add_reporter(session, "kader-2", "63.03.06")
        sealer = Sealer(b"k" * 32)
        session.add(
            ContactRow(
                user_id=me.user_id, channel=Channel.MAIL.value, position=1, digest="d" * 64,
                sealed=sealer.seal("kader@contoh.example", me.user_id, "mail"), created_at=NOW, verified_at=NOW,
            )
        )  # fmt: skip
        missing = owing.missing_now(owing.owed(session, Rhythm.WEEKLY, NOW, ZONE), NOW)
        assert {(one.region, one.can_be_told) for one in missing} == {(DISTRICT, True), ("63.03.06", False)}
        of_district = [one for one in missing if one.region == DISTRICT]
    for _ in range(2):
        follow_field_reports(store, settings, NOW)
    with store.read() as session:
        put = session.scalars(select(DeliveryRow)).all()
        assert {one.about for one in put} == {owing.about(one) for one in of_district}
        assert len(put) == len(of_district)
        assert "belum masuk" in put[0].body["subject"]


def test_an_erased_report_leaves_the_alert_without_it(store: Store, data: RankingData) -> None:
    from waspada.jobs.erase import Cause, erase_items

    with store.write() as session:
        id_ = send(session, 1, EVENT)
    run(store, data)
    found, alert = at(store, id_)
    assert alert is not None
    with store.write() as session:
        erase_items(session, [found.item_id or 0], NOW, cause=Cause.REQUEST)
        session.execute(update(StoryRow).values(stale=True))
    run(store, data)
    with store.read() as session:
        assert alerts.summary(session, alert.summary.id).level == 0


def test_a_digest_counts_it_and_quotes_nothing(store: Store, data: RankingData) -> None:
    from waspada.digests.service import Maker
    from waspada.digests.types import Wanted

    with store.write() as session:
        id_ = send(session, 1, EVENT)
    for state, words in ((None, "belum diklarifikasi"), (ReportState.CLARIFIED, "terklarifikasi")):
        if state is not None:
            decide(store, id_, state)
        run(store, data)
        with store.read() as session:
            [entry] = Maker(session, NOW + timedelta(minutes=5), load_settings()).make(Wanted("63")).content.entries
        assert f"1 laporan lapangan, {words}" in entry.outlets
        assert entry.quote == ""
        assert "rombongan" not in f"{entry.headline} {entry.facts}"
