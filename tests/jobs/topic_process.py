"""A worker that compares items with topics, in a process of its own, for tests that kill it.

    python -m tests.jobs.topic_process DATABASE_URL STATEMENTS

Adds topics, stores items, answers for some, edits others and switches a topic off, with the whole pipeline between.
After that many SQL statements it kills itself with SIGKILL, in the middle of whatever it does; 0 lets it finish. Every
step can be done again.
"""

from __future__ import annotations

import sys

from sqlalchemy import select

from tests.jobs.tiny import TinyTagger
from tests.killed import kill_after
from tests.rows import NOW, add_source
from tests.topics.texts import LAND, OFF_TOPIC, ON_TOPIC
from waspada.items.policy import url_key
from waspada.items.service import store_item
from waspada.items.types import FoundItem
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.rank import RankingData
from waspada.settings import load_settings
from waspada.store import Store, open_url
from waspada.store.tables import ItemRow, TopicLabelRow, TopicRow
from waspada.taxonomy import ItemKind
from waspada.topics import service
from waspada.topics.types import NewTopic

ITEMS = 24
FLOOD = NewTopic(
    "Banjir",
    "Air sungai meluap.",
    (
        "Banjir merendam rumah warga di tepi sungai.",
        "Warga mengungsi karena banjir merendam kampung.",
        "Air sungai meluap dan banjir merendam jalan.",
    ),
)
GONE = NewTopic("Lahan lama", LAND.description, LAND.examples)
TEXTS = (ON_TOPIC, "Banjir merendam rumah dan jalan di tepi sungai.", OFF_TOPIC)


def found(number: int, text: str) -> FoundItem:
    url = f"https://media.example/{number}"
    return FoundItem("media", ItemKind.ARTICLE, "media", url, url_key(url), "", f"{text} Kabar{number}.", NOW)


def main(url: str, statements: int) -> None:
    store = open_url(url)
    ran = kill_after(store, statements)
    data = RankingData.load(load_settings())
    for number in range(ITEMS // 2):
        _tell(store, number)
    for topic in (LAND, FLOOD, GONE):
        _add(store, topic)
    run_waiting(store, TinyTagger(), data, lambda: NOW)
    for number in range(ITEMS // 2, ITEMS):
        _tell(store, number)
    _answer(store)
    run_waiting(store, TinyTagger(), data, lambda: NOW)
    with store.write() as session:
        store_item(session, found(3, OFF_TOPIC), NOW)
        gone = session.scalar(select(TopicRow.id).where(TopicRow.title == GONE.title, TopicRow.off_at.is_(None)))
        if gone is not None:
            service.remove_topic(session, gone)
    run_waiting(store, TinyTagger(), data, lambda: NOW)
    store.close()
    sys.stdout.write(f"{ran.statements}\n")


def _tell(store: Store, number: int) -> None:
    with store.write() as session:
        add_source(session, "media")
        store_item(session, found(number, TEXTS[number % len(TEXTS)]), NOW)


def _add(store: Store, topic: NewTopic) -> None:
    with store.write() as session:
        if session.scalar(select(TopicRow.id).where(TopicRow.title == topic.title)) is None:
            service.add_topic(session, topic, actor="analyst", now=NOW)


def _answer(store: Store) -> None:
    """One item out of the first topic, one into it."""
    with store.write() as session:
        topic = session.scalars(select(TopicRow.id).where(TopicRow.title == LAND.title)).one()
        for number, fits in ((0, False), (2, True)):
            item = session.scalars(select(ItemRow.id).where(ItemRow.url.endswith(f"/{number}"))).one()
            if session.get(TopicLabelRow, (topic, item)) is None:
                service.answer(session, topic, item, fits, 0, actor="analyst", now=NOW)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
