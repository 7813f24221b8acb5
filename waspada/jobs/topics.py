"""grouped -> compared with the topics of the desk, by the embeddings that tagging stored.

A topic is first made ready: its sentences are embedded by the model at work, once a model, and its threshold is chosen;
then the items of the last 30 days are compared with it, the newest first. Heads are tried here when there are answers
enough. Every step can be done again, by any number of workers.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import update
from sqlalchemy.orm import Session

from waspada.errors import StoreError
from waspada.items.queue import still_of_version
from waspada.items.repository import clear_reject, reject
from waspada.store import Store
from waspada.store.tables import TopicRow
from waspada.taxonomy import EMBEDDING_DIM, ItemText, Tagger, embedding_of
from waspada.topics import head, policy, queue, repository
from waspada.topics.policy import LEAST_SAMPLE, LOOK_BACK, SAMPLE_ITEMS
from waspada.topics.types import Answer, Figures, Found, Head, Rule

log = logging.getLogger("waspada.topics")

Floats = NDArray[np.float32]
BATCH_ITEMS = 256
_STAGE = "topics"
_NO_ANSWERS = (0, 0, 0)


def tag_topics(store: Store, tagger: Tagger, now: datetime, limit: int = BATCH_ITEMS) -> int:
    """Makes one topic ready, or compares at most `limit` items; returns how much was done, 0 when nothing waits."""
    model = embedding_of(tagger.model)
    with store.read() as session:
        asked = queue.waiting(session, limit)
        due = repository.unprepared(session, model, now) or _due(session, model, now)
        back = repository.looks_back(session)
    if due is not None:
        _make_ready(store, tagger, due, now)
        return 1
    if back:  # once, for all topics that were made ready
        asked = store.retrying(lambda session: _look_back(session, limit, now))
    if not asked:
        return 0
    with store.read() as session:
        rules = repository.rules(session, model)
        items = queue.items(session, list(asked), model)
    found = {id_: policy.belongs(rules, one.vector, one.codes) for id_, one in items.items() if one.vector is not None}
    versions = {id_: one.version for id_, one in items.items()}
    store.retrying(lambda session: _save(session, asked, versions, found, rules, model, now))
    return len(asked)


def _look_back(session: Session, limit: int, now: datetime) -> dict[int, int]:
    if repository.looks_back(session, done=True):
        queue.ask_recent(session, now - LOOK_BACK)
    return queue.waiting(session, limit)


def _save(
    session: Session,
    asked: Mapping[int, int],
    versions: Mapping[int, int],
    found: Mapping[int, Sequence[Found]],
    rules: Sequence[Rule],
    model: str,
    now: datetime,
) -> None:
    """An item that was edited meanwhile, or has no tags of this model, is left alone: it comes again when grouped."""
    current = still_of_version(session, versions)
    on = repository.still_on(session, [rule.topic_id for rule in rules])
    repository.keep_tags(session, {id_: found[id_] for id_ in current & found.keys()}, on, model, now)
    queue.QUEUE.done(session, asked)


# ------------------------------------------------------------------------------------------------- making a topic ready


def _due(session: Session, model: str, now: datetime) -> TopicRow | None:
    """A topic whose threshold is stale, or whose answers are worth a new try of a head."""
    rows = repository.chosen(session, model)
    if not rows:
        return None
    counted = any(policy.may_be_stale(row.sampled, row.chosen_at, now) for row in rows)
    stored = repository.stored_count(session, model, SAMPLE_ITEMS) if counted else 0
    answers = repository.count_answers(session, [row.id for row in rows])
    for row in rows:
        if policy.is_stale(row.sampled, row.chosen_at, stored, now) or head.is_due(*answers.get(row.id, _NO_ANSWERS)):
            return session.get(TopicRow, row.id)
    return None


def _make_ready(store: Store, tagger: Tagger, row: TopicRow, now: datetime) -> None:
    """Vectors and floor where the model is new, the threshold, and a head where answers allow one. A topic that makes
    the model fail is tried again later, with the reason kept aside: it must hold up nothing."""
    is_new = row.model != embedding_of(tagger.model)
    try:
        vectors, floor = _vectors(tagger, row)
    except StoreError:
        raise
    except Exception as error:  # whatever a text makes the model raise is kept with the topic
        log.exception("the topic %s cannot be made ready and is tried again later", row.id)
        problem = f"{type(error).__name__}: {error}"
        store.retrying(lambda session: _put_off(session, row.id, problem, now))
        return
    with store.read() as session:
        sampled = repository.stored_count(session, embedding_of(tagger.model), SAMPLE_ITEMS)
        ids, stored = _sample(session, embedding_of(tagger.model), row.places)
        answers, fitting, new = repository.count_answers(session, [row.id]).get(row.id, _NO_ANSWERS)
        is_due = head.is_due(answers, fitting, answers if is_new else new)
        answered = repository.answers(session, row.id, embedding_of(tagger.model), head.MOST_ANSWERS) if is_due else []
        newest = repository.newest_answer(session, row.id) or now
    like = policy.likeness(vectors, stored)
    threshold = policy.threshold_of(floor, like)
    tried: tuple[Head, Figures] | None = None
    if is_due:
        sample = head.sample_of(stored, like, threshold, np.isin(ids, [one.item_id for one in answered]))
        tried = _try_head(tagger, vectors, threshold, answered, sample)
    columns = {
        "model": embedding_of(tagger.model),
        "vectors": vectors.ravel(),
        "floor": floor,
        "threshold": threshold,
        "sampled": sampled,
        "chosen_at": now,
        "tried_at": max(now, newest) if is_due else None if is_new else row.tried_at,
        "failed_at": None,
        "looks_back": True,
    }

    def save(session: Session) -> None:
        now_row = session.get(TopicRow, row.id, with_for_update=True)
        if now_row is None or now_row.off_at is not None or _state(now_row) != _state(row):
            return  # it was switched off, or another worker did it
        for name, value in columns.items():
            setattr(now_row, name, value)
        if tried is not None:
            repository.save_head(session, row.id, embedding_of(tagger.model), *tried, now)
        if row.failed_at is not None:
            clear_reject(session, _STAGE, _object(row.id))

    store.retrying(save)


def _state(row: TopicRow) -> tuple[str | None, datetime | None, datetime | None]:
    return row.model, row.chosen_at, row.tried_at


def _put_off(session: Session, topic_id: int, problem: str, now: datetime) -> None:
    session.execute(update(TopicRow).where(TopicRow.id == topic_id).values(failed_at=now))
    reject(session, _STAGE, _object(topic_id), problem, now)


def _object(topic_id: int) -> str:
    return f"topic {topic_id}"


def _sample(session: Session, model: str, places: Sequence[str]) -> tuple[list[int], Floats]:
    """Stored items of a topic's places; of all where these are too few to choose a threshold from."""
    found = repository.sample(session, model, SAMPLE_ITEMS, places)
    return found if not places or len(found[0]) >= LEAST_SAMPLE else repository.sample(session, model, SAMPLE_ITEMS)


def _try_head(
    tagger: Tagger, vectors: Floats, threshold: float, answered: Sequence[Answer], sample: head.Sample
) -> tuple[Head, Figures] | None:
    """A head and how it did on answers that it had not seen; None where the newest ones are nearly all of one kind."""
    known = [(one.fits, found) for one in answered if (found := _embedding(tagger, one)) is not None]
    fits = np.array([one for one, _ in known], dtype=np.bool_)
    if min(int(fits.sum()), int((~fits).sum())) < head.LEAST_OF_A_KIND:
        return None
    items = policy.unit_rows(np.stack([found for _, found in known]))
    like = policy.likeness(vectors, items)
    return head.fit(items, like, fits, sample), head.judged(items, like, fits, sample, threshold)


def _embedding(tagger: Tagger, one: Answer) -> Floats | None:
    """That of an answered item, by this model though an older one tagged it; None where the text makes it fail."""
    if one.embedding is not None:
        return one.embedding if one.embedding.size == EMBEDDING_DIM else None
    try:
        return tagger.classify([one.text])[0].embedding
    except StoreError:
        raise
    except Exception:
        log.exception("the answered item %s cannot be read by the model", one.item_id)
        return None


def _vectors(tagger: Tagger, row: TopicRow) -> tuple[Floats, float]:
    """Unit vectors of the topic's sentences and the floor of its threshold, both of the model at work."""
    if row.model == embedding_of(tagger.model) and row.vectors is not None and row.floor is not None:
        return repository.vectors_of(row), row.floor
    own = [f"{row.title}. {row.description}".strip(), *row.examples]
    found = policy.unit_rows(_embeddings(tagger, own))
    return found, policy.floor_of(policy.likeness(found, _background(tagger)))


def _embeddings(tagger: Tagger, texts: Sequence[str]) -> Floats:
    return np.stack([tags.embedding for tags in tagger.classify([ItemText("", text=text) for text in texts])])


def _background(tagger: Tagger) -> Floats:
    return policy.unit_rows(_embeddings(tagger, background()))


@lru_cache(maxsize=1)
def background() -> tuple[str, ...]:
    """Everyday news, written for this purpose: what is like no topic in particular."""
    lines = files("waspada.topics").joinpath("data", "background.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line)
