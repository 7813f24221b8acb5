"""kill -9 of a worker that compares items with topics, then a restart; and two workers at once: the same tags, once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.jobs.tiny import TinyTagger
from tests.jobs.topic_process import FLOOD, ITEMS
from tests.killed import same_after_kills
from tests.rows import NOW
from tests.topics.texts import LAND, add, tell
from waspada.errors import StoreBusyError
from waspada.jobs.topics import tag_topics
from waspada.store import Store
from waspada.store.tables import ItemRow, RejectRow, TopicQueueRow, TopicRow, TopicTagRow


def _picture(store: Store) -> list[tuple[str, str, str]]:
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(TopicQueueRow)) == 0
        assert session.scalars(select(RejectRow.problem)).all() == []
        assert sorted(session.scalars(select(TopicRow.title))) == sorted([LAND.title, FLOOD.title])
        rows = session.execute(
            select(TopicRow.title, ItemRow.url, TopicTagRow.how)
            .join(TopicTagRow, TopicTagRow.topic_id == TopicRow.id)
            .join(ItemRow, ItemRow.id == TopicTagRow.item_id)
        )
        return sorted((title, url, how) for title, url, how in rows)


def _kill_and_restart(store: Store, url: str, kills: int, seed: int, tmp_path: Path) -> None:
    found = same_after_kills("tests.jobs.topic_process", store, url, kills, seed, tmp_path, _picture)
    assert len(found) == 2 * ITEMS // 3 - 1  # a third each; of the first topic one was put in, one out, one was edited


def test_three_kills(store: Store, store_url: str, tmp_path: Path) -> None:
    _kill_and_restart(store, store_url, 3, 5, tmp_path)


@pytest.mark.full
def test_thirty_kills(store: Store, store_url: str, tmp_path: Path) -> None:
    _kill_and_restart(store, store_url, 30, 2, tmp_path)


def test_two_workers_at_once(store: Store, another_store: Callable[[], Store]) -> None:
    with store.write() as session:
        topic = add(session)
        told = [tell(session, number) for number in range(60)]

    def work(each: Store) -> None:
        while True:
            try:
                if not tag_topics(each, TinyTagger(), NOW, limit=7):
                    return
            except StoreBusyError:
                continue

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, (store, another_store())))
    with store.read() as session:
        assert sorted(session.scalars(select(TopicTagRow.item_id))) == told
        assert set(session.scalars(select(TopicTagRow.topic_id))) == {topic.id}
        assert session.scalar(select(func.count()).select_from(TopicQueueRow)) == 0
