"""What persons do with topics: add one, switch it off, remove it, and say whether an item belongs to it.

Functions run in the caller's writing transaction; the caller writes the audit log in the same one. A topic is never
edited: another wording is another topic, with answers of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from waspada.alerts import items
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.items.policy import clean_text, clean_title
from waspada.items.queue import hold
from waspada.places import is_within, place, resolve_region
from waspada.store.tables import TopicLabelRow, TopicRow
from waspada.taxonomy import ItemKind
from waspada.topics import repository
from waspada.topics.names import NameProblem, name_problem
from waspada.topics.types import ItemAnswered, NewTopic, StaleAnswerError, Topic

MAX_TITLE = 60
MAX_DESCRIPTION = 300
MAX_EXAMPLE = 300
LEAST_EXAMPLES, MOST_EXAMPLES = 3, 12
MOST_PLACES = 20
LEAST_WORDS = 4


class TopicTextError(InputError):
    """A text of the topic cannot be used: the title, the description, the examples or one of them (`number`, from 1),
    or the places. `words` are those that are wrong."""

    def __init__(self, message: str, *, hint: str, field: str, number: int = 0, words: str = "") -> None:
        super().__init__(message, hint=hint)
        self.field, self.number, self.words = field, number, words


class PersonTopicError(TopicTextError):
    """A text of the topic names a person, an account or a number; the message says which and what to change."""

    def __init__(self, problem: NameProblem) -> None:
        where = {"field": problem.field, "words": problem.words}
        super().__init__("No topic may be a person.", hint=problem.message, number=problem.number, **where)
        self.reason = problem.reason


def add_topic(session: Session, new: NewTopic, *, actor: str, now: datetime, within: str | None = None) -> Topic:
    """A new topic; the worker compares the items of the last 30 days with it at once.

    A person who is bound to a region adds topics of places in it; without places the topic is for that region.
    Raises InputError (something is missing, too long, or no place), PersonTopicError, NotFoundError (a place outside
    the person's region) and ConflictError (there is a topic of this title, or there are too many).
    """
    title, description = clean_title(new.title), " ".join(clean_text(new.description).split())
    examples = list(dict.fromkeys(filter(None, (" ".join(clean_text(one).split()) for one in new.examples))))
    _check_texts(title, description, examples)
    places = _places(new.places, within)
    problem = name_problem(title, description, examples)
    if problem is not None:
        raise PersonTopicError(problem)
    _check_room(session, title, places)
    row = TopicRow(
        title=title,
        description=description,
        examples=examples,
        places=places,
        sampled=0,
        actor=actor,
        at=now,
    )
    session.add(row)
    session.flush()
    return repository.topic(session, row.id)


def switch_off(session: Session, topic_id: int, *, actor: str, now: datetime, within: str | None = None) -> Topic:
    """Tags no more items with a topic and hides it; what it tagged stays. Raises NotFoundError and ConflictError."""
    found = _own(session, topic_id, within)
    done = session.execute(
        update(TopicRow).where(TopicRow.id == topic_id, TopicRow.off_at.is_(None)).values(off_at=now, off_by=actor)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise ConflictError(
            f"The topic {topic_id} was switched off by {found.off_by or 'somebody'} already.",
            hint="Nothing has to be done.",
        )
    session.expire_all()
    return repository.topic(session, topic_id)


def switch_on(session: Session, topic_id: int, *, within: str | None = None) -> Topic:
    """Tags items with a topic again, those of the last 30 days at once, with what it had learned. Raises NotFoundError
    and ConflictError (it is on, there is another one of this title by now, or there are too many)."""
    found = _own(session, topic_id, within)
    if found.is_on:
        raise ConflictError(f"The topic {topic_id} is on already.", hint="Nothing has to be done.")
    _check_room(session, found.title, found.places)
    session.execute(
        update(TopicRow)
        .where(TopicRow.id == topic_id)
        .values(off_at=None, off_by=None, failed_at=None, looks_back=True)
    )
    session.expire_all()
    return repository.topic(session, topic_id)


def remove_topic(session: Session, topic_id: int, *, within: str | None = None) -> Topic:
    """Erases a topic with its tags, answers and heads; returns what it was. Raises NotFoundError."""
    found = _own(session, topic_id, within)
    session.execute(delete(TopicRow).where(TopicRow.id == topic_id))
    return found


def answer(
    session: Session,
    topic_id: int,
    item_id: int,
    fits: bool,
    revision: int,
    *,
    actor: str,
    now: datetime,
    within: str | None = None,
) -> ItemAnswered:
    """A person says whether an item belongs to a topic; from then on no machine changes that.

    `revision` is that of the answer that they saw, 0 for none: of two persons at once the second gets a
    StaleAnswerError. The same answer again changes nothing. Raises NotFoundError (no such topic, item, or outside the
    person's region), InputError (a field report) and ConflictError (the topic is off).
    """
    topic = repository.topic(session, topic_id, within=within)
    if not topic.is_on:
        raise ConflictError(f"The topic {topic_id} is off.", hint="Nothing is learned for it any more.")
    if items.item(session, item_id, within=within).kind is ItemKind.REPORT:
        raise InputError("A topic learns nothing from field reports.", hint="Answer for an article or a post.")
    hold(session, [item_id])  # no worker tags it meanwhile
    query = select(TopicLabelRow).where(TopicLabelRow.topic_id == topic_id, TopicLabelRow.item_id == item_id)
    row = session.scalar(query.with_for_update())
    if (row.revision if row else 0) != revision:
        raise StaleAnswerError(item_id, row.actor if row else None, row.revision if row else 0)
    if row is None:
        row = TopicLabelRow(topic_id=topic_id, item_id=item_id, fits=fits, actor=actor, at=now, revision=1)
        session.add(row)
    elif row.fits != fits:
        row.fits, row.actor, row.at, row.revision = fits, actor, now, row.revision + 1
    session.flush()
    repository.set_tag(session, topic_id, item_id, fits, topic.model or "", now)
    return ItemAnswered(topic_id, item_id, fits, row.revision, actor, now)


def may_change(topic: Topic, within: str | None) -> bool:
    """Whether a person bound to this region may switch the topic off: all its places lie there."""
    return within is None or (bool(topic.places) and all(is_within(code, within) for code in topic.places))


def _own(session: Session, topic_id: int, within: str | None) -> Topic:
    """A topic that the person may change. Raises NotFoundError."""
    found = repository.topic(session, topic_id, within=within)
    if not may_change(found, within):
        raise NotFoundError(f"The topic {topic_id} is for more than your area.", hint="Ask somebody of the whole desk.")
    return found


def _check_texts(title: str, description: str, examples: Sequence[str]) -> None:
    if not title or len(title) > MAX_TITLE:
        raise TopicTextError("The topic needs a short title.", hint=f"At most {MAX_TITLE} characters.", field="title")
    if len(description) > MAX_DESCRIPTION:
        hint = f"At most {MAX_DESCRIPTION} characters."
        raise TopicTextError("The description is too long.", hint=hint, field="description")
    if not LEAST_EXAMPLES <= len(examples) <= MOST_EXAMPLES:
        raise TopicTextError(
            f"{len(examples)} different examples are too few or too many.",
            hint=f"Give {LEAST_EXAMPLES} to {MOST_EXAMPLES} sentences as they would stand in the news.",
            field="examples",
        )
    for number, one in enumerate(examples, 1):
        if len(one) > MAX_EXAMPLE or len(one.split()) < LEAST_WORDS:
            raise TopicTextError(
                f"Example {number} is too short or too long.",
                hint=f"Write a sentence of at least {LEAST_WORDS} words and at most {MAX_EXAMPLE} characters.",
                field="example",
                number=number,
            )


def _places(given: Sequence[str], within: str | None) -> list[str]:
    codes = list(dict.fromkeys(filter(None, (one.strip() for one in given))))
    if len(codes) > MOST_PLACES:
        hint = f"At most {MOST_PLACES}; name the region around them."
        raise TopicTextError(f"{len(codes)} places are too many.", hint=hint, field="places")
    found = []
    for one in codes:
        code = resolve_region(one)
        if code is None or place(code) is None:
            hint = "Give a Kemendagri code such as 63.03."
            raise TopicTextError(f"The place {one[:60]!r} is not known.", hint=hint, field="places", words=one[:60])
        if within is not None and not is_within(code, within):
            raise NotFoundError(f"The place {code} lies outside your area.", hint=f"Your area is {within}.")
        found.append(code)
    return list(dict.fromkeys(found)) or ([within] if within else [])


def _check_room(session: Session, title: str, places: Sequence[str]) -> None:
    """A title is taken only by a topic of the same places: one of elsewhere is nothing to know of."""
    standing = session.execute(select(TopicRow.title, TopicRow.places).where(TopicRow.off_at.is_(None))).all()
    if any(one.title.casefold() == title.casefold() and set(one.places) == set(places) for one in standing):
        raise ConflictError(
            f'There is a topic "{title}" already.', hint="Switch it off first, or choose another title."
        )
    if len(standing) >= repository.MAX_TOPICS:
        raise ConflictError(f"There are {len(standing)} topics already.", hint="Switch one off that nobody needs.")
