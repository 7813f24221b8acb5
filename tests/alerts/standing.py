"""Whether alerts stand in the regions that hold their places, with their score."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from waspada.alerts.regions import holders
from waspada.store.tables import AlertPlaceRow, AlertRegionRow, AlertRow


def rows_of(session: Session, alert_id: int) -> dict[str, float]:
    query = select(AlertRegionRow.code, AlertRegionRow.score).where(AlertRegionRow.alert_id == alert_id)
    return {code: score for code, score in session.execute(query)}  # noqa: C416


def check_in_step(session: Session) -> None:
    """Every alert stands in the regions of its places with its score, and in no other."""
    for id_, score in session.execute(select(AlertRow.id, AlertRow.score)).all():
        codes = session.scalars(select(AlertPlaceRow.code).where(AlertPlaceRow.alert_id == id_)).all()
        expected = dict.fromkeys((holder for code in codes for holder in holders(code)), score)
        assert rows_of(session, id_) == expected, id_
