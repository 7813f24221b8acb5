"""Recording a request from outside and deciding on it, in the caller's writing transaction."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from waspada.alerts import items
from waspada.alerts import repository as alerts
from waspada.audit.types import AuditAction
from waspada.corrections import repository
from waspada.corrections.types import (
    DUE_WITHIN,
    CorrectionRequest,
    Effect,
    Reach,
    RequestKind,
    RequestState,
    StaleRequestError,
)
from waspada.errors import InputError, NotFoundError
from waspada.items.policy import url_key
from waspada.jobs.erase import Cause, Struck, erase_items, erase_periodic, strike
from waspada.privacy.reasons import reason_of
from waspada.store.tables import CorrectionRow

_ABOUT = re.compile(r"(item|story|alert|periodic)/([1-9]\d{0,17})")
_PERIODIC = "periodic/"
_MAX_URL = 2048
#: What a granted request may do, the usual one first.
EFFECTS = {
    RequestKind.CORRECT: (Effect.STRIKE, Effect.READ_AGAIN, Effect.ERASE),
    RequestKind.ERASE: (Effect.ERASE, Effect.STRIKE),
    RequestKind.OBJECT: (Effect.ERASE, Effect.STRIKE),
}


def effects_of(found: CorrectionRequest) -> tuple[Effect, ...]:
    """What may be done for a request, the usual one first. A periodic report has no page that could be read again."""
    is_periodic = found.about.startswith(_PERIODIC)
    return tuple(one for one in EFFECTS[found.kind] if not (is_periodic and one is Effect.READ_AGAIN))


def ask(
    session: Session,
    kind: RequestKind,
    about: str,
    reason: str,
    *,
    actor: str,
    now: datetime,
    within: str | None = None,
    heard_at: datetime | None = None,
) -> CorrectionRequest:
    """Records a request. `about` is item/12, story/4, alert/3, periodic/5 or a web address; an address is kept as its
    item, or as a hash where nothing is stored of it. The time runs from `heard_at`, when the desk heard of it.

    Raises InputError (no such form, no reason, heard in the future) and NotFoundError (not in your area).
    """
    why = reason_of(reason, is_needed=True)
    heard = heard_at or now
    if heard > now:
        raise InputError("The request was heard in the future.", hint="Leave the time out for now.")
    name = _resolved(session, about.strip(), within)
    reach = repository.reach_of(session, name)
    region = within or repository.region_of(session, reach.alerts)
    if name.startswith(_PERIODIC):
        region = repository.region_of_periodic(session, int(name.removeprefix(_PERIODIC)), within)
    row = CorrectionRow(
        at=heard,
        due_at=heard + DUE_WITHIN,
        actor=actor,
        kind=kind.value,
        about=name,
        region=region,
        reason=why,
    )
    session.add(row)
    session.flush()
    return repository.as_request(row)


def read(session: Session, request_id: int, within: str | None) -> tuple[CorrectionRequest, Reach]:
    """A request and what it is about now. Raises NotFoundError."""
    found = repository.as_request(repository.row_of(session, request_id, within))
    return found, repository.reach_of(session, found.about)


def refuse(
    session: Session, request_id: int, why: str, revision: int, *, actor: str, now: datetime, within: str | None = None
) -> CorrectionRequest:
    """Decides against a request, with the reason that whoever asked is told. Raises as `grant` does."""
    return _decided(session, request_id, RequestState.REFUSED, why, revision, {}, actor, now, within)


def grant(
    session: Session,
    request_id: int,
    effect: Effect,
    why: str,
    revision: int,
    *,
    passage: str = "",
    actor: str,
    now: datetime,
    within: str | None = None,
) -> CorrectionRequest:
    """Decides for a request and does at once what it asks: both or neither. `passage` is what `strike` takes out; it is
    not kept.

    Raises NotFoundError, StaleRequestError, and InputError for an effect that does not fit, no reason, or a passage
    that is not there.
    """
    row = repository.row_of(session, request_id, within, lock=True)
    found = repository.as_request(row)
    _check(found, revision)
    fitting = effects_of(found)
    if effect not in fitting:
        raise InputError(
            f"A request to {found.kind.value} cannot be met by {effect.value}.",
            hint=f"Take one of: {', '.join(fitting)}.",
        )
    reach = repository.reach_of(session, found.about)
    effects: dict[str, Any] = {
        "effect": effect.value,
        "alerts": len(reach.alerts),
        "digests": repository.left_before(session, reach.alerts, AuditAction.DIGEST_MADE),
        "exports": repository.left_before(session, reach.alerts, AuditAction.EXPORTED),
        "notes": repository.notes_on(session, reach.alerts),
    }
    done = _carry_out(session, found, reach, effect, passage, now)
    effects["counts"] = dict(done.counts)
    if reach.above:
        effects |= {"above": len(reach.above) - len(done.left), "above_left": list(done.left)}
    return _decided(session, request_id, RequestState.GRANTED, why, revision, effects, actor, now, within)


def _carry_out(
    session: Session, found: CorrectionRequest, reach: Reach, effect: Effect, passage: str, now: datetime
) -> Struck:
    if reach.periodic is not None:
        taken = passage if effect is Effect.STRIKE else None
        return Struck(erase_periodic(session, reach.periodic, now, passage=taken, correction_id=found.id))
    if effect is not Effect.STRIKE:
        again = effect is Effect.READ_AGAIN
        gone = erase_items(session, reach.items, now, cause=Cause.REQUEST, correction_id=found.id, read_again=again)
        return Struck(gone)
    if len(reach.items) != 1:
        raise InputError("A passage is taken out of one item.", hint="Record a request for each item.")
    return strike(session, reach.items[0], passage, now, correction_id=found.id)


def _decided(
    session: Session,
    request_id: int,
    state: RequestState,
    why: str,
    revision: int,
    effects: dict[str, Any],
    actor: str,
    now: datetime,
    within: str | None,
) -> CorrectionRequest:
    said = reason_of(why, is_needed=True)
    row = repository.row_of(session, request_id, within, lock=True)
    _check(repository.as_request(row), revision)
    row.state, row.decided_at, row.decided_by, row.decision = state.value, now, actor, said
    row.effects, row.revision = effects, row.revision + 1
    session.flush()
    return replace(repository.as_request(row), effects=effects)


def _check(found: CorrectionRequest, revision: int) -> None:
    if found.state is not RequestState.OPEN or found.revision != revision:
        raise StaleRequestError(found)


def _resolved(session: Session, about: str, within: str | None) -> str:
    """What a request is about, as it is kept. Raises InputError and NotFoundError."""
    named = _ABOUT.fullmatch(about)
    if named is None:
        return _of_address(session, about, within)
    kind, id_ = named[1], int(named[2])
    if kind == "periodic":
        repository.region_of_periodic(session, id_, within)
    elif kind == "item":
        items.item(session, id_, within=within)
    elif kind == "story":
        items.story(session, id_, within=within)
    else:
        alerts.summary(session, id_, within=within)
    return about


def _of_address(session: Session, url: str, within: str | None) -> str:
    if not _is_web_address(url):
        raise InputError(
            "This names no item, story, alert, periodic report or web address.",
            hint="Write item/12, story/4, alert/3, periodic/5 or https://...",
        )
    found = repository.items_at(session, url)
    if not found:
        return f"address/{url_key(url)}"
    readable = items.readable(session, found, within)
    if not readable:
        raise NotFoundError("There is nothing of this address in your area.", hint="Ask another desk.")
    return f"item/{min(readable)}"


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return len(url) <= _MAX_URL and parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
