"""Storing items: once, again, edited; posts without their author; times that cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.rows import NOW, add_source
from waspada.items.policy import url_key
from waspada.items.service import store_item
from waspada.items.types import FoundItem, Stage, StoreOutcome
from waspada.store import Store
from waspada.store.tables import Base, ItemRow, ItemVersionRow, PseudonymKeyRow, SourceRow
from waspada.taxonomy import ItemKind

HANDLE = "warga_banua_ujung"
POST_URL = f"https://sosial.example/@{HANDLE}/11223344"


def article(**changes: Any) -> FoundItem:
    url = changes.pop("url", "https://kabar-banjar.example/rapat-pleno")
    found = FoundItem(
        source_id="kabar-banjar",
        kind=ItemKind.ARTICLE,
        outlet="Kabar Banjar",
        url=url,
        url_key=url_key(url),
        title="Rapat pleno ditunda",
        text="KPU Kabupaten Banjar menunda rapat pleno sampai besok pagi.",
        published_at=NOW - timedelta(hours=2),
        lang="id",
    )
    return replace(found, **changes)


def post(**changes: Any) -> FoundItem:
    given: dict[str, Any] = {
        "source_id": "sosial",
        "kind": ItemKind.POST,
        "outlet": "sosial.example",
        "url": POST_URL,
        "title": "",
        "text": "Jalan di Astambul terendam sejak subuh.",
        "handle": f"@{HANDLE}@sosial.example",
        **changes,
    }
    return article(**given)


@pytest.fixture
def ready(store: Store) -> Store:
    with store.write() as session:
        add_source(session)
        add_source(session, "sosial", kind="mastodon-rss", role="post")
    return store


def _store(store: Store, found: FoundItem, now: datetime = NOW) -> StoreOutcome:
    with store.write() as session:
        return store_item(session, found, now)


def _only(session: Session) -> ItemRow:
    return session.scalars(select(ItemRow)).one()


def test_new_item_waits_for_its_tags(ready: Store) -> None:
    assert _store(ready, article()) is StoreOutcome.NEW
    with ready.read() as session:
        item = _only(session)
        version = session.scalars(select(ItemVersionRow)).one()
        assert (item.stage, item.version, item.title) == (Stage.NEW, 1, "Rapat pleno ditunda")
        assert (item.published_at, item.found_at, item.at) == (NOW - timedelta(hours=2), NOW, NOW - timedelta(hours=2))
        assert (version.version, version.text) == (1, article().text)
        assert session.get_one(SourceRow, "kabar-banjar").last_item_at == NOW


def test_storing_twice_changes_nothing(ready: Store) -> None:
    _store(ready, article())
    before = _all_rows(ready)
    assert _store(ready, article(), NOW + timedelta(hours=1)) is StoreOutcome.UNCHANGED
    assert _all_rows(ready) == before


def test_other_spacing_and_punctuation_is_no_edit(ready: Store) -> None:
    _store(ready, article())
    same = article(text="KPU Kabupaten Banjar, menunda rapat  pleno sampai besok pagi!", title="Rapat Pleno Ditunda")
    assert _store(ready, same) is StoreOutcome.UNCHANGED


def test_edited_article_is_a_new_version_that_waits_again(ready: Store) -> None:
    _store(ready, article())
    with ready.write() as session:
        _only(session).stage = Stage.GROUPED
    later = NOW + timedelta(hours=3)
    edited = article(title="Rapat pleno dilanjutkan", text="KPU melanjutkan rapat pleno malam ini.")
    assert _store(ready, edited, later) is StoreOutcome.NEW_VERSION
    with ready.read() as session:
        item = _only(session)
        versions = session.scalars(select(ItemVersionRow).order_by(ItemVersionRow.version)).all()
        assert (item.version, item.stage, item.title) == (2, Stage.NEW, "Rapat pleno dilanjutkan")
        assert [(v.version, v.title, v.seen_at) for v in versions] == [
            (1, "Rapat pleno ditunda", NOW),
            (2, "Rapat pleno dilanjutkan", later),
        ]
        assert item.published_at == NOW - timedelta(hours=2)


def test_going_back_to_the_first_wording_is_a_third_version(ready: Store) -> None:
    for found in (article(), article(text="Lain sama sekali."), article()):
        _store(ready, found)
    with ready.read() as session:
        assert _only(session).version == 3


def test_markup_and_control_characters_do_not_reach_the_store(ready: Store) -> None:
    _store(ready, article(title="<b>Rapat</b>\x00 pleno \u202edibuka", text="Ju\u200bmlah\x1b[31m suara\ud83d cukup."))
    with ready.read() as session:
        version = session.scalars(select(ItemVersionRow)).one()
    assert version.title == "Rapat pleno dibuka"
    assert version.text == "Jumlah [31m suara cukup."


def test_item_without_a_source_is_refused(ready: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        _store(ready, article(source_id="nobody"))
    with ready.read() as session:
        assert session.scalar(select(func.count()).select_from(ItemRow)) == 0


@pytest.mark.parametrize(
    ("published", "kept"),
    [
        (NOW + timedelta(days=3), None),
        (NOW + timedelta(hours=25), None),
        (NOW + timedelta(hours=3), NOW),
        (datetime(1970, 1, 1, tzinfo=UTC), None),
        (None, None),
        (NOW - timedelta(days=400), NOW - timedelta(days=400)),
    ],
)
def test_time_that_cannot_be_is_dropped(ready: Store, published: datetime | None, kept: datetime | None) -> None:
    _store(ready, article(published_at=published))
    with ready.read() as session:
        item = _only(session)
        assert item.published_at == kept
        assert item.at == (kept or NOW)


class TestPosts:
    """Design, rule 2: the author of a public post is a pseudonym before anything is stored."""

    def test_handle_is_nowhere_in_the_database(self, ready: Store) -> None:
        _store(ready, post())
        _store(ready, post(text=f"Kata @{HANDLE}, jalan di Astambul sudah kering."))
        for spelling in (HANDLE, HANDLE.upper(), "warga_banua"):
            assert [place for place, text in _all_texts(ready) if spelling.lower() in text.lower()] == []

    def test_search_of_this_test_would_find_it(self, ready: Store) -> None:
        _store(ready, article(text=f"Unggahan {HANDLE} dikutip."))
        assert [place for place, text in _all_texts(ready) if HANDLE in text] == ["item_versions.text"]

    def test_contacts_are_masked(self, ready: Store) -> None:
        hidden = ("0812-3456-7890", "warga@surat.example", "6303012501900001", "@tetangga_sebelah")
        _store(
            ready, post(text="Hubungi 0812-3456-7890 atau warga@surat.example, NIK 6303012501900001, @tetangga_sebelah")
        )
        texts = " ".join(text for _, text in _all_texts(ready))
        assert [contact for contact in hidden if contact in texts] == []
        assert "Hubungi" in texts

    def test_article_keeps_what_it_printed(self, ready: Store) -> None:
        _store(ready, article(text="Posko banjir dapat dihubungi di 0812-3456-7890."))
        with ready.read() as session:
            assert "0812-3456-7890" in session.scalars(select(ItemVersionRow.text)).one()

    def test_one_author_is_one_voice_within_a_period(self, ready: Store) -> None:
        for number, handle in enumerate(["@satu", "@SATU ", "@dua"]):
            _store(ready, post(url=f"https://sosial.example/@x/{number}", text=f"Pesan {number}", handle=handle))
        with ready.read() as session:
            first, again, other = session.scalars(select(ItemRow.voice).order_by(ItemRow.id))
        assert first == again
        assert first != other

    def test_key_changes_with_the_month(self, ready: Store) -> None:
        for number, now in enumerate((NOW, NOW + timedelta(days=31))):
            _store(ready, post(url=f"https://sosial.example/@x/{number}", text=f"Pesan {number}"), now)
        with ready.read() as session:
            november, december = session.scalars(select(ItemRow.voice).order_by(ItemRow.id))
            assert session.scalar(select(func.count()).select_from(PseudonymKeyRow)) == 2
        assert november != december

    def test_post_without_an_author_has_no_voice(self, ready: Store) -> None:
        _store(ready, post(handle=None))
        with ready.read() as session:
            assert _only(session).voice is None

    def test_unchanged_post_is_unchanged_after_masking(self, ready: Store) -> None:
        found = post(text="Hubungi 0812-3456-7890 kalau lihat perahu.")
        assert [_store(ready, found), _store(ready, found)] == [StoreOutcome.NEW, StoreOutcome.UNCHANGED]


def _all_texts(store: Store) -> list[tuple[str, str]]:
    """Every value of every column of every table as text, with where it stands; bytes as text and as hex."""
    found = []
    with store.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                for name, value in row.items():
                    text = value.decode("latin-1") + value.hex() if isinstance(value, bytes) else str(value)
                    found.append((f"{table.name}.{name}", text))
    return found


def _all_rows(store: Store) -> dict[str, list[Any]]:
    with store.read() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table))] for table in Base.metadata.sorted_tables
        }
