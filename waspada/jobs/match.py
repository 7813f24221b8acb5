"""grouped -> matched: which fact-checks new, edited and recent items may repeat.

Only fact-checks are keys: an item never becomes one, so that a match leads to no other match. The line of waiting
items, the embeddings of fact-checks and all that was found stand in the database; an index in memory is refreshed from
what changed since it was made.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from waspada.alerts.types import SYSTEM
from waspada.claims import queue, repository
from waspada.claims.dense import Embedder, usable
from waspada.claims.embedding import embedder_of
from waspada.claims.matching import ClaimIndex, texts_of
from waspada.claims.queue import WaitingText
from waspada.claims.repository import Version
from waspada.claims.service import LOOK_BACK, current_thresholds
from waspada.claims.types import FactCheck, Index, Match, MatchOrigin, MatchState, Thresholds, way_of
from waspada.errors import StoreError
from waspada.items.queue import still_of_version
from waspada.items.repository import reject
from waspada.store import Store
from waspada.store.tables import ClaimMatchRow
from waspada.taxonomy import EMBEDDING_DIM, Tagger, embedding_of

log = logging.getLogger("waspada.claims")

BATCH_ITEMS = 32
#: So many fact-checks are embedded, and so many recent items looked at, in one step.
EMBEDDED, LOOKED_AT = 64, 128
#: At most so many fact-checks are kept for an item; who reads more of them reads none.
KEPT_AN_ITEM = 5
#: Up to so many new fact-checks are looked for among recent items by themselves; after more all recent items are
#: matched again.
FEW = 50
#: An item that scores so much among the new fact-checks alone is matched again. Among few a score is higher than among
#: all: of 55 texts that were suggested a fact-check none had less, of other hoaxes 6 % more with 20 new ones, 1 % with
#: one (January to June 2024).
WORTH_A_LOOK = 0.2

MakeIndex = Callable[[Sequence[FactCheck], Embedder | None], Index]
_Found = dict[int, list[Match] | Exception]
#: Embeddings, and what stood against those that are zeros.
_Made = tuple[dict[Version, NDArray[np.float32]], dict[Version, Exception]]
#: Any model can read it.
_PLAIN = "Cek fakta."


@dataclass(slots=True)
class _LookBack:
    """New fact-checks, an index of them alone, and the recent items that were not looked at yet."""

    checks: list[Version]
    index: Index
    items: list[int]


class Matcher:
    """An index of the stored fact-checks, made when it is first needed. One a process; cheap to keep up to date.

    With a tagger whose embeddings serve (`embedder_of`) they are found by meaning too; without one, and while more than
    `EMBEDDED` of them have no embeddings of this model, by words alone.
    """

    def __init__(self, make_index: MakeIndex = ClaimIndex, tagger: Tagger | None = None) -> None:
        self.embedder = embedder_of(tagger)
        #: The model whose embeddings are used; None: none is.
        self.embeds_as = embedding_of(tagger.model) if tagger is not None and self.embedder is not None else None
        #: The way of scoring with this tagger: whose the embeddings are that are kept.
        self.way = way_of(self.embeds_as)
        self.by_words = self.embedder is None
        self.looking_back: _LookBack | None = None
        self.in_trouble = self.cannot_embed = False
        #: What this process embedded, and whether another process puts embeddings of its own in their place.
        self.embedded = set[Version]()
        self.has_rival = False
        self._make_index = make_index
        self._index: Index | None = None
        self._ids = set[str]()
        self._count, self._seq = 0, -1

    @property
    def model(self) -> str:
        """The way of scoring in use."""
        return way_of(None if self.by_words else self.embeds_as)

    def refresh(self, store: Store) -> Thresholds | None:
        """Takes in what changed, outside any transaction: new and changed ones join the index; a loss, or another
        way of scoring, makes it anew. Returns the thresholds that were fitted for the way of scoring in use."""
        with store.read() as session:
            by_words = self.embedder is None or self._is_far_behind(session)
            if by_words != self.by_words:
                self._index, self.by_words = None, by_words
            thresholds = current_thresholds(session, self.model)
            count, seq = repository.index_state(session)
            if self._index is not None and (count, seq) == (self._count, self._seq):
                return thresholds
            is_newer = self._index is not None and seq > self._seq
            fresh = repository.claims_after(session, self._seq, self.way) if is_newer else []
            is_whole = bool(fresh) and count == len(self._ids | {claim.id for claim in fresh})
            everything = [] if is_whole else repository.claims_after(session, -1, self.way)
        index, self._index = self._index, None  # one that fails half-way is made anew
        if index is not None and is_whole:
            index.add(fresh)
            self._note(fresh, count, seq)
        else:
            index, self._ids = self._make_index(everything, None if self.by_words else self.embedder), set()
            self._note(everything, len(everything), seq)
        self._index = index
        return thresholds

    def index_of(self, claims: Sequence[FactCheck]) -> Index:
        return self._make_index(claims, self.embedder)

    def _is_far_behind(self, session: Session) -> bool:
        return len(repository.without_vectors(session, self.way, EMBEDDED + 1)) > EMBEDDED

    def match(self, item: WaitingText) -> list[Match]:
        """The fact-checks that an item may repeat, best first. `refresh` comes first."""
        return self._index.match(item.title, item.text, item.day) if self._index is not None else []

    def _note(self, claims: Sequence[FactCheck], count: int, seq: int) -> None:
        self._ids |= {claim.id for claim in claims}
        self._count, self._seq = count, seq


def match_step(store: Store, matcher: Matcher, now: datetime) -> int:
    """One step of what waits; returns how many rows it dealt with, 0 when nothing waits.

    A few fact-checks are embedded before items are matched with them. Of many some are in each step; items are matched
    by words beside it, and looked at again when all are. Looking back goes on beside the matching.
    """
    embedded = embed_checks(store, matcher, now)
    looked = 0 if embedded else look_back(store, matcher, now)
    return embedded + looked + match_waiting(store, matcher, now)


def embed_checks(store: Store, matcher: Matcher, now: datetime, limit: int = EMBEDDED) -> int:
    """Keeps the embeddings of at most `limit` fact-checks that have none of this model; returns how many those were.

    The model runs outside any transaction. A fact-check that it cannot read is known by its words; where it can read
    nothing they wait. What another process replaced by embeddings of another model is left to that one.
    """
    if matcher.embedder is None:
        return 0
    with store.read() as session:
        waiting = repository.without_vectors(session, matcher.way, limit, replacing=not matcher.has_rival)
    if not matcher.has_rival and not matcher.embedded.isdisjoint(waiting):
        matcher.has_rival = True
        log.warning(
            "another process replaced embeddings of fact-checks by those of another model; this one (%s) replaces none "
            "until it is started again: let all workers run one model",
            matcher.embeds_as,
        )
        return 0
    if not waiting:
        return 0
    made = _vectors(matcher.embedder, waiting)
    if made is None:
        return _cannot_embed(matcher)
    matcher.cannot_embed = False
    store.retrying(lambda session: _save_vectors(session, matcher.way, *made, now))
    matcher.embedded |= waiting.keys()
    return len(waiting)


def _vectors(embed: Embedder, checks: Mapping[Version, FactCheck]) -> _Made | None:
    """Vectors (texts, d) of each fact-check; when the batch fails, each by itself, zeros where that fails too.

    None where not even a plain text can be embedded: it is not the texts' fault.
    """
    texts = {version: texts_of(check) for version, check in checks.items()}
    try:
        rows = usable(embed([text for of in texts.values() for text in of]))
        ends = np.cumsum([len(of) for of in texts.values()])
        return dict(zip(texts, np.split(rows, ends[:-1]), strict=True)), {}
    except StoreError:
        raise
    except Exception:  # the boundary to the model
        if not _works(embed):
            return None
    found, bad = dict[Version, NDArray[np.float32]](), dict[Version, Exception]()
    for version, of in texts.items():
        try:
            found[version] = usable(embed(of))
        except StoreError:
            raise
        except Exception as error:  # the boundary to the model
            found[version], bad[version] = np.zeros((len(of), EMBEDDING_DIM), np.float32), error
    return (found, bad) if len(bad) < len(checks) or _works(embed) else None


def _cannot_embed(matcher: Matcher) -> int:
    """Says once that the model is at fault, not the texts; they wait."""
    if not matcher.cannot_embed:
        log.error("the model %s embeds nothing; fact-checks and items wait for it", matcher.embeds_as)
    matcher.cannot_embed = True
    return 0


def _works(embed: Embedder) -> bool:
    try:
        return bool(usable(embed([_PLAIN])).any())
    except Exception:  # the boundary to the model
        return False


def _save_vectors(
    session: Session,
    model: str,
    vectors: Mapping[Version, NDArray[np.float32]],
    bad: Mapping[Version, Exception],
    now: datetime,
) -> None:
    repository.save_vectors(session, model, vectors)
    for (id_, _), error in bad.items():  # its message may quote the text
        reject(session, "match", f"fact-check {id_}", f"no embedding: {type(error).__name__}", now)


def look_back(store: Store, matcher: Matcher, now: datetime, limit: int = LOOKED_AT) -> int:
    """Looks at most `limit` recent items over for what new and changed fact-checks are about, and puts those in line;
    returns how many rows it dealt with, 0 when there is nothing new.

    The new ones are looked for by themselves, with the embeddings that stand among the items' tags. How far a pass came
    is known in memory only: one cut short begins again, and asks for nothing twice.
    """
    passing = matcher.looking_back
    if passing is None:
        with store.read() as session:
            checks = repository.not_looked_back(session, matcher.way, FEW + 1)
        if not checks:
            return 0
        passing = _begin_look_back(store, matcher, checks, now - LOOK_BACK)
        if passing is None:
            store.retrying(lambda session: queue.look_back(session, now - LOOK_BACK))
            return len(checks)
    matcher.looking_back = passing
    ids = passing.items[-limit:]
    with store.read() as session:
        texts = queue.texts(session, ids, matcher.embeds_as)
    hits = [id_ for id_, item in texts.items() if _worth_a_look(passing.index, item)]

    def save(session: Session) -> None:
        queue.ask(session, hits, again=True)
        if len(ids) == len(passing.items):
            queue.looked_back(session, passing.checks)

    store.retrying(save)
    passing.items = passing.items[: -len(ids)] if ids else []
    if not passing.items:
        matcher.looking_back = None
    return max(1, len(ids))


def _begin_look_back(
    store: Store, matcher: Matcher, checks: Mapping[Version, FactCheck], since: datetime
) -> _LookBack | None:
    """A pass for the new fact-checks where they are few; what matches an older wording of theirs is asked for."""
    if len(checks) > FEW:
        return None
    try:
        index = matcher.index_of(list(checks.values()))
    except StoreError:
        raise
    except Exception:  # whatever a fact-check made the index raise: the line meets it too, and says so
        return None
    matched = ClaimMatchRow.claim_id.in_([id_ for id_, _ in checks])
    store.retrying(lambda session: queue.ask_matched(session, matched))
    with store.read() as session:
        return _LookBack(list(checks), index, queue.recent(session, since))


def _worth_a_look(index: Index, item: WaitingText) -> bool:
    try:
        return any(one.score >= WORTH_A_LOOK for one in index.match(item.title, item.text, item.day, item.vector))
    except StoreError:
        raise
    except Exception:  # the line keeps aside what a text makes the index raise
        return True


def match_waiting(store: Store, matcher: Matcher, now: datetime, limit: int = BATCH_ITEMS) -> int:
    """Matches at most `limit` items; returns how many left the line. The matching runs outside any transaction.

    An index that cannot be made, or a model that embeds nothing, is logged and holds nothing else up: the items wait.
    """
    with store.read() as session:
        asked = queue.QUEUE.waiting(session, limit)
        texts = queue.texts(session, list(asked))
    if not asked:
        return 0
    try:
        thresholds = matcher.refresh(store)  # after the line was read: what asked for these items is in the index
    except StoreError:
        raise
    except Exception:  # whatever a fact-check made the index raise
        if not matcher.in_trouble:
            log.exception("the index of fact-checks cannot be made; items wait to be matched")
        matcher.in_trouble = True
        return 0
    matcher.in_trouble = False
    found = {id_: _matches(matcher, item, thresholds) for id_, item in texts.items()}
    failed = any(isinstance(each, Exception) for each in found.values())
    if failed and matcher.embedder is not None and not matcher.by_words and not _works(matcher.embedder):
        return _cannot_embed(matcher)
    versions = {id_: item.version for id_, item in texts.items()}
    store.retrying(lambda session: _save(session, asked, versions, found, matcher.model, now))
    return len(asked)


def _matches(matcher: Matcher, item: WaitingText, thresholds: Thresholds | None) -> list[Match] | Exception:
    """The matches that are kept, with the states that the desk's thresholds give them."""
    try:
        found = matcher.match(item)
    except StoreError:
        raise
    except Exception as error:  # whatever a text makes the index raise is kept with the item
        return error
    if thresholds is not None:
        found = [replace(one, state=thresholds.state_of(one.score, one.is_clear)) for one in found]
    return [one for one in found if one.state is not MatchState.CANDIDATE][:KEPT_AN_ITEM]


def _save(
    session: Session, asked: Mapping[int, int], versions: dict[int, int], found: _Found, model: str, now: datetime
) -> None:
    """An item that was edited meanwhile is left alone: it comes again when its new version is grouped."""
    current = still_of_version(session, versions)
    known = repository.known(session, {m.claim_id for each in found.values() if isinstance(each, list) for m in each})
    for item_id in sorted(asked):
        each = found.get(item_id)
        if item_id in current and isinstance(each, list):
            keep(session, item_id, [one for one in each if one.claim_id in known], model, now)
        elif item_id in current and isinstance(each, Exception):
            reject(session, "match", f"item {item_id}", f"{type(each).__name__}: {each}", now)
    queue.QUEUE.done(session, asked)


def keep(session: Session, item_id: int, found: Sequence[Match], model: str, now: datetime) -> None:
    """Writes the machine's matches of an item. What a person set stays, whatever the machine finds or misses."""
    stood = repository.stored(session, item_id)
    for one in found:
        row = stood.pop(one.claim_id, None)
        if row is None:
            row = ClaimMatchRow(item_id=item_id, claim_id=one.claim_id, revision=1, reason="")
            _set(row, one, model, now)
            session.add(row)
            session.flush()
            repository.note(session, row, None, one.state, SYSTEM, now)
        elif row.origin == MatchOrigin.MACHINE:
            before = row.state
            if before != one.state:
                _set(row, one, model, now)
                row.revision += 1
                repository.note(session, row, before, one.state, SYSTEM, now)
            elif (row.score, row.model) != (one.score, model):
                row.score, row.model = one.score, model
    for row in stood.values():
        if row.origin == MatchOrigin.MACHINE:
            repository.note(session, row, row.state, None, SYSTEM, now)
            session.delete(row)
    session.flush()


def _set(row: ClaimMatchRow, one: Match, model: str, now: datetime) -> None:
    row.state, row.score, row.model = one.state.value, one.score, model
    row.origin, row.actor, row.at = MatchOrigin.MACHINE.value, SYSTEM, now
