"""The daily digest: verified first, ten at most, the rest counted; nothing that was none, of another day or place."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.rows import add_item, add_source
from waspada.alerts.regions import write_regions
from waspada.alerts.types import AlertState
from waspada.digests.policy import MAX_ENTRIES
from waspada.digests.service import make_digest, render
from waspada.digests.types import Digest
from waspada.errors import InputError
from waspada.settings import Settings, load_settings
from waspada.store import Store
from waspada.store.tables import AlertPlaceRow, AlertRow, StoryItemRow, StoryRow, TagRow
from waspada.taxonomy import Label

DAY = date(2024, 11, 27)
NOON = datetime(2024, 11, 27, 4, 0, tzinfo=UTC)  # 12:00 WITA
SENTENCE = "Dua rombongan bentrok di simpang jalan pada malam hari."


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data", zone="WITA")


def add_alert(session: Session, number: int, **changes: Any) -> int:
    """An alert with one item that carries its label; returns its id."""
    outlet = changes.pop("outlet", "kabar-banjar")
    at, region = changes.pop("at", NOON), changes.pop("region", "63.03")
    text = changes.pop("text", f"Kabar ke-{number}. {SENTENCE}")
    label = changes.pop("label", Label.CONFLICT)
    item = add_item(
        session,
        url=f"https://{outlet}.example/{number}",
        title=f"Bentrok ke-{number}",
        text=text,
        source=outlet,
        on=[label],
        level=2,
        places=[region],
        published_at=at,
        stage="grouped",
    )
    tag = session.get_one(TagRow, (item, 1, "none"))
    start = text.index(SENTENCE) if SENTENCE in text else 0
    evidence = {"label": label, "field": "text", "sentence": SENTENCE, "start": start, "end": start + len(SENTENCE)}
    tag.evidence = [evidence]
    story = StoryRow(opened_at=at, last_item_at=at, headline=f"Bentrok ke-{number}", stale=False)
    session.add(story)
    session.flush()
    session.add(StoryItemRow(item_id=item, story_id=story.id, how="first", likeness=1.0, at=at))
    columns: dict[str, Any] = {
        "state": "new",
        "label": label,
        "level": 2,
        "score": 40.0 + number,
        "parts": {"level": 40.0 + number},
        "confidence": 0.9,
        "headline": f"Bentrok ke-{number}",
        "why": "Tingkat 2. Belum diverifikasi.",
        "labels": {label: 0.9},
        "item_count": 1,
        "outlet_count": 1,
        "voice_count": 0,
        "last_item_at": at,
        "opened_at": at,
        "changed_at": at,
        "ranked_at": at,
        **changes,
    }
    alert = AlertRow(story_id=story.id, **columns)
    session.add(alert)
    session.flush()
    session.add(AlertPlaceRow(alert_id=alert.id, code=region, position=0))
    write_regions(session, alert.id, [region], alert.score)
    session.flush()
    return alert.id


def digest_of(store: Store, settings: Settings, region: str = "63", day: date = DAY) -> Digest:
    with store.read() as session:
        return make_digest(session, region, day, settings)


def shown(digest: Digest) -> list[int]:
    return [entry.alert.id for entry in (*digest.verified, *digest.unverified)]


def test_verified_stand_first_and_apart(store: Store, settings: Settings) -> None:
    with store.write() as session:
        unverified = add_alert(session, 9)
        verified = add_alert(session, 1, state="verified")
    digest = digest_of(store, settings)
    assert [entry.alert.id for entry in digest.verified] == [verified]
    assert [entry.alert.id for entry in digest.unverified] == [unverified]
    text = render(digest, "text", settings.zone_info)
    assert text.index("SUDAH DIVERIFIKASI") < text.index("Bentrok ke-1") < text.index("BELUM DIVERIFIKASI")


def test_ten_at_most_best_first_and_the_rest_counted(store: Store, settings: Settings) -> None:
    with store.write() as session:
        ids = [add_alert(session, n, label=Label.DISASTER if n < 2 else Label.CONFLICT) for n in range(13)]
        session.get_one(AlertRow, ids[5]).state = "verified"
    digest = digest_of(store, settings)
    assert len(shown(digest)) == MAX_ENTRIES
    assert shown(digest) == [ids[5], *(ids[n] for n in (12, 11, 10, 9, 8, 7, 6, 4, 3))]
    assert digest.held_back == {"conflict": 1, "disaster": 2}
    for format in ("text", "html"):
        assert "1 konflik, 2 bencana" in render(digest, format, settings.zone_info)


@pytest.mark.parametrize(
    ("changes", "stands"),
    [
        ({}, True),
        ({"state": "acknowledged"}, True),
        ({"state": "closed"}, True),
        ({"state": "not_a_threat"}, False),
        ({"state": "duplicate"}, False),
        ({"state": "closed", "reason": "old_news"}, False),
        ({"state": "needs_clarification"}, True),
        ({"level": 1}, False),
        ({"level": 3}, True),
        ({"region": "62.71"}, False),
        ({"region": "63.71"}, True),
        ({"at": datetime(2024, 11, 26, 16, 0, tzinfo=UTC)}, True),
        ({"at": datetime(2024, 11, 26, 15, 59, tzinfo=UTC)}, False),
        ({"at": datetime(2024, 11, 27, 15, 59, tzinfo=UTC)}, True),
        ({"at": datetime(2024, 11, 27, 16, 0, tzinfo=UTC)}, False),
    ],
)
def test_what_stands_in_it(store: Store, settings: Settings, changes: dict[str, Any], stands: bool) -> None:
    with store.write() as session:
        alert = add_alert(session, 1, **changes)
    assert shown(digest_of(store, settings)) == ([alert] if stands else [])


def test_region_means_all_below_it(store: Store, settings: Settings) -> None:
    with store.write() as session:
        banjar, _ = add_alert(session, 1, region="63.03"), add_alert(session, 2, region="63.71")
    assert shown(digest_of(store, settings, "63.03")) == [banjar]
    assert shown(digest_of(store, settings, "63.72")) == []


def test_entry_quotes_its_evidence_and_names_place_and_outlet(store: Store, settings: Settings) -> None:
    with store.write() as session:
        alert = add_alert(session, 1)
    (entry,) = digest_of(store, settings).unverified
    assert entry.quote == SENTENCE
    assert entry.place == "Kabupaten Banjar"
    assert list(entry.outlets) == ["kabar-banjar"]
    assert entry.link == f"http://127.0.0.1:8765/alerts/{alert}"


@pytest.mark.parametrize("format", ["text", "html"])
def test_both_forms_say_the_same(store: Store, settings: Settings, format: str) -> None:
    with store.write() as session:
        add_alert(session, 1)
    written = " ".join(re.sub(r"<[^>]+>", " ", render(digest_of(store, settings), format, settings.zone_info)).split())
    for said in (
        "27/11/2024",
        "Kalimantan Selatan",
        "Bentrok ke-1",
        SENTENCE,
        "konflik",
        "90 % (sangat mungkin)",
        "Kabupaten Banjar",
    ):
        assert said in written
    assert "belum diverifikasi" in written.lower()
    assert "Sumber yang diam bukan berarti wilayah tenang." in written


@pytest.mark.parametrize("format", ["text", "html"])
def test_quiet_day_says_so(store: Store, settings: Settings, format: str) -> None:
    digest = digest_of(store, settings)
    assert digest.is_empty
    assert "Tidak ada peringatan tingkat 2 atau lebih" in render(digest, format, settings.zone_info)


def test_markup_in_a_headline_is_text(store: Store, settings: Settings) -> None:
    with store.write() as session:
        add_alert(session, 1, headline="<script>alert(1)</script> & 'bentrok'", outlet="a<b")
    html = render(digest_of(store, settings), "html", settings.zone_info)
    assert "<script>" not in html
    assert "&lt;" in html
    assert "&amp; &#39;bentrok&#39;" in html
    assert "a&lt;b" in html


def test_victim_is_masked_in_quote_and_headline(store: Store, settings: Settings) -> None:
    sentence = "Korban bernama Rahmadi Saputra (17) dirawat di rumah sakit setelah bentrok."
    with store.write() as session:
        alert = add_alert(session, 1, text=sentence, headline="Korban bernama Rahmadi Saputra dirawat")
        item = session.query(StoryItemRow).one().item_id
        session.get_one(TagRow, (item, 1, "none")).evidence = [
            {"label": "conflict", "field": "text", "sentence": sentence, "start": 0, "end": len(sentence)}
        ]
    digest = digest_of(store, settings)
    assert shown(digest) == [alert]
    for format in ("text", "html"):
        written = render(digest, format, settings.zone_info)
        assert "Saputra" not in written
        assert "dirawat" in written


def test_silent_sources_are_named(store: Store, settings: Settings) -> None:
    with store.write() as session:
        polled = {"last_poll_at": NOON, "last_success_at": NOON, "state": "unchanged", "region": "63.03"}
        polled["added_at"] = NOON - timedelta(days=90)
        add_source(session, "bicara", name="Kabar Bicara", newest_entry_at=NOON, **polled)
        add_source(session, "diam", name="Kabar Diam", newest_entry_at=NOON - timedelta(days=29), **polled)
    digest = digest_of(store, settings)
    assert (digest.coverage.heard, digest.coverage.enabled, list(digest.coverage.silent)) == (1, 2, ["Kabar Diam"])
    for format in ("text", "html"):
        written = render(digest, format, settings.zone_info)
        assert "1 dari 2 sumber terpantau sesuai iramanya; diam: Kabar Diam." in written
        assert "Wilayah: 1 terpantau tipis, 12 tanpa sumber. Tidak terpantau: Kabupaten Tanah Laut, " in written


def test_unknown_region_and_format(store: Store, settings: Settings) -> None:
    with store.read() as session, pytest.raises(InputError, match="Kemendagri code"):
        make_digest(session, "99", DAY, settings)
    with pytest.raises(InputError, match="html, text"):
        render(digest_of(store, settings), "docx", settings.zone_info)


def test_states_of_a_digest_leave_out_what_a_person_found_to_be_none() -> None:
    from waspada.digests.policy import STATES

    assert set(AlertState) - set(STATES) == {AlertState.NOT_A_THREAT, AlertState.DUPLICATE}
