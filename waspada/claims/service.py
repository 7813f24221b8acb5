"""What persons do with claims: bring fact-checks in, give a verdict of their own, confirm and reject matches, refit.

Functions run in the caller's writing transaction; the caller writes the audit log in the same one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from waspada.alerts import items
from waspada.alerts.types import StaleRevisionError, StateChange
from waspada.claims import queue, repository
from waspada.claims.deciding import PRIOR
from waspada.claims.fitting import refit
from waspada.claims.folding import split_verdict
from waspada.claims.types import (
    MATCHER,
    CheckOrigin,
    FactCheck,
    Fitted,
    Imported,
    MatchDecided,
    MatchEventView,
    MatchOrigin,
    MatchState,
    MatchView,
    Thresholds,
    VerdictAdded,
)
from waspada.clock import DEFAULT_ZONE, local_day
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.items.policy import MAX_TITLE, clean_text, clean_title, normalised
from waspada.privacy import mask_contacts
from waspada.privacy.reasons import reason_of
from waspada.privacy.retention import WORDS_RETENTION
from waspada.store.tables import ClaimMatchRow, FactCheckEventRow, FactCheckRow

MAX_CLAIM = 2000
MAX_VERDICT = 60
_MAX_URL = 2000
#: Items of so long are matched with a new fact-check: it often comes after what it checks.
LOOK_BACK = timedelta(days=14)
_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,39}")
_PLAIN_SOURCE = re.compile(r"[a-z0-9][a-z0-9.-]{0,29}")


class StaleMatchError(StaleRevisionError):
    """Somebody else decided on the match first, or the machine did; `changes` says who and how, newest first."""

    def __init__(self, match_id: int, revision: int, changes: Sequence[StateChange]) -> None:
        said = "; ".join(f"{change.actor}: {change.to_state or change.action}" for change in changes)
        ConflictError.__init__(
            self,
            f"Match {match_id} was changed since you looked at it ({said}).",
            hint="Look at it again, then decide.",
        )
        self.revision = revision
        self.changes = changes


def import_claims(
    session: Session, claims: Iterable[FactCheck], actor: str, now: datetime, source: str | None = None
) -> Imported:
    """Fact-checks of others, by their own ids: a second import of the same changes nothing, a later line wins.

    Texts are cleaned, cut and freed of contacts; an address that is none of the web is left out. Each source has ids of
    its own (`source`, else the host of the address), and 1 is another id than "1": an import overwrites neither what
    another one brought nor what an outlet published or an analyst wrote. Words past their retention do not come back.
    """
    rows, older, bad, repeated = dict[str, dict[str, Any]](), dict[str, str](), 0, 0
    for claim in claims:
        columns = _columns(claim, actor, now)
        if columns is None:
            bad += 1
            continue
        id_ = _import_id(claim.id, source or columns["outlet"])
        repeated += id_ in rows
        rows[id_] = columns
        older[id_] = _older_id(claim.id)
    rows = _under_older_ids(session, rows, older)
    for id_, row in repository.known(session, rows).items():  # who brought it in first, and when, stays
        rows[id_] |= {"actor": row.actor, "added_at": row.added_at}
        if row.added_at is not None and row.added_at < now - WORDS_RETENTION:
            rows[id_]["claim"] = row.claim
    outcome = list(repository.save_checks(session, rows, now).values())
    return Imported(outcome.count(True), outcome.count(False), outcome.count(None) + repeated, bad)


def add_verdict(
    session: Session,
    claim: str,
    verdict: str,
    *,
    url: str | None = None,
    reason: str,
    actor: str,
    now: datetime,
    revision: int | None = None,
) -> VerdictAdded:
    """A verdict of this desk on a claim. Every verdict that was given is kept with who, when and why.

    One on the same words replaces the older one where `revision` (the number of that) shows that it was seen. The same
    verdict again changes nothing, but brings back words that went with their retention. Raises ConflictError where a
    verdict would be replaced unseen, and InputError.
    """
    words, said, why = _text(claim, MAX_CLAIM), clean_title(verdict)[:MAX_VERDICT], reason_of(reason, is_needed=True)
    if len(normalised(words).split()) < 3:
        raise InputError("The claim is too short to be recognised.", hint="Write it out, as it circulates.")
    if not said:
        raise InputError("The verdict is missing.", hint='For example "SALAH", "BENAR" or "KLARIFIKASI".')
    address = _web_address(url)
    if url and address is None:
        raise InputError("The address is no web address.", hint="It begins with https:// or http://.")
    id_ = f"own-{hashlib.sha256(normalised(words).encode()).hexdigest()[:24]}"
    stood = session.get(FactCheckRow, id_, with_for_update=True)
    is_same = stood is not None and (stood.verdict, stood.url, stood.reason) == (said, address, why)
    if stood is not None and is_same and stood.claim:
        return VerdictAdded(id_, False, stood.actor or actor, stood.added_at or now)
    if stood is not None and not is_same and stood.seq != revision:
        raise ConflictError(
            f'{stood.actor} gave the verdict "{stood.verdict}" on these words on {stood.added_at:%Y-%m-%d}.',
            hint=f"Look at {id_} first; to replace it, name its revision {stood.seq}.",
        )
    repository.save_check(
        session,
        id_,
        now,
        claim=words,
        title="",
        verdict=said,
        url=address,
        outlet="",
        checked_on=local_day(now, DEFAULT_ZONE),
        origin=CheckOrigin.OWN.value,
        actor=actor,
        reason=why,
        added_at=now,
    )
    session.add(FactCheckEventRow(claim_id=id_, at=now, actor=actor, verdict=said, url=address, reason=why))
    session.flush()
    return VerdictAdded(id_, stood is None, actor, now)


def remove_claim(session: Session, claim_id: str) -> int:
    """Erases an imported fact-check or an own verdict with its matches; returns how many those were.

    Raises NotFoundError, and ConflictError for an outlet's own article: it goes with its item.
    """
    found = repository.check(session, claim_id)
    if found.origin is CheckOrigin.OUTLET:
        raise ConflictError("This fact-check is an outlet's article.", hint="It goes with its article.")
    matches = len(session.scalars(select(ClaimMatchRow.id).where(ClaimMatchRow.claim_id == claim_id)).all())
    session.execute(delete(FactCheckRow).where(FactCheckRow.id == claim_id))
    return matches


def match_of(session: Session, match_id: int, *, within: str | None = None) -> tuple[MatchView, list[MatchEventView]]:
    """A match with its history. Raises NotFoundError, also when its item lies outside the reader's region."""
    found = repository.match(session, match_id)
    try:
        items.item(session, found.item_id, within=within)
    except NotFoundError:
        raise NotFoundError(
            f"There is no match {match_id} in your area.", hint="It may have been taken back."
        ) from None
    return found, repository.history(session, found)


def decide(
    session: Session,
    match_id: int,
    confirmed: bool,
    actor: str,
    reason: str,
    revision: int,
    now: datetime,
    *,
    within: str | None = None,
) -> MatchDecided:
    """A person confirms or rejects a match; from then on no machine changes it.

    `revision` is the one that the actor looked at: of two persons at once the second gets a StaleMatchError. Raises
    NotFoundError (not there, or outside `within`), ConflictError (a person said just that already) and InputError (a
    rejection without a reason, or a reason too long).
    """
    seen, _ = match_of(session, match_id, within=within)
    if seen.revision != revision:
        raise _stale(session, match_id)
    to = MatchState.CONFIRMED if confirmed else MatchState.REJECTED
    if seen.origin is MatchOrigin.PERSON and seen.state is to:
        raise ConflictError(f"Match {match_id} is {to.value} already.", hint="Nothing has to be done.")
    why = reason_of(reason, is_needed=not confirmed)
    changed = session.execute(
        update(ClaimMatchRow)
        .where(ClaimMatchRow.id == match_id, ClaimMatchRow.revision == revision)
        .values(state=to, origin=MatchOrigin.PERSON, actor=actor, at=now, reason=why, revision=revision + 1)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise _stale(session, match_id)
    row = session.get_one(ClaimMatchRow, match_id, populate_existing=True)
    repository.note(session, row, seen.state, to, actor, now)
    return MatchDecided(match_id, seen.item_id, seen.state, to, revision + 1, actor, now)


def current_thresholds(session: Session, model: str = MATCHER) -> Thresholds | None:
    """Those that were fitted for this way of scoring; None where the shipped ones are in use."""
    found = repository.thresholds(session, model)
    return found.thresholds if found is not None else None


def refit_thresholds(session: Session, actor: str, now: datetime, model: str = MATCHER) -> Fitted:
    """Fits the thresholds to persons' decisions and puts them in use where they prove themselves; older ones are kept.

    Recent items are matched again, so that the desk sees one measure.
    """
    in_use = current_thresholds(session, model) or PRIOR
    fitted = refit(repository.decisions(session, model), PRIOR, in_use)
    if fitted.used and fitted.thresholds != in_use:
        repository.save_thresholds(session, model, fitted.thresholds, dict(fitted.figures), actor, now)
        queue.ask_recent(session, now - LOOK_BACK)
    return fitted


def reset_thresholds(session: Session, actor: str, now: datetime, model: str = MATCHER) -> bool:
    """Puts the shipped thresholds in use again; False where they were."""
    if current_thresholds(session, model) in (None, PRIOR):
        return False
    repository.save_thresholds(session, model, PRIOR, {"reset": True}, actor, now)
    queue.ask_recent(session, now - LOOK_BACK)
    return True


def _columns(claim: FactCheck, actor: str, now: datetime) -> dict[str, Any] | None:
    """The columns of an imported fact-check; None where nothing is left to match by."""
    title = mask_contacts(clean_title(claim.title))[:MAX_TITLE]
    words = _text(claim.claim, MAX_CLAIM)
    if not normalised(f"{title} {words}").strip():
        return None
    url = _web_address(claim.url)
    verdict = clean_title(claim.verdict)[:MAX_VERDICT] or split_verdict(title)[0]
    return {
        "claim": words,
        "title": title,
        "verdict": verdict,
        "url": url,
        "outlet": (urlsplit(url).hostname or "").removeprefix("www.") if url else "",
        "checked_on": _plausible(claim.checked_on),
        "origin": CheckOrigin.IMPORTED.value,
        "actor": actor,
        "added_at": now,
    }


def _text(text: str, limit: int) -> str:
    return mask_contacts(" ".join(clean_text(text[: 2 * limit]).split()))[:limit]


def _plausible(day: date | None) -> date | None:
    """PostgreSQL and strftime know no day before the year 1000."""
    return day if day is not None and day.year >= 1900 else None


def _import_id(given: Any, source: str) -> str:
    """`imp-`, the source, and the id as it was given, or its hash where it is long, odd, or a text that looks like a
    number: a key, and no place for words."""
    whole = json.dumps(given, sort_keys=True, ensure_ascii=True)
    plain = given if isinstance(given, str) else whole
    if not _PLAIN_ID.fullmatch(plain) or (isinstance(given, str) and _is_json(given)):
        plain = hashlib.sha256(whole.encode()).hexdigest()[:40]
    of = source.strip().lower()
    if of and not _PLAIN_SOURCE.fullmatch(of):
        of = hashlib.sha256(of.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"imp-{of}/{plain}" if of else f"imp-{plain}"


def _older_id(given: Any) -> str:
    """The id of an import of before sources had ids of their own (migration 0014)."""
    plain = given if isinstance(given, str) else json.dumps(given, sort_keys=True, ensure_ascii=True)
    if not _PLAIN_ID.fullmatch(plain):
        plain = hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:40]
    return f"imp-{plain}"


def _under_older_ids(
    session: Session, rows: Mapping[str, dict[str, Any]], older: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """The rows under the ids under which they stand: what an outlet's address shows to be the same fact-check keeps the
    id that it had, with all that hangs on it."""
    stood = repository.known(session, rows)
    before = repository.known(session, {older[id_] for id_ in rows if id_ not in stood})
    found = dict[str, dict[str, Any]]()
    for id_, columns in rows.items():
        row = before.get(older[id_])
        is_it = id_ not in stood and row is not None and row.outlet == columns["outlet"] != ""
        found[older[id_] if is_it and older[id_] not in found else id_] = columns
    return found


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def audit_name(claim_id: str, keyed_hash: Callable[[str], str]) -> str:
    """A fact-check as the audit log names it: the id of an import was chosen elsewhere, and may be words."""
    return f"fact-check/{keyed_hash(claim_id) if claim_id.startswith('imp-') else claim_id}"


def _web_address(url: str | None) -> str | None:
    """The address without its fragment and any account in it; None for what is none of the web."""
    if not url:
        return None
    plain = "".join(clean_text(url).split())
    try:
        parts = urlsplit(plain)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or len(plain) > _MAX_URL or "@" in parts.netloc:
        return None
    return plain


def _stale(session: Session, match_id: int) -> ConflictError:
    session.expire_all()
    current = repository.match(session, match_id)
    lines = repository.history(session, current)[:5]
    return StaleMatchError(
        match_id,
        current.revision,
        [StateChange(line.at, line.actor, "decided", line.to_state) for line in lines],
    )
