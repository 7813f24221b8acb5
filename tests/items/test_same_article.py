"""One outlet's article at two addresses is one item; the same words in two outlets are two items of one story."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.jobs.tiny import TinyTagger
from tests.rows import NOW, add_source
from waspada.items.policy import SAME_CONTENT_FOR, url_key
from waspada.items.service import keep_item
from waspada.items.types import FoundItem, Stored, StoreOutcome
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.rank import RankingData
from waspada.settings import load_settings
from waspada.store import Store
from waspada.store.tables import ItemRow, ItemVersionRow, StoryItemRow
from waspada.taxonomy import ItemKind

FIRST = "https://kabar.example.com/kalsel/read/7654321/tanggul-sungai-jebol-di-astambul"
TEXT = (
    "Tanggul Sungai Martapura di Kecamatan Astambul jebol pada Senin dini hari dan merendam puluhan rumah warga. "
    "Petugas gabungan memasang karung pasir, sementara dapur umum dibuka di balai desa untuk warga yang mengungsi."
)
AMP_TEXT = TEXT + " Baca berita lain dari Kalimantan Selatan di sini."
EDITED = TEXT + " Bupati Banjar menetapkan status tanggap darurat selama tujuh hari."


def _found(url: str = FIRST, **given: Any) -> FoundItem:
    columns: dict[str, Any] = {
        "source_id": "kabar", "kind": ItemKind.ARTICLE, "outlet": "Kabar Uji", "title": "Tanggul jebol", "text": TEXT,
        "published_at": NOW, **given,
    }  # fmt: skip
    return FoundItem(url=url, url_key=url_key(url), **columns)


def _store(store: Store, found: FoundItem, after: timedelta = timedelta(hours=1)) -> Stored:
    with store.write() as session:
        add_source(session, found.source_id)
        return keep_item(session, found, NOW + after)


@pytest.mark.parametrize(
    ("url", "changes", "outcome"),
    [
        (FIRST.replace("https", "http"), {}, "unchanged"),
        (FIRST.replace("kabar", "m.kabar"), {"text": AMP_TEXT}, "unchanged"),
        (f"{FIRST}/amp", {"text": AMP_TEXT}, "unchanged"),
        (f"{FIRST}?page=2", {"text": "Halaman kedua berisi kata-kata yang lain sama sekali."}, "unchanged"),
        (FIRST.replace("kalsel", "pilkada"), {}, "unchanged"),
        (FIRST.replace("kalsel", "pilkada"), {"text": EDITED}, "new_version"),
        (FIRST.replace("https", "http"), {"text": EDITED}, "new_version"),
        ("https://kabar.example.com/arsip/tanggul", {"published_at": None}, "unchanged"),
        ("https://kabar.example.com/arsip/tanggul", {"published_at": NOW + timedelta(hours=23)}, "unchanged"),
        (FIRST.replace("jebol-di", "diperbaiki-di"), {"text": EDITED}, "new_version"),
        (FIRST.replace("jebol-di", "diperbaiki-di"), {"title": "Judul baru", "text": EDITED}, "new_version"),
        ("https://kabar.example.com/arsip/tanggul", {}, "unchanged"),
        ("https://kabar.example.com/arsip/tanggul", {"text": TEXT.upper().replace(",", " ,")}, "unchanged"),
        ("https://kabar.example.com/foto/7654321/lomba-perahu-hias", {"title": "Lomba", "text": "Foto perahu."}, "new"),
        ("https://kabar.example.com/arsip/tanggul", {"text": EDITED}, "new"),
        ("https://kabar.example.com/arsip/tanggul", {"outlet": "Warta Uji"}, "new"),
        (FIRST.replace("kabar.example.com", "warta.example.org"), {"outlet": "Warta Uji"}, "new"),
        (FIRST.replace("kalsel", "pilkada"), {"outlet": "Warta Uji"}, "new"),
        ("https://kabar.example.com/arsip/tanggul", {"kind": ItemKind.POST}, "new"),
    ],
)  # fmt: skip
def test_second_address(store: Store, url: str, changes: dict[str, Any], outcome: str) -> None:
    first = _store(store, _found(), timedelta())
    second = _store(store, _found(url, **changes))
    assert second.outcome == StoreOutcome(outcome)
    assert (second.item_id == first.item_id) == (outcome != "new")
    with store.read() as session:
        item = session.get_one(ItemRow, first.item_id)
        assert (item.url, item.version) == (FIRST, 2 if outcome == "new_version" else 1)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "unchanged"),
        ({"text": EDITED}, "new_version"),
        ({"title": "Judul baru", "text": EDITED}, "new_version"),
        ({"text": EDITED, "published_at": None}, "new_version"),
        ({"text": EDITED, "published_at": NOW - timedelta(hours=25)}, "new"),
        ({"text": "Lomba perahu hias di Astambul digelar lagi dan diikuti puluhan peserta."}, "new"),
        ({"text": EDITED, "outlet": "Warta Uji"}, "new"),
    ],
)
def test_second_section_without_a_number(store: Store, changes: dict[str, Any], outcome: str) -> None:
    """The headline in the address points to the article; words and time decide, the same title does not."""
    section = "https://kabar.example.com/{}/tanggul-sungai-jebol-di-astambul/"
    first = _store(store, _found(section.format("daerah")), timedelta())
    second = _store(store, _found(section.format("banjar"), **changes))
    assert second.outcome == StoreOutcome(outcome)
    assert (second.item_id == first.item_id) == (outcome != "new")


def test_a_warning_issued_again_with_the_same_words_is_a_new_article(store: Store) -> None:
    """A backfill finds both in one hour."""
    _store(store, _found("https://kabar.example.com/peringatan/1"), timedelta(days=3))
    again = _found("https://kabar.example.com/peringatan/2", published_at=NOW + timedelta(days=2))
    assert _store(store, again, timedelta(days=3)).outcome is StoreOutcome.NEW


def test_the_plain_address_says_more_than_the_variant_that_was_read_first(store: Store) -> None:
    first = _store(store, _found(f"{FIRST}?page=2", text="Halaman kedua berisi kata-kata lain."), timedelta())
    assert _store(store, _found()) == Stored(first.item_id, StoreOutcome.NEW_VERSION)
    assert _store(store, _found(f"{FIRST}/amp", text=AMP_TEXT)) == Stored(first.item_id, StoreOutcome.UNCHANGED)


@pytest.mark.parametrize("source", ["kabar", "kabar-pilkada"])
def test_another_feed_of_the_outlet_is_no_other_outlet(store: Store, source: str) -> None:
    first = _store(store, _found(), timedelta())
    assert _store(store, _found("https://kabar.example.com/arsip/x", source_id=source)).item_id == first.item_id


def test_the_same_words_after_a_week_are_a_new_article(store: Store) -> None:
    _store(store, _found(), timedelta())
    url = "https://kabar.example.com/arsip/tanggul"
    assert _store(store, _found(url), SAME_CONTENT_FOR + timedelta(seconds=1)).outcome is StoreOutcome.NEW


def test_an_older_wording_at_another_address_does_not_come_back(store: Store) -> None:
    first = _store(store, _found(), timedelta())
    assert _store(store, _found(text=EDITED)).outcome is StoreOutcome.NEW_VERSION
    again = _store(store, _found("https://kabar.example.com/arsip/tanggul"))
    assert again == Stored(first.item_id, StoreOutcome.UNCHANGED)


@pytest.mark.parametrize("empty", [{"text": ""}, {"text": " \n "}])
def test_articles_without_text_are_not_taken_for_each_other(store: Store, empty: dict[str, str]) -> None:
    _store(store, _found(**empty), timedelta())
    url = "https://kabar.example.com/arsip/tanggul"
    assert _store(store, _found(url, **empty)).outcome is StoreOutcome.NEW


def test_without_an_outlet_nothing_is_the_same(store: Store) -> None:
    _store(store, _found(outlet=""), timedelta())
    assert _store(store, _found(f"{FIRST}/amp", outlet="")).outcome is StoreOutcome.NEW


def test_a_wire_copy_of_another_outlet_is_an_item_of_the_same_story(store: Store) -> None:
    _store(store, _found(), timedelta())
    _store(store, _found("https://warta.example.org/1", outlet="Warta Uji", source_id="warta"))
    run_waiting(store, TinyTagger(), RankingData.load(load_settings()), lambda: NOW + timedelta(hours=2))
    with store.read() as session:
        assert len(set(session.scalars(select(StoryItemRow.story_id)))) == 1
        assert sorted(session.scalars(select(StoryItemRow.how))) == ["copy", "first"]
        assert len(session.scalars(select(ItemVersionRow)).all()) == 2
