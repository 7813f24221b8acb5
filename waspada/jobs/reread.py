"""After a switch of models: the items of the last days are read anew, the newest first, when nothing new waits.

Until an item's turn comes its old tags stand. Each batch is one commit that says how far it came
(`model_events.walked_to`), so that a stop costs a batch and a second worker repeats nothing. What was read is ranked
anew and interrupts nobody (waspada.notify.policy).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from waspada.items.repository import WaitingItem, keep_tags, of_ids, reject
from waspada.items.standing import last_is_read, last_switch, stands
from waspada.items.types import Stage
from waspada.jobs.tag import classify
from waspada.models.policy import REREAD_DAYS
from waspada.store import Store
from waspada.store.tables import FingerprintRow, ItemRow, ModelEventRow, StoryItemRow, StoryRow, TagRow
from waspada.taxonomy import EVENT_LABELS, Tagger, Tags

BATCH_ITEMS = 32
_Tagged = Sequence[tuple[WaitingItem, Tags | Exception]]


def reread_step(store: Store, tagger: Tagger, now: datetime, limit: int = BATCH_ITEMS) -> int:
    """Reads at most `limit` items anew; returns how many were looked at, 0 when all were. `tagger` is the one in use;
    where it is not (its folder cannot be read), nothing is done."""
    with store.read() as session:
        switch = last_switch(session)
        if switch is None or switch.walked_to == 0 or switch.model != tagger.model:
            return 0
        since = switch.at - timedelta(days=REREAD_DAYS)
        query = select(ItemRow.id).where(ItemRow.found_at > since, ItemRow.stage.in_((Stage.TAGGED, Stage.GROUPED)))
        if switch.walked_to is not None:
            query = query.where(ItemRow.id < switch.walked_to)
        ids = session.scalars(query.order_by(ItemRow.id.desc()).limit(limit)).all()
        unread = _unread(session, ids, tagger.model)
        id_, walked_to = switch.id, switch.walked_to
    tagged = classify(tagger, unread) if unread else []
    store.retrying(lambda session: _save(session, id_, walked_to, ids, tagged, now))
    return len(ids)


def _unread(session: Session, ids: Sequence[int], model: str) -> list[WaitingItem]:
    """The items whose current version this model has not read. One whose text was removed keeps the tags that it has:
    nothing is left to be read."""
    said = select(TagRow.item_id, TagRow.version).where(TagRow.item_id.in_(ids), TagRow.model == model)
    read = {(item_id, version) for item_id, version in session.execute(said)}
    return [one for one in of_ids(session, ids) if (one.item_id, one.version) not in read and one.content.text]


def _save(
    session: Session, event_id: int, walked_to: int | None, ids: Sequence[int], tagged: _Tagged, now: datetime
) -> None:
    switch = session.get(ModelEventRow, event_id, with_for_update=True)
    newest = last_switch(session)
    if switch is None or newest is None or newest.id != event_id or switch.walked_to != walked_to:
        return  # another model is in use by now, or another worker was faster
    for item, tags in tagged:
        if isinstance(tags, Exception):
            reject(session, "reread", f"item {item.item_id}", f"{type(tags).__name__}: {tags}", now)
        else:
            keep_tags(session, item, tags, now)
    own = (TagRow.item_id.in_(ids), TagRow.model == switch.model, TagRow.beside)
    session.execute(update(TagRow).where(*own).values(beside=False).execution_options(synchronize_session=False))
    session.flush()
    _refresh(session, ids)
    switch.walked_to = min(ids, default=0)


def _refresh(session: Session, ids: Sequence[int]) -> None:
    """What is kept of the items' labels elsewhere follows, and their stories are ranked anew."""
    rows = session.execute(
        select(TagRow.item_id, TagRow.labels)
        .join(ItemRow, (ItemRow.id == TagRow.item_id) & (ItemRow.version == TagRow.version))
        .where(TagRow.item_id.in_(ids), stands())
        .order_by(*last_is_read())
    )
    labels = {id_: sorted(label.value for label in EVENT_LABELS if said[label]["on"]) for id_, said in rows}
    for row in session.scalars(select(FingerprintRow).where(FingerprintRow.item_id.in_(labels))):
        row.labels = labels[row.item_id]
    stories = select(StoryItemRow.story_id).where(StoryItemRow.item_id.in_(ids))
    session.execute(
        update(StoryRow).where(StoryRow.id.in_(stories)).values(stale=True).execution_options(synchronize_session=False)
    )
