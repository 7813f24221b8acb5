"""SQL about recipients and their permissions. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from waspada.alerts.items import under
from waspada.alerts.regions import holders
from waspada.errors import NotFoundError
from waspada.recipients.types import GUARDED, Grant, Recipient, RecipientChannel, RecipientKind, RecipientView
from waspada.store.tables import RecipientGrantRow, RecipientRow

#: A desk with more has another problem; the list stays one page.
MOST_SHOWN = 500


def recipient_row(session: Session, recipient_id: int, *, within: str | None = None) -> RecipientRow:
    """Raises NotFoundError, also for one outside the region that somebody is bound to."""
    row = session.scalar(select(RecipientRow).where(RecipientRow.id == recipient_id, *_touching(within)))
    if row is None:
        raise NotFoundError(f"There is no recipient {recipient_id} in your area.", hint="See the list of recipients.")
    return row


def grant_row(session: Session, grant_id: int, *, within: str | None = None) -> RecipientGrantRow:
    """Raises NotFoundError, also where its recipient lies outside the region that somebody is bound to."""
    row = session.get(RecipientGrantRow, grant_id)
    if row is None:
        raise NotFoundError(f"There is no permission {grant_id} in your area.", hint="See the list of recipients.")
    recipient_row(session, row.recipient_id, within=within)
    return row


def search(session: Session, *, within: str | None = None) -> list[RecipientView]:
    """Recipients with their permissions, by region and name; `within` narrows to those in a region or above it."""
    query = select(RecipientRow).where(*_touching(within))
    rows = session.scalars(query.order_by(RecipientRow.region, RecipientRow.institution).limit(MOST_SHOWN)).all()
    grants = grants_of(session, [row.id for row in rows])
    return [RecipientView(as_recipient(row), grants[row.id]) for row in rows]


def by_ids(session: Session, ids: Collection[int]) -> dict[int, Recipient]:
    rows = session.scalars(select(RecipientRow).where(RecipientRow.id.in_(ids)))
    return {row.id: as_recipient(row) for row in rows}


def grants_of(session: Session, ids: Collection[int]) -> dict[int, list[Grant]]:
    """The permissions of recipients, the newest first; an empty list for those without any."""
    found: dict[int, list[Grant]] = {id_: [] for id_ in ids}
    query = select(RecipientGrantRow).where(RecipientGrantRow.recipient_id.in_(ids))
    for row in session.scalars(query.order_by(RecipientGrantRow.id.desc())):
        found[row.recipient_id].append(as_grant(row))
    return found


def guarded_at(session: Session, address: str) -> Sequence[Recipient]:
    """The recipients with this address that are police or intelligence, switched off ones too."""
    kinds = [kind.value for kind in GUARDED]
    query = select(RecipientRow).where(RecipientRow.address == address.strip().lower(), RecipientRow.kind.in_(kinds))
    return [as_recipient(row) for row in session.scalars(query)]


def as_recipient(row: RecipientRow) -> Recipient:
    return Recipient(
        id=row.id,
        institution=row.institution,
        kind=RecipientKind(row.kind),
        region=row.region,
        channel=RecipientChannel(row.channel),
        address=row.address,
        language=row.language,
        active=row.active,
        added_by=row.added_by,
        added_at=row.added_at,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
    )


def as_grant(row: RecipientGrantRow) -> Grant:
    return Grant(
        id=row.id,
        recipient_id=row.recipient_id,
        region=row.region,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        reason=row.reason,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        approved=row.approved,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decision_reason=row.decision_reason,
        revoked_by=row.revoked_by,
        revoked_at=row.revoked_at,
        revoke_reason=row.revoke_reason,
    )


def _touching(within: str | None) -> list[ColumnElement[bool]]:
    """In the region, or of one that holds it."""
    if within is None:
        return []
    return [or_(under(RecipientRow.region, within), RecipientRow.region.in_(holders(within)))]
