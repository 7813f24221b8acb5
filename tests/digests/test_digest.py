"""The daily digest: verified first, ten at most, the rest counted; nothing that was none, of another day or place."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.digests.rows import DAY, NOON, SENTENCE, add_alert
from tests.digests.situations import checked
from tests.rows import add_source
from waspada.alerts.types import AlertState
from waspada.digests.gathering import Gathered
from waspada.digests.policy import MAX_ENTRIES
from waspada.digests.rendering import rendered
from waspada.digests.service import of_day
from waspada.digests.types import Digest, Part, Wanted
from waspada.errors import InputError
from waspada.settings import Settings, load_settings
from waspada.store import Store
from waspada.store.tables import AlertRow, ClaimMatchRow, FactCheckRow, StoryItemRow, TagRow
from waspada.taxonomy import Label


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data", zone="WITA")


def digest_of(store: Store, settings: Settings, region: str = "63", day: date = DAY) -> Digest:
    with store.read() as session:
        return of_day(session, Wanted(region), day, settings)


def shown(digest: Digest) -> list[int]:
    return [entry.alert_id for entry in digest.content.entries]


def part(digest: Digest, wanted: Part) -> list[int]:
    return [entry.alert_id for one in digest.content.sections if one.part is wanted for entry in one.entries]


def lines(digest: Digest, wanted: Part) -> list[str]:
    return [line.text for one in digest.content.sections if one.part is wanted for line in one.lines]


def render(digest: Digest, form: str) -> str:
    written = rendered(digest.content)
    return {"text": written.text, "html": written.html, "chat": written.chat}[form]


def test_verified_stand_first_and_apart(store: Store, settings: Settings) -> None:
    with store.write() as session:
        unverified = add_alert(session, 9)
        verified = add_alert(session, 1, state="verified")
    digest = digest_of(store, settings)
    assert part(digest, Part.VERIFIED) == [verified]
    assert part(digest, Part.UNVERIFIED) == [unverified]
    text = render(digest, "text")
    assert text.index("SUDAH DIVERIFIKASI") < text.index("Bentrok ke-1") < text.index("BELUM DIVERIFIKASI")


def test_ten_at_most_best_first_and_the_rest_counted(store: Store, settings: Settings) -> None:
    with store.write() as session:
        ids = [add_alert(session, n, label=Label.DISASTER if n < 2 else Label.CONFLICT) for n in range(13)]
        session.get_one(AlertRow, ids[5]).state = "verified"
    digest = digest_of(store, settings)
    assert len(shown(digest)) == MAX_ENTRIES
    assert shown(digest) == [ids[5], *(ids[n] for n in (12, 11, 10, 9, 8, 7, 6, 4, 3))]
    assert digest.held_back == {"disaster": 2, "conflict": 1}
    for format in ("text", "html", "chat"):
        assert "2 bencana, 1 konflik." in render(digest, format)


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


def test_only_stories_of_the_time_are_asked_for_fact_checks(store: Store, settings: Settings) -> None:
    with store.write() as session:
        old = add_alert(session, 1, at=NOON - timedelta(days=100))
        add_alert(session, 2)
        checked(session, old, NOON)
    with store.read() as session:
        assert Gathered(session, NOON, settings).checked == frozenset()
        (story,) = Gathered(session, NOON - timedelta(days=99), settings).checked
        assert story == session.get_one(AlertRow, old).story_id


def test_region_means_all_below_it(store: Store, settings: Settings) -> None:
    with store.write() as session:
        banjar, _ = add_alert(session, 1, region="63.03"), add_alert(session, 2, region="63.71")
    assert shown(digest_of(store, settings, "63.03")) == [banjar]
    assert shown(digest_of(store, settings, "63.72")) == []


def test_entry_quotes_its_evidence_and_names_place_and_outlet(store: Store, settings: Settings) -> None:
    with store.write() as session:
        alert = add_alert(session, 1)
    (entry,) = digest_of(store, settings).content.entries
    assert entry.quote == SENTENCE
    assert entry.where == "Kabupaten Banjar"
    assert entry.outlets == "kabar-banjar"
    assert entry.path == f"/alerts/{alert}"


@pytest.mark.parametrize("format", ["text", "html", "chat"])
def test_both_forms_say_the_same(store: Store, settings: Settings, format: str) -> None:
    with store.write() as session:
        add_alert(session, 1)
    written = " ".join(re.sub(r"<[^>]+>", " ", render(digest_of(store, settings), format)).split())
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


@pytest.mark.parametrize("format", ["text", "html", "chat"])
def test_quiet_day_says_so(store: Store, settings: Settings, format: str) -> None:
    digest = digest_of(store, settings)
    assert digest.is_empty
    assert digest.content.empty
    assert "Tidak ada peringatan tingkat 2 atau lebih" in render(digest, format)


def test_markup_in_a_headline_is_text(store: Store, settings: Settings) -> None:
    with store.write() as session:
        add_alert(session, 1, headline="<script>alert(1)</script> & 'bentrok'", outlet="a<b")
    html = render(digest_of(store, settings), "html")
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
    for format in ("text", "html", "chat"):
        written = render(digest, format)
        assert "Saputra" not in written
        assert "dirawat" in written


def test_silent_sources_are_named(store: Store, settings: Settings) -> None:
    with store.write() as session:
        polled = {"last_poll_at": NOON, "last_success_at": NOON, "state": "unchanged", "region": "63.03"}
        polled["added_at"] = NOON - timedelta(days=90)
        add_source(session, "bicara", name="Kabar Bicara", newest_entry_at=NOON, **polled)
        add_source(session, "diam", name="Kabar Diam", newest_entry_at=NOON - timedelta(days=29), **polled)
    digest = digest_of(store, settings)
    for format in ("text", "html", "chat"):
        written = render(digest, format)
        assert "1 dari 2 sumber terpantau sesuai iramanya; diam: Kabar Diam." in written
        assert "Wilayah: 1 terpantau tipis, 12 tanpa sumber." in written
        assert "Tidak terpantau: Kabupaten Tanah Laut, " in written


def test_unknown_region(store: Store, settings: Settings) -> None:
    with store.read() as session, pytest.raises(InputError, match="Kemendagri code"):
        of_day(session, Wanted("99"), DAY, settings)


def test_states_of_a_digest_leave_out_what_a_person_found_to_be_none() -> None:
    from waspada.digests.policy import STATES

    assert set(AlertState) - set(STATES) == {AlertState.NOT_A_THREAT, AlertState.DUPLICATE}


def test_what_is_said_around_a_claim_stays_where_a_person_put_it(store: Store, settings: Settings) -> None:
    """A checked claim is told with its fact-check, but a verified event stays verified, whatever else it carries."""
    both = {"conflict": 0.9, "misinformation": 0.7}
    with store.write() as session:
        real = add_alert(session, 1, state="verified", labels=both)
        claim = add_alert(session, 2, labels=both)
        rumour = add_alert(session, 3, label=Label.MISINFORMATION, state="verified")
        other = add_alert(session, 4)
        for number, alert in enumerate((real, claim, rumour, other)):
            story = session.get_one(AlertRow, alert).story_id
            item = session.query(StoryItemRow).filter_by(story_id=story).one().item_id
            session.add(FactCheckRow(id=f"cek-{number}", claim="Klaim", title="Cek", verdict="Salah"))
            session.flush()
            session.add(
                ClaimMatchRow(
                    item_id=item, claim_id=f"cek-{number}", score=0.9, state="suggested", origin="machine",
                    actor="waspada", at=NOON, model="claims-3",
                )
            )  # fmt: skip
    digest = digest_of(store, settings)
    assert part(digest, Part.VERIFIED) == [real]
    assert part(digest, Part.UNVERIFIED) == [other]
    assert part(digest, Part.HOAXES) == [rumour, claim]


@pytest.mark.parametrize(
    ("sentence", "quoted"),
    [
        ('"Semua dibakar," kata warga.', '"Semua dibakar," kata warga.'),
        ('"Semua sudah dibakar warga."', "Semua sudah dibakar warga."),
        ("“Satu” dan “dua” dibakar.", "“Satu” dan “dua” dibakar."),
    ],
)
def test_quotation_marks_stay_in_pairs(store: Store, settings: Settings, sentence: str, quoted: str) -> None:
    with store.write() as session:
        add_alert(session, 1, text=sentence)
        item = session.query(StoryItemRow).one().item_id
        line = {"label": "conflict", "field": "text", "sentence": sentence, "start": 0, "end": len(sentence)}
        session.get_one(TagRow, (item, 1, "none")).evidence = [line]
    (entry,) = digest_of(store, settings).content.entries
    assert entry.quote == quoted
