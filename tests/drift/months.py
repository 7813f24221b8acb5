"""Four months of a desk, made up: what it heard, what a model read in it, what persons answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy.orm import Session

from tests.rows import add_item
from waspada.items.policy import content_sha256
from waspada.labels.codebook import nothing
from waspada.labels.types import Queue, Role
from waspada.store.tables import LabelRow
from waspada.taxonomy import EMBEDDING_DIM, Label

MODEL = "uji-1"
#: In WITA a month begins at 16:00 UTC of the day before.
MONTHS = [datetime(2024, month, 1, tzinfo=UTC) for month in (7, 8, 9, 10)]
NOW = datetime(2024, 11, 3, 4, 0, tzinfo=UTC)
_WORDS = ("warga", "rapat", "kantor", "pasar", "jalan", "sungai", "suara", "desa", "camat", "surat", "kotak", "sawah")


def add_news(
    session: Session,
    month: datetime,
    n: int,
    *,
    source: str = "kabar-banjar",
    on: Sequence[Label] = (),
    every: int = 0,
    words: Sequence[str] = _WORDS,
    moved: float = 0.0,
    model: str = MODEL,
    seed: int = 1,
) -> list[int]:
    """`n` items of a source in a month; of so many `every` one has the labels, and its vector lies `moved` away."""
    rng, found = np.random.default_rng([seed, month.month, n]), []
    for number in range(n):
        at = month + timedelta(days=1 + 25 * number / n)
        vector = rng.normal(size=EMBEDDING_DIM) / 20
        vector[0] += moved
        found.append(
            add_item(
                session,
                url=f"https://{source}.example/{month:%Y-%m}/{seed}/{number}",
                title=" ".join(rng.choice(words, 4)),
                text=" ".join(rng.choice(words, 20)),
                source=source,
                on=on if every and number % every == 0 else (),
                level=2 if every and number % every == 0 else 0,
                embedding=vector.astype(np.float32),
                model=model,
                published_at=at,
                found_at=at + timedelta(minutes=5),
            )
        )
    return found


def add_answer(
    session: Session, item: int, actor: str, at: datetime, *, queue: Queue = Queue.RANDOM, **values: int
) -> None:
    session.add(
        LabelRow(
            key=f"{actor}-{item}-{at:%Y%m%d%H%M%S}",
            item_id=item,
            version=1,
            item_hash=content_sha256("a", "b"),
            story_id=None,
            fold="train",
            role=Role.LABELLER,
            fields=nothing() | values,
            spans=[],
            note="catatan Budi Rahasia",
            codebook="1.1",
            queue=queue,
            queue_label=None,
            model=MODEL,
            proposed=None,
            shown=False,
            seconds=2.0,
            actor=actor,
            at=at,
            standing=True,
        )
    )


def fill(session: Session) -> None:
    """Three months of one outlet, and a fourth in which it speaks of conflicts twice as often, beside a new outlet."""
    for month in MONTHS[:3]:
        add_news(session, month, 120, on=(Label.CONFLICT,), every=10)
        add_news(session, month, 5, source="sudah-diam")
    ids = add_news(session, MONTHS[3], 150, on=(Label.CONFLICT,), every=4)
    other = ("kapal", "pelabuhan", "nelayan", "ombak", "muatan", "dermaga", "gelombang", "cuaca")
    add_news(session, MONTHS[3], 90, source="berita-baru", on=(Label.DISASTER,), every=2, words=other, moved=0.9)
    for number, item in enumerate(ids[:60]):
        conflict = 2 if number % 4 == 0 else 0
        add_answer(session, item, "ana-analis", MONTHS[3] + timedelta(days=20), conflict=conflict)
        if number < 12:
            queue = Queue.RANDOM if number else Queue.RARE
            add_answer(session, item, "budi-analis", MONTHS[3] + timedelta(days=21), queue=queue, conflict=conflict)
