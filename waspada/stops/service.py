"""Stopping the collection and lifting a stop: both with a reason, both in the caller's writing transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from waspada import places
from waspada.access.types import ForbiddenError
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.places import is_within
from waspada.privacy.reasons import reason_of
from waspada.stops import policy, repository
from waspada.stops.types import Stop
from waspada.store.tables import CollectionStopRow, SourceRow


def stop(
    session: Session,
    reason: str,
    *,
    source_id: str | None = None,
    region: str | None = None,
    actor: str,
    role: str = "",
    within: str | None = None,
    now: datetime,
) -> Stop:
    """Stops the collection: of everything, of a source or of a region.

    `within` is the region that the account is bound to. Raises InputError for a missing reason, an unknown region or
    both a source and a region, NotFoundError for a source or region outside, ConflictError when it is stopped so.
    """
    why = reason_of(reason, is_needed=True)
    if source_id and region:
        raise InputError("Name a source or a region, not both.", hint="Two stops do.")
    if region is not None and places.place(region) is None:
        raise InputError(f"The region {region!r} is not known.", hint="Give a Kemendagri code such as 63 or 63.03.")
    _check_within(session, source_id, region, within)
    wanted = (source_id, region)
    if any((known.source_id, known.region) == wanted for known in repository.in_force(session)):
        raise ConflictError("This is stopped already.", hint="`waspada collection status` lists the stops in force.")
    row = CollectionStopRow(at=now, actor=actor, role=role, source_id=source_id, region=region, reason=why)
    session.add(row)
    session.flush()
    return repository.as_stop(row)


def lift(session: Session, stop_id: int, why: str, *, actor: str, within: str | None = None, now: datetime) -> Stop:
    """Ends a stop. Raises NotFoundError, InputError without a reason, ConflictError when it is over already, and
    ForbiddenError for an auditor's stop that this account may not lift (`policy.why_not_lifted`)."""
    said = reason_of(why, is_needed=True)
    row = repository.row_of(session, stop_id)
    found = repository.as_stop(row)
    _check_within(session, found.source_id, found.region, within)
    if not found.in_force:
        raise ConflictError("This stop is over already.", hint="`waspada collection status` lists those in force.")
    refused = policy.why_not_lifted(found, actor)
    if refused is not None:
        raise ForbiddenError(refused, hint="Ask an admin or another auditor to sign in and lift it.")
    row.lifted_at, row.lifted_by, row.lifted_why = now, actor, said
    session.flush()
    return repository.as_stop(row)


def _check_within(session: Session, source_id: str | None, region: str | None, within: str | None) -> None:
    source = session.get(SourceRow, source_id) if source_id is not None else None
    if source_id is not None and source is None:
        raise NotFoundError(f"There is no source {source_id!r}.", hint="`waspada sources list` shows them.")
    if within is None:
        return
    home = source.region if source is not None else region
    if home is None or not is_within(home, within):
        raise NotFoundError("This lies outside your area.", hint="Ask somebody who is bound to no region.")
