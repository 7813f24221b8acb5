"""In which regions an alert stands, and with which score: the best alerts of a region are one walk of an index.

`alert_places` says where an alert is, with the codes as they were found; `alert_regions` repeats it under every region
that holds one of them, beside the score. Whoever writes places calls `write_regions`, whoever changes a score
`rescore`, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from waspada.store.tables import AlertRegionRow


def holders(code: str) -> list[str]:
    """The regions that hold a Kemendagri code, the widest first, itself last: 63, 63.03, 63.03.04."""
    parts = code.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def write_regions(session: Session, alert_id: int, codes: Iterable[str], score: float) -> None:
    """Makes an alert stand in these regions and in all that hold them, and in no other, with this score."""
    wanted = {holder for code in codes for holder in holders(code)}
    written = set(session.scalars(select(AlertRegionRow.code).where(AlertRegionRow.alert_id == alert_id)))
    if gone := written - wanted:
        session.execute(
            delete(AlertRegionRow).where(AlertRegionRow.alert_id == alert_id, AlertRegionRow.code.in_(gone))
        )
    if written & wanted:
        rescore(session, alert_id, score)
    session.add_all(AlertRegionRow(alert_id=alert_id, code=code, score=score) for code in sorted(wanted - written))
    session.flush()


def rescore(session: Session, alert_id: int, score: float) -> None:
    """The alert has another score; where it is stays."""
    rows = update(AlertRegionRow).where(AlertRegionRow.alert_id == alert_id, AlertRegionRow.score != score)
    session.execute(rows.values(score=score))
