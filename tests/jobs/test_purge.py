"""Retention, enforced: posts go after 90 days, texts of articles after two years, keys with their period."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from tests.jobs.tiny import TinyTagger, add_sources, campaign
from tests.rows import NOW
from waspada.items.service import store_item
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.purge import ARTICLE_TEXT_RETENTION, POST_RETENTION, purge
from waspada.jobs.rank import RankingData
from waspada.settings import load_settings
from waspada.store import Store
from waspada.store.tables import ItemRow, ItemVersionRow, PseudonymKeyRow, StoryItemRow, TagRow

ITEMS = 28


def _filled(store: Store) -> None:
    with store.write() as session:
        add_sources(session)
        for one in campaign(ITEMS):
            store_item(session, one, NOW)
    run_waiting(store, TinyTagger(), RankingData.load(load_settings()), lambda: NOW)


def test_nothing_goes_before_its_time(store: Store) -> None:
    _filled(store)
    done = purge(store, NOW + POST_RETENTION - timedelta(seconds=1))
    assert (done.posts, done.article_texts) == (0, 0)


def test_posts_go_with_everything_that_belongs_to_them(store: Store) -> None:
    _filled(store)
    later = NOW + POST_RETENTION + timedelta(seconds=1)
    assert purge(store, later).posts == 4
    with store.read() as session:
        left = session.scalars(select(ItemRow.id)).all()
        assert session.scalar(select(func.count()).select_from(ItemRow).where(ItemRow.kind == "post")) == 0
        for column in (ItemVersionRow.item_id, TagRow.item_id, StoryItemRow.item_id):
            assert sorted(session.scalars(select(column))) == sorted(left)
    assert purge(store, later).posts == 0
    run_waiting(store, TinyTagger(), RankingData.load(load_settings()), lambda: later)


def test_text_of_an_article_goes_and_its_title_stays(store: Store) -> None:
    _filled(store)
    later = NOW + ARTICLE_TEXT_RETENTION + timedelta(days=1)
    done = purge(store, later)
    assert done.article_texts == ITEMS - done.posts
    with store.read() as session:
        rows = session.execute(select(ItemVersionRow.text, ItemVersionRow.title)).all()
    assert {text for text, _ in rows} == {""}
    assert all(title for _, title in rows)
    assert purge(store, later).article_texts == 0


def test_key_goes_with_its_period(store: Store) -> None:
    _filled(store)
    assert purge(store, NOW).pseudonym_keys == 0
    assert purge(store, NOW + timedelta(days=75)).pseudonym_keys == 1
    with store.read() as session:
        assert session.scalars(select(PseudonymKeyRow.period)).all() == []
