"""Reads of the API that belong to no other folder: pages of sources and of rejects."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from waspada.alerts.items import under
from waspada.sources.types import OWN_ROLES
from waspada.store.tables import RejectRow, SourceRow


def sources(
    session: Session, *, region: str | None, enabled: bool | None, after: str | None, limit: int
) -> Sequence[SourceRow]:
    """Sources in the order of their ids, from `after` on, without the program's own."""
    query = select(SourceRow).where(SourceRow.role.not_in(OWN_ROLES)).order_by(SourceRow.id).limit(limit)
    if region is not None:
        query = query.where(under(SourceRow.region, region))
    if enabled is not None:
        query = query.where(SourceRow.enabled == enabled)
    if after is not None:
        query = query.where(SourceRow.id > after)
    return session.scalars(query).all()


def rejects(session: Session, *, before_id: int | None, limit: int) -> Sequence[RejectRow]:
    """What was kept aside, newest first."""
    query = select(RejectRow).order_by(RejectRow.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(RejectRow.id < before_id)
    return session.scalars(query).all()
