"""grouped -> matched: which fact-checks new, edited and recent items may repeat.

Only fact-checks are keys: an item never becomes one, so that a match leads to no other match. The line of waiting items
and all that was found stand in the database; an index in memory is refreshed from what changed since it was made.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from waspada.alerts.types import SYSTEM
from waspada.claims import queue, repository
from waspada.claims.matching import ClaimIndex
from waspada.claims.queue import WaitingText
from waspada.claims.service import LOOK_BACK, current_thresholds
from waspada.claims.types import MATCHER, FactCheck, Index, Match, MatchOrigin, MatchState, Thresholds
from waspada.errors import StoreError
from waspada.items.repository import reject
from waspada.store import Store
from waspada.store.tables import ClaimMatchRow

log = logging.getLogger("waspada.claims")

BATCH_ITEMS = 32
#: At most so many fact-checks are kept for an item; who reads more of them reads none.
KEPT_AN_ITEM = 5

_Found = dict[int, list[Match] | Exception]


class Matcher:
    """An index of the stored fact-checks, made when it is first needed. One a process; cheap to keep up to date.

    `make_index` is called with all fact-checks; `model` names the way of scoring (with an embedder, its model too).
    """

    def __init__(self, make_index: Callable[[Sequence[FactCheck]], Index] = ClaimIndex, model: str = MATCHER) -> None:
        self.model = model
        self._make_index = make_index
        self._index: Index | None = None
        self._ids = set[str]()
        self._count, self._seq = 0, -1
        self.in_trouble = False

    def refresh(self, session: Session) -> None:
        """Takes in what changed: new fact-checks join the index; a change or a loss makes it anew."""
        count, seq = repository.index_state(session)
        if self._index is not None and (count, seq) == (self._count, self._seq):
            return
        if self._index is not None and count >= self._count and seq > self._seq:
            fresh = repository.claims_after(session, self._seq)
            if len(fresh) == count - self._count and not any(claim.id in self._ids for claim in fresh):
                index, self._index = self._index, None  # one that fails half-way is made anew
                index.add(fresh)
                self._index = index
                self._note(fresh, count, seq)
                return
        everything = repository.claims_after(session, -1)
        self._index, self._ids = self._make_index(everything), set()
        self._note(everything, len(everything), seq)

    def match(self, item: WaitingText) -> list[Match]:
        """The fact-checks that an item may repeat, best first. `refresh` comes first."""
        return self._index.match(item.title, item.text, item.day) if self._index is not None else []

    def _note(self, claims: Sequence[FactCheck], count: int, seq: int) -> None:
        self._ids |= {claim.id for claim in claims}
        self._count, self._seq = count, seq


def match_waiting(store: Store, matcher: Matcher, now: datetime, limit: int = BATCH_ITEMS) -> int:
    """Matches at most `limit` items; returns how many left the line. The matching runs outside any transaction.

    An index that cannot be made is logged and holds nothing else up: the items wait.
    """
    with store.read() as session:
        must_look_back = queue.must_look_back(session)
    if must_look_back:
        store.retrying(lambda session: queue.look_back(session, now - LOOK_BACK))
    with store.read() as session:
        asked = dict(queue.waiting(session, limit))
        texts = queue.texts(session, list(asked))
    if not asked:
        return 0
    try:
        with store.read() as session:  # after the line was read: what asked for these items is in the index
            matcher.refresh(session)
            thresholds = current_thresholds(session, matcher.model)
    except StoreError:
        raise
    except Exception:  # whatever a fact-check made the index raise
        if not matcher.in_trouble:
            log.exception("the index of fact-checks cannot be made; items wait to be matched")
        matcher.in_trouble = True
        return 0
    matcher.in_trouble = False
    found = {id_: _matches(matcher, item, thresholds) for id_, item in texts.items()}
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
        found = [Match(one.claim_id, one.score, thresholds.state_of(one.score)) for one in found]
    return [one for one in found if one.state is not MatchState.CANDIDATE][:KEPT_AN_ITEM]


def _save(
    session: Session, asked: Mapping[int, int], versions: dict[int, int], found: _Found, model: str, now: datetime
) -> None:
    """An item that was edited meanwhile is left alone: it comes again when its new version is grouped."""
    current = queue.still_of_version(session, versions)
    known = repository.known(session, {m.claim_id for each in found.values() if isinstance(each, list) for m in each})
    for item_id in sorted(asked):
        each = found.get(item_id)
        if item_id in current and isinstance(each, list):
            keep(session, item_id, [one for one in each if one.claim_id in known], model, now)
        elif item_id in current and isinstance(each, Exception):
            reject(session, "match", f"item {item_id}", f"{type(each).__name__}: {each}", now)
        queue.done(session, item_id, asked[item_id])


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
