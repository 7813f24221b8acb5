"""Rows for tests that need some: a source, an item with its text and tags."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select
from sqlalchemy.orm import Session

from waspada.items.policy import content_sha256, url_key
from waspada.places import place
from waspada.store.tables import ItemRow, ItemVersionRow, PlaceRow, SourceRow, TagRow
from waspada.taxonomy import EMBEDDING_DIM, Label

NOW = datetime(2024, 11, 25, 4, 0, tzinfo=UTC)


def add_source(session: Session, id_: str = "kabar-banjar", **given: Any) -> str:
    """A source, unless it is there; returns its id."""
    if session.get(SourceRow, id_) is None:
        columns: dict[str, Any] = {
            "name": id_,
            "outlet": id_,
            "url": f"https://{id_}.example/feed",
            "kind": "rss",
            "role": "news",
            "region": "63",
            "added_at": NOW,
            "next_poll_at": NOW,
            **given,
        }
        session.add(SourceRow(id=id_, **columns))
        session.flush()
    return id_


def labels(*on: Label, p: float = 0.9) -> dict[str, Any]:
    """The labels column of a tag with these labels on."""
    return {name.value: {"p": p if name in on else 0.05, "on": name in on} for name in Label}


def add_item(
    session: Session,
    *,
    url: str = "https://kabar-banjar.example/1",
    title: str = "Warga menunggu hasil rekapitulasi",
    text: str = "Rekapitulasi suara berlangsung di kantor kecamatan.",
    source: str = "kabar-banjar",
    embedding: NDArray[np.float32] | None = None,
    on: Sequence[Label] = (),
    level: int = 0,
    places: Sequence[str] = (),
    model: str = "none",
    **given: Any,
) -> int:
    """An item with its tags and places (codes, first the main one); returns its id."""
    add_source(session, source)
    columns: dict[str, Any] = {
        "source_id": source,
        "kind": "article",
        "outlet": source,
        "url": url,
        "url_key": url_key(url),
        "title": title,
        "published_at": NOW,
        "found_at": NOW,
        "stage": "tagged",
        **given,
    }
    item = ItemRow(**columns)
    session.add(item)
    session.flush()
    session.add(
        ItemVersionRow(
            item_id=item.id, version=1, title=title, text=text, sha256=content_sha256(title, text), seen_at=NOW
        )
    )
    session.add(
        TagRow(
            item_id=item.id,
            version=1,
            model=model,
            labels=labels(*on),
            aux={"hate": {"p": 0.0, "on": False}},
            conflict_level=0,
            alert_level=level,
            evidence=[],
            embedding=np.zeros(EMBEDDING_DIM, dtype=np.float32) if embedding is None else embedding,
            tagged_at=NOW,
        )
    )
    session.add_all(_place(item.id, code, position) for position, code in enumerate(places))
    session.flush()
    return item.id


def _place(item_id: int, code: str, position: int) -> PlaceRow:
    found = place(code)
    assert found is not None, code
    return PlaceRow(
        item_id=item_id,
        code=code,
        name=found.name,
        level=found.level.value,
        mention=found.name,
        field="text",
        start=300 + 500 * position,
        end=310 + 500 * position,
    )


def pairs(session: Session, query: Select[Any, Any]) -> dict[Any, Any]:
    """The two columns of a query as a dictionary."""
    return {key: value for key, value in session.execute(query)}  # noqa: C416 (a row is no tuple to the type checker)
