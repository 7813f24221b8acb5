"""Topics and items for tests, for the tagger of a few words: likeness there is words in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tests.jobs.tiny import TinyTagger, embedding_of
from tests.rows import NOW, add_item
from waspada.store.tables import TopicQueueRow
from waspada.topics import service
from waspada.topics.types import NewTopic, Topic

LAND = NewTopic(
    "Sengketa lahan",
    "Perselisihan tanah antara warga dan perusahaan.",
    (
        "Warga dan perusahaan berselisih soal batas lahan sawit.",
        "Petani menolak penggusuran lahan sawit oleh perusahaan.",
        "Perusahaan memagari lahan sawit yang digarap warga.",
    ),
)
#: Like the topic by nearly all of its words, and by none.
ON_TOPIC = "Warga dan petani menolak perusahaan soal batas lahan sawit."
OFF_TOPIC = "Lomba layang-layang meriah sekali pada akhir pekan kemarin."


def add(session: Session, topic: NewTopic = LAND, now: datetime = NOW, **given: Any) -> Topic:
    return service.add_topic(session, topic, actor="analyst", now=now, **given)


def tell(session: Session, number: int, text: str = ON_TOPIC, **given: Any) -> int:
    """An item as tagging leaves it, in line to be compared."""
    columns: dict[str, Any] = {
        "url": f"https://kabar-banjar.example/{number}",
        "title": "",
        "text": text,
        "embedding": embedding_of(text),
        "stage": "grouped",
        "model": TinyTagger.model,
        **given,
    }
    item_id = add_item(session, **columns)
    session.merge(TopicQueueRow(item_id=item_id, again=False, asked=1))
    session.flush()
    return item_id
