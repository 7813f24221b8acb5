"""SQL about fact-checks, their matches with items, and the thresholds."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    case,
    func,
    insert,
    or_,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from waspada.alerts.types import SYSTEM
from waspada.claims.deciding import Folded, check_the_same
from waspada.claims.folding import split_verdict, words_of
from waspada.claims.matching import texts_of
from waspada.claims.narrative import narrative_of
from waspada.claims.types import (
    CheckOrigin,
    CheckView,
    Decision,
    FactCheck,
    MatchEventView,
    MatchOrigin,
    MatchState,
    MatchView,
    StoredThresholds,
    Thresholds,
    VerdictGiven,
)
from waspada.clock import DEFAULT_ZONE, local_day
from waspada.errors import NotFoundError
from waspada.privacy import mask_contacts
from waspada.store.tables import (
    ClaimMatchEventRow,
    ClaimMatchRow,
    ClaimThresholdRow,
    FactCheckEventRow,
    FactCheckRow,
    ItemRow,
    StoryItemRow,
)
from waspada.store.turns import take_turns
from waspada.store.types import Vector
from waspada.taxonomy import EMBEDDING_DIM, ItemKind

#: "CLAI" on a telephone's keys: writers of fact-checks take their numbers one after another (PostgreSQL).
_LOCK = 0x2524
#: What is no longer than this stands for a claim that nothing else tells.
_CLAIM_OF_TEXT = 500
#: SQLite allows 32,766 variables a statement.
_CHUNK = 500
#: The embeddings of what changed, and whose they are where only words went: nothing new is to be looked for then.
_NO_VECTORS: Mapping[str, Any] = {"vectors_of": None, "vectors": None}
_FORGOTTEN = ""
#: What has neither claim nor headline any more is matched with nothing.
_SAYS = or_(FactCheckRow.claim != "", FactCheckRow.title != "")
#: Id and number of a fact-check as it stood: a change gives another number.
Version = tuple[str, int]
#: Id, claim, headline, day, number and vectors of a fact-check.
_Texts = tuple[str, str, str, date | None, int, NDArray[np.float32]]
#: Matches of one story that are shown; a story of thousands of copies must not fill a page.
MATCHES_SHOWN = 20


def note_fact_check(session: Session, item: ItemRow, text: str, now: datetime) -> None:
    """Keeps an article of a fact-checking outlet as a fact-check; an edit replaces what stood there.

    The claim is the narrative that the article quotes, else its headline without the verdict.
    """
    verdict, claim = split_verdict(item.title)
    save_check(
        session,
        f"item-{item.id}",
        now,
        claim=mask_contacts(narrative_of(text) or claim or text[:_CLAIM_OF_TEXT]),
        title=item.title,
        verdict=verdict,
        url=item.url,
        outlet=item.outlet,
        checked_on=local_day(item.at, DEFAULT_ZONE),
        item_id=item.id,
        origin=CheckOrigin.OUTLET.value,
    )


def save_check(session: Session, id_: str, now: datetime, **columns: Any) -> bool | None:
    """Writes a fact-check: True when it is new, False when it changed, None when it stood there just so."""
    return save_checks(session, {id_: columns}, now)[id_]


def save_checks(session: Session, checks: Mapping[str, Mapping[str, Any]], now: datetime) -> dict[str, bool | None]:
    """The same for many, each with its own number."""
    stood, outcome, seq = known(session, checks), dict[str, bool | None](), 0
    other = list[str]()
    for id_, columns in checks.items():
        row = stood.get(id_)
        if row is not None and all(getattr(row, name) == value for name, value in columns.items()):
            outcome[id_] = None
            continue
        seq = seq + 1 if seq else next_seq(session)
        if row is None:
            session.add(FactCheckRow(id=id_, seq=seq, looked_back=False, **columns))
        else:
            before = FactCheck(id_, row.claim, row.title)
            for name, value in {**columns, "seq": seq, "looked_back": False, **_NO_VECTORS}.items():
                setattr(row, name, value)
            if not _says_the_same(before, FactCheck(id_, row.claim, row.title)):
                other.append(id_)
        outcome[id_] = row is None
    session.flush()
    _ask_persons_again(session, other, now)
    return outcome


def _says_the_same(one: FactCheck, other: FactCheck) -> bool:
    """Whether an edit left the claim what it was: headline or claim is about as before, or nothing is left of that."""
    texts = [[Folded(words_of(text)) for text in texts_of(check)] for check in (one, other)]
    return not texts[0] or any(check_the_same(a, b) for a in texts[0] for b in texts[1])


def _ask_persons_again(session: Session, claim_ids: Sequence[str], now: datetime) -> None:
    """What persons said of a fact-check counts no more once it speaks of another claim; the history keeps it.

    The matches are locked in the order in which the matching of items locks them.
    """
    of = [ClaimMatchRow.claim_id.in_(claim_ids[at : at + _CHUNK]) for at in range(0, len(claim_ids), _CHUNK)]
    if not of:
        return
    query = select(ClaimMatchRow).where(or_(*of), ClaimMatchRow.origin == MatchOrigin.PERSON.value)
    for row in session.scalars(query.order_by(ClaimMatchRow.item_id, ClaimMatchRow.id).with_for_update()).all():
        before, row.state, row.origin = row.state, MatchState.SUGGESTED.value, MatchOrigin.MACHINE.value
        row.actor, row.at, row.reason, row.revision = SYSTEM, now, "", row.revision + 1
        note(session, row, before, row.state, SYSTEM, row.at)


def next_seq(session: Session) -> int:
    """A number above all before it, also those of rows that are gone. Held to the end of the transaction."""
    take_turns(session, _LOCK)
    newest = session.scalar(select(func.max(FactCheckRow.seq))) or 0
    return max(newest + 1, time.time_ns() // 1000)


def old_claims(before: datetime) -> Select[str]:
    """Ids of what was brought in, or judged by this desk, before then, and still holds the words that circulated."""
    return select(FactCheckRow.id).where(
        FactCheckRow.origin != CheckOrigin.OUTLET.value, FactCheckRow.claim != "", FactCheckRow.added_at < before
    )


def forget_claims(session: Session, item_ids: Sequence[int]) -> None:
    """Takes what was quoted from these articles; indexes in memory see it by the new number."""
    _forget(session, FactCheckRow.item_id.in_(item_ids))


def forget_own_claims(session: Session, ids: Sequence[str]) -> None:
    """Takes the words that circulated from these fact-checks; headline, verdict and address stay. What then has no
    headline is matched no more."""
    _forget(session, FactCheckRow.id.in_(ids))


def _forget(session: Session, which: ColumnElement[bool]) -> None:
    held = [which, FactCheckRow.claim != ""]
    if session.scalar(select(FactCheckRow.id).where(*held).limit(1)) is not None:
        values = {"claim": "", "seq": next_seq(session), "vectors_of": _FORGOTTEN, "vectors": None}
        session.execute(update(FactCheckRow).where(*held).values(values))


# ---------------------------------------------------------------------------------------------- what an index holds


def index_state(session: Session) -> tuple[int, int]:
    """Count and newest number of all fact-checks: an index that knows both has missed nothing."""
    count, newest = session.execute(select(func.count(), func.max(FactCheckRow.seq))).one()
    return count, newest or 0


def claims_after(session: Session, seq: int, way: str = "") -> list[FactCheck]:
    """Fact-checks with a greater number (all of them after -1), oldest change first, with their vectors for a way of
    scoring."""
    query = _texts(way).where(FactCheckRow.seq > seq).order_by(FactCheckRow.seq, FactCheckRow.id)
    return [_fact_check(row) for row in session.execute(query.execution_options(yield_per=_CHUNK))]


def not_looked_back(session: Session, way: str, limit: int) -> dict[Version, FactCheck]:
    """Fact-checks with which recent items were not matched yet."""
    query = _texts(way).where(_SAYS, FactCheckRow.looked_back.is_(False)).limit(limit)
    return {(row.id, row.seq): _fact_check(row) for row in session.execute(query)}


def without_vectors(session: Session, way: str, limit: int, *, replacing: bool = True) -> dict[Version, FactCheck]:
    """Fact-checks whose vectors for a way of scoring are not kept; without `replacing` only those that have none of any
    way."""
    of = FactCheckRow.vectors_of
    others = (of < way, of > way) if replacing else (of == _FORGOTTEN,)  # each by the index
    query = _texts(way).where(_SAYS, or_(of.is_(None), *others)).limit(limit)
    return {(row.id, row.seq): _fact_check(row) for row in session.execute(query)}


def save_vectors(session: Session, way: str, vectors: Mapping[Version, NDArray[np.floating[Any]]]) -> None:
    """Keeps the vectors of fact-checks that were not changed meanwhile; recent items are looked at again with them, but
    not where words went."""
    again = case((FactCheckRow.vectors_of == _FORGOTTEN, FactCheckRow.looked_back), else_=False)
    for (id_, seq), each in vectors.items():
        session.execute(
            update(FactCheckRow)
            .where(FactCheckRow.id == id_, FactCheckRow.seq == seq)
            .values(vectors_of=way, vectors=each.ravel(), looked_back=again)
        )


def _texts(way: str) -> Select[*_Texts]:
    vectors = case((FactCheckRow.vectors_of == way, FactCheckRow.vectors), else_=None)
    return select(
        FactCheckRow.id, FactCheckRow.claim, FactCheckRow.title, FactCheckRow.checked_on, FactCheckRow.seq,
        type_coerce(vectors, Vector).label("vectors"),
    )  # fmt: skip


def _fact_check(row: Row[*_Texts]) -> FactCheck:
    vectors = None if row.vectors is None else row.vectors.reshape(-1, EMBEDDING_DIM).astype(np.float16)
    return FactCheck(row.id, row.claim, row.title, checked_on=row.checked_on, vectors=vectors)


# ------------------------------------------------------------------------------------------------------ their matches


def stored(session: Session, item_id: int) -> dict[str, ClaimMatchRow]:
    """The matches of one item by the ids of their fact-checks, locked until the transaction ends."""
    query = select(ClaimMatchRow).where(ClaimMatchRow.item_id == item_id).order_by(ClaimMatchRow.id)
    return {row.claim_id: row for row in session.scalars(query.with_for_update())}


def note(session: Session, row: ClaimMatchRow, before: str | None, after: str | None, actor: str, at: datetime) -> None:
    """One line of a match's history."""
    session.execute(
        insert(ClaimMatchEventRow).values(
            item_id=row.item_id,
            claim_id=row.claim_id,
            at=at,
            actor=actor,
            from_state=before,
            to_state=after,
            reason=row.reason if row.origin == MatchOrigin.PERSON and after is not None else "",
            score=row.score,
            model=row.model,
        )
    )


def history(session: Session, match: MatchView) -> list[MatchEventView]:
    """What happened to a match, newest first."""
    query = select(ClaimMatchEventRow).where(
        ClaimMatchEventRow.item_id == match.item_id, ClaimMatchEventRow.claim_id == match.check.id
    )
    return [
        MatchEventView(row.at, row.actor, row.from_state, row.to_state, row.reason, row.score, row.model)
        for row in session.scalars(query.order_by(ClaimMatchEventRow.id.desc()).limit(200))
    ]


def match(session: Session, match_id: int) -> MatchView:
    """Raises NotFoundError."""
    found = _views(session, _matches().where(ClaimMatchRow.id == match_id))
    if not found:
        raise NotFoundError(f"There is no match {match_id} in your area.", hint="It may have been taken back.")
    return found[0]


def of_item(session: Session, item_id: int) -> list[MatchView]:
    """The matches of an item, the surest first, what was rejected last."""
    return _sorted(_views(session, _matches().where(ClaimMatchRow.item_id == item_id)))


def of_story(session: Session, story_id: int, limit: int = MATCHES_SHOWN) -> list[MatchView]:
    """The matches of a story's items, the surest first, what was rejected last."""
    query = _matches().join(StoryItemRow, StoryItemRow.item_id == ClaimMatchRow.item_id)
    order = (
        (ClaimMatchRow.state == MatchState.REJECTED.value).asc(),
        (ClaimMatchRow.state == MatchState.CONFIRMED.value).desc(),
        (ClaimMatchRow.origin == MatchOrigin.PERSON.value).desc(),
        ClaimMatchRow.score.desc(),
        ClaimMatchRow.id,
    )
    return _sorted(_views(session, query.where(StoryItemRow.story_id == story_id).order_by(*order).limit(limit)))


def of_claim(session: Session, claim_id: str, limit: int = 200) -> list[MatchView]:
    """The matches of a fact-check, newest first."""
    query = _matches().where(ClaimMatchRow.claim_id == claim_id).order_by(ClaimMatchRow.id.desc()).limit(limit)
    return _views(session, query)


def newest(session: Session, state: MatchState | None, limit: int) -> list[MatchView]:
    """Matches, newest first."""
    query = _matches().order_by(ClaimMatchRow.id.desc()).limit(limit)
    return _views(session, query if state is None else query.where(ClaimMatchRow.state == state.value))


def decisions(session: Session, model: str) -> list[Decision]:
    """What persons said of matches that this way of scoring found."""
    query = select(ClaimMatchRow.score, ClaimMatchRow.state, ClaimMatchRow.claim_id, ClaimMatchRow.actor).where(
        ClaimMatchRow.origin == MatchOrigin.PERSON.value, ClaimMatchRow.model == model
    )
    return [
        Decision(score, state == MatchState.CONFIRMED, claim_id, actor)
        for score, state, claim_id, actor in session.execute(query.order_by(ClaimMatchRow.id))
    ]


# -------------------------------------------------------------------------------------------------------- fact-checks


def check(session: Session, claim_id: str) -> CheckView:
    """Raises NotFoundError."""
    found = session.execute(_checks().where(FactCheckRow.id == claim_id)).first()
    if found is None:
        raise NotFoundError("There is no such fact-check.", hint="`waspada claims list` shows the newest.")
    return _check(found[0], found[1])


def checks(session: Session, *, after: tuple[int, str] | None = None, limit: int = 50) -> list[CheckView]:
    """Fact-checks, the newest change first; `after` is the number and id at which a page ended."""
    query = _checks().order_by(FactCheckRow.seq.desc(), FactCheckRow.id.desc()).limit(limit)
    if after is not None:
        query = query.where(tuple_(FactCheckRow.seq, FactCheckRow.id) < after)
    return [_check(row, kind) for row, kind in session.execute(query)]


def verdicts(session: Session, claim_id: str) -> list[VerdictGiven]:
    """Every verdict of this desk on a claim, newest first."""
    query = select(FactCheckEventRow).where(FactCheckEventRow.claim_id == claim_id)
    rows = session.scalars(query.order_by(FactCheckEventRow.id.desc()).limit(200))
    return [VerdictGiven(row.at, row.actor, row.verdict, row.url, row.reason) for row in rows]


def known(session: Session, ids: Iterable[str]) -> dict[str, FactCheckRow]:
    """Rows by id, looked up a chunk at a time."""
    wanted, found = list(ids), dict[str, FactCheckRow]()
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        found |= {row.id: row for row in session.scalars(select(FactCheckRow).where(FactCheckRow.id.in_(chunk)))}
    return found


# --------------------------------------------------------------------------------------------------------- thresholds


def thresholds(session: Session, model: str) -> StoredThresholds | None:
    """The newest that were fitted for this way of scoring."""
    query = select(ClaimThresholdRow).where(ClaimThresholdRow.model == model)
    row = session.scalar(query.order_by(ClaimThresholdRow.id.desc()).limit(1))
    return None if row is None else _thresholds(row)


def all_thresholds(session: Session) -> list[StoredThresholds]:
    """Every pair that ever was, newest first."""
    query = select(ClaimThresholdRow).order_by(ClaimThresholdRow.id.desc())
    return [_thresholds(row) for row in session.scalars(query)]


def save_thresholds(
    session: Session, model: str, pair: Thresholds, detail: dict[str, Any], actor: str, now: datetime
) -> None:
    session.add(
        ClaimThresholdRow(
            model=model,
            suggested_from=pair.suggested_from,
            confirmed_from=pair.confirmed_from,
            actor=actor,
            at=now,
            detail=detail,
        )
    )
    session.flush()


def _thresholds(row: ClaimThresholdRow) -> StoredThresholds:
    pair = Thresholds(row.suggested_from, row.confirmed_from)
    return StoredThresholds(row.id, row.model, pair, row.actor, row.at, row.detail)


def _matches() -> Select[ClaimMatchRow, FactCheckRow, str | None]:
    return (
        select(ClaimMatchRow, FactCheckRow, ItemRow.kind)
        .join(FactCheckRow, FactCheckRow.id == ClaimMatchRow.claim_id)
        .outerjoin(ItemRow, ItemRow.id == FactCheckRow.item_id)
    )


def _checks() -> Select[FactCheckRow, str | None]:
    return select(FactCheckRow, ItemRow.kind).outerjoin(ItemRow, ItemRow.id == FactCheckRow.item_id)


def _views(session: Session, query: Select[ClaimMatchRow, FactCheckRow, str | None]) -> list[MatchView]:
    return [
        MatchView(
            id=row.id,
            item_id=row.item_id,
            state=MatchState(row.state),
            origin=MatchOrigin(row.origin),
            score=row.score,
            actor=row.actor,
            at=row.at,
            reason=row.reason,
            model=row.model,
            revision=row.revision,
            check=_check(claim, kind),
        )
        for row, claim, kind in session.execute(query)
    ]


def _sorted(found: list[MatchView]) -> list[MatchView]:
    return sorted(found, key=lambda one: (one.state is not MatchState.REJECTED, one.rank), reverse=True)


def _check(row: FactCheckRow, kind: str | None) -> CheckView:
    return CheckView(
        id=row.id,
        claim=row.claim,
        title=row.title,
        verdict=row.verdict,
        url=_public_url(row.url, kind),
        outlet=row.outlet,
        checked_on=row.checked_on,
        origin=CheckOrigin(row.origin),
        actor=row.actor,
        reason=row.reason,
        added_at=row.added_at,
        seq=row.seq,
    )


def _public_url(url: str | None, kind: str | None) -> str | None:
    """None for a post, whose address names who wrote it, and for what is no web address."""
    is_web = url is not None and url.lower().startswith(("https://", "http://"))
    return url if is_web and kind in (None, ItemKind.ARTICLE) else None
