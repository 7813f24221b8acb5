"""Searches over a store: in step with what is written, edited and erased; regions, posts, exercises, pages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from tests.api.sample import NOW, fill
from tests.rows import add_item, add_source
from waspada.items.service import store_item
from waspada.items.types import FoundItem, StoreOutcome
from waspada.jobs.erase import erase_gone
from waspada.jobs.purge import purge
from waspada.privacy.retention import ARTICLE_TEXT_RETENTION
from waspada.search import repository
from waspada.search.index import forget_removed
from waspada.search.query import parse
from waspada.search.service import search
from waspada.search.types import Found, SearchOrder
from waspada.sources.types import SourceRole
from waspada.store import Store
from waspada.store.tables import ItemRow, SourceRow
from waspada.taxonomy import ItemKind


def found(session: Session, words: str, **given: object) -> list[int]:
    return search(session, parse(words), **given).item_ids  # type: ignore[arg-type]


def article(text: str, *, title: str = "Judul", number: int = 1) -> FoundItem:
    url = f"https://kabar-banjar.example/{number}"
    return FoundItem(
        source_id="kabar-banjar", kind=ItemKind.ARTICLE, outlet="Kabar Banjar", url=url, url_key=f"key-{number}",
        title=title, text=text,
    )  # fmt: skip


def test_new_items_edits_and_erasures_are_known_at_once(store: Store) -> None:
    with store.write() as session:
        add_source(session)
        store_item(session, article("Jembatan gantung putus diterjang banjir."), NOW)
        store_item(session, article("Pasar terapung ramai.", number=2), NOW)
    with store.read() as session:
        assert found(session, "jembatan banjir") == [1]
        assert found(session, "judul") == [2, 1]
    with store.write() as session:
        later = NOW + timedelta(hours=1)
        assert store_item(session, article("Jembatan beton retak."), later) is StoreOutcome.NEW_VERSION
    with store.read() as session:
        assert found(session, "gantung") == []  # words of an older version alone
        assert found(session, "beton") == [1]
    with store.write() as session:
        session.execute(text("DELETE FROM items WHERE id = 1"))
    with store.read() as session:
        assert found(session, "jembatan") == []
        assert repository.candidates(session, parse("jembatan"), limit=10) == []
        assert found(session, "pasar") == [2]


def test_texts_past_their_retention_and_posts_deleted_at_their_place_are_found_no_more(store: Store) -> None:
    with store.write() as session:
        add_source(session)
        add_item(session, title="Judul tinggal", text="Katasandiwara tua.", found_at=NOW - ARTICLE_TEXT_RETENTION * 2)
        gone = add_item(session, url="https://kabar-banjar.example/2", text="Katasandiwara di posting.", kind="post")
        key = session.get_one(ItemRow, gone).url_key
    with store.read() as session:
        assert repository.candidates(session, parse("katasandiwara"), limit=10) == [1]  # a lone post is never shown
    purge(store, NOW)
    with store.read() as session:
        assert repository.candidates(session, parse("katasandiwara"), limit=10) == []
        assert found(session, "tinggal") == [1]
    with store.write() as session:
        assert erase_gone(session, [key]) == 1
        if store.is_sqlite:
            assert session.scalar(text("SELECT count(*) FROM item_words WHERE item_words MATCH 'katasandiwara'")) == 0


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_letters_of_erased_texts_leave_the_file(store: Store, store_url: str) -> None:
    """Of SQLite: a word that only the erased text had is in no page of the file after the next purge."""
    path = Path(store_url.removeprefix("sqlite:///"))
    with store.write() as session:
        add_source(session)
        for number in range(60):
            add_item(
                session, url=f"https://kabar-banjar.example/{number}", text=f"Kabar {number} qqzzuniksekali{number}x"
            )
    with store.write() as session:
        session.execute(text("DELETE FROM items WHERE id = 31"))
    forget_removed(store)

    def letters() -> bytes:
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()

    assert b"uniksekali29x" in letters()
    assert b"uniksekali30x" not in letters()
    with store.read() as session:
        assert found(session, "qqzzuniksekali29x") == [30]
        session.execute(text("INSERT INTO item_words (item_words) VALUES ('integrity-check')"))


def test_words_behind_masks_are_not_found_though_the_index_has_them(store: Store) -> None:
    with store.write() as session:
        fill(session)
    with store.read() as session:
        assert repository.candidates(session, parse("hartono"), limit=10) == [1]
        nothing = search(session, parse("hartono"))
        assert (nothing.groups, nothing.next) == ([], None)
        assert found(session, "batu -hartono") == found(session, "batu")
        hit = search(session, parse("kepala")).groups[0].hits[0]
        assert "Rudi" not in hit.text.text
        assert hit.text.quotes() == ["kepala"]


def test_hits_stand_in_groups_with_the_alert_of_their_story(store: Store) -> None:
    with store.write() as session:
        alerts = fill(session)
    with store.read() as session:
        result = search(session, parse("kaca pecah"))
        assert [group.alert.id for group in result.groups if group.alert] == [alerts["clash"]]
        assert len(result.groups[0].hits) == 2


def test_a_reader_finds_what_lies_in_their_region_only(store: Store) -> None:
    with store.write() as session:
        fill(session)
    with store.read() as session:
        everywhere = found(session, "di")
        bound = found(session, "di", within="63.71")
        assert len(everywhere) > len(bound) > 0
        groups = search(session, parse("di"), within="63.71").groups
        assert [group.alert.headline for group in groups if group.alert] == [
            "Bawaslu periksa lurah yang hadir di deklarasi dukungan pasangan calon"
        ]


def test_lone_posts_and_exercises_are_never_found(store: Store) -> None:
    with store.write() as session:
        add_source(session)
        add_item(session, text="Kataposting sendirian", kind="post")
        add_source(session, "latihan", role=SourceRole.EXERCISE)
        add_item(session, url="https://latihan.example/1", source="latihan", text="Kataposting latihan")
        fill(session)
    with store.read() as session:
        assert found(session, "kataposting") == []
        assert found(session, '"tutup jam"') != []  # a post whose story reached an alert
    with store.write() as session:
        session.execute(update(SourceRow).where(SourceRow.id == "latihan").values(role=SourceRole.NEWS))
        assert len(found(session, "kataposting")) == 1


@pytest.mark.parametrize("order", SearchOrder)
def test_pages_follow_each_other_without_gap_or_repetition(store: Store, order: SearchOrder) -> None:
    with store.write() as session:
        add_source(session)
        for number in range(7):
            words = "banjir " * (number % 3 + 1)
            add_item(session, url=f"https://kabar-banjar.example/{number}", title=f"Kabar {number}", text=words + "rob")
    with store.read() as session:
        pages = list[list[int]]()
        page: Found | None = search(session, parse("banjir"), order=order, limit=3)
        while page is not None:
            pages.append(page.item_ids)
            page = search(session, parse("banjir"), order=order, limit=3, after=page.next) if page.next else None
    seen = [id_ for one in pages for id_ in one]
    assert sorted(seen) == list(range(1, 8))
    assert [len(one) for one in pages][:2] == [3, 3]
    if order is SearchOrder.NEWEST:
        assert seen == list(range(7, 0, -1))


def test_a_word_of_the_title_weighs_more(store: Store) -> None:
    with store.write() as session:
        add_source(session)
        add_item(session, url="https://kabar-banjar.example/1", title="Banjir bandang", text="Warga mengungsi.")
        add_item(session, url="https://kabar-banjar.example/2", title="Warga mengungsi", text="Karena banjir bandang.")
    with store.read() as session:
        assert found(session, "banjir", order=SearchOrder.BEST) == [1, 2]
        assert found(session, "banjir") == [2, 1]


@pytest.mark.parametrize(
    "words",
    ["near a b", "a* b^2", "title:x", "x) OR (y", "'; DROP --", "30.000 rupiah", "a/b", "-x y", "\\ y", "ñ 漢字 y"],
)
def test_no_word_is_an_operator(store: Store, words: str) -> None:
    with store.write() as session:
        add_source(session)
        add_item(session, text="x y 30.000 rupiah near a b 漢字")
    with store.read() as session:
        for order in SearchOrder:
            search(session, parse(words), order=order)
        assert found(session, "30.000 rupiah") == [1]
        assert found(session, "漢字") == [1]


def test_a_huge_text_and_one_without_words_can_be_stored(store: Store) -> None:
    with store.write() as session:
        add_source(session)
        huge = " ".join(f"w{n}" for n in range(28_000)) + " akhirkata"
        store_item(session, article(huge + " " + "z" * 5000), NOW)
        store_item(session, article("😀 ... 😀", title="", number=2), NOW)
    with store.read() as session:
        assert found(session, "akhirkata") == [1]
