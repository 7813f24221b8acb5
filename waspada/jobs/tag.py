"""new -> tagged: labels, evidence, places and embedding of every waiting item."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from waspada.errors import StoreError
from waspada.items import repository
from waspada.items.repository import WaitingItem
from waspada.items.types import Stage
from waspada.store import Store
from waspada.taxonomy import Tagger, Tags

BATCH_ITEMS = 32


def tag_waiting(
    store: Store, tagger: Tagger, now: datetime, limit: int = BATCH_ITEMS, shadow: Tagger | None = None
) -> int:
    """Tags at most `limit` items; returns how many left the stage. The model runs outside any transaction.

    A `shadow` reads the same items after them: what it says is stored beside, and what it cannot do hinders nobody.
    """
    with store.read() as session:
        batch = repository.waiting(session, limit, now)
    if not batch:
        return 0
    tagged = classify(tagger, batch)

    def save(session: Session) -> None:
        for item, tags in tagged:
            if isinstance(tags, Exception):
                _set_aside(session, item, tags, now)
            else:
                repository.save_tags(session, item, tags, now)

    store.retrying(save)
    if shadow is not None:
        read_beside(store, shadow, [item for item, tags in tagged if not isinstance(tags, Exception)], now)
    return len(batch)


def read_beside(store: Store, shadow: Tagger, batch: list[WaitingItem], now: datetime) -> None:
    """Stores what a model that is not in use says of items; what it cannot read is noted and left out."""
    tagged = classify(shadow, batch) if batch else []

    def save(session: Session) -> None:
        for item, tags in tagged:
            if not isinstance(tags, Exception):
                repository.save_beside(session, item, tags, now)
            else:
                problem = f"{shadow.model}: {type(tags).__name__}: {tags}"
                repository.reject(session, "shadow", f"item {item.item_id}", problem, now)

    store.retrying(save)


def classify(tagger: Tagger, batch: list[WaitingItem]) -> list[tuple[WaitingItem, Tags | Exception]]:
    """The tags of a batch; when the batch fails, each item by itself, so that one odd item stops no other."""
    try:
        return list(zip(batch, tagger.classify([item.content for item in batch]), strict=True))
    except StoreError:
        raise
    except Exception as error:  # the boundary to the model: whatever it raises is kept aside with the item
        if len(batch) == 1:
            return [(batch[0], error)]
        return [pair for item in batch for pair in classify(tagger, [item])]


def _set_aside(session: Session, item: WaitingItem, error: Exception, now: datetime) -> None:
    if repository.set_aside(session, item.item_id, Stage.NEW, item.version):
        repository.reject(session, "tag", f"item {item.item_id}", f"{type(error).__name__}: {error}", now)
