"""SQL of the versions of ranking weights: which there are, and which one is in use. Never commits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from waspada.alerts.types import OPEN_STATES
from waspada.alerts.weights import PARTS, PRIOR, Figures, Weights
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.store.tables import AlertRow, RankingWeightsRow, StoryRow


@dataclass(frozen=True, slots=True)
class WeightVersion:
    """Weights as they were learned. `weights` is None where they do not fit the parts that this product ranks by."""

    version: int
    at: datetime
    actor: str
    in_use: bool
    weights: Weights | None


def in_use(session: Session) -> Weights:
    """The weights that ranking uses: the version that was put to use, else the prior."""
    row = session.scalar(select(RankingWeightsRow).where(RankingWeightsRow.in_use))
    return (_weights(row) if row is not None else None) or PRIOR


def by_version(session: Session, versions: Iterable[int | None]) -> dict[int | None, Weights]:
    """The weights of each version; the prior for None and for what is not known any more."""
    wanted = set(versions)
    numbers = [version for version in wanted if version is not None]
    query = select(RankingWeightsRow).where(RankingWeightsRow.version.in_(numbers))
    found = {row.version: _weights(row) for row in session.scalars(query)} if numbers else {}
    return {version: (found.get(version) if version is not None else None) or PRIOR for version in wanted}


def versions(session: Session) -> list[WeightVersion]:
    """Every version, the newest first."""
    rows = session.scalars(select(RankingWeightsRow).order_by(RankingWeightsRow.version.desc()))
    return [WeightVersion(row.version, row.at, row.actor, row.in_use, _weights(row)) for row in rows]


def save(session: Session, weights: Weights, *, actor: str, now: datetime) -> Weights:
    """Stores learned weights as a new version, not in use."""
    figures = weights.figures.as_json() if weights.figures else {}
    row = RankingWeightsRow(at=now, actor=actor, points=dict(weights.points), figures=figures, in_use=False)
    session.add(row)
    session.flush()
    return replace(weights, version=row.version)


def use(session: Session, version: int | None) -> int:
    """Puts a version to use, None the prior; returns how many open alerts will be ranked anew by it.

    Raises NotFoundError for a version that there is not, ConflictError for one that does not fit.
    """
    row = session.get(RankingWeightsRow, version) if version is not None else None
    if version is not None and row is None:
        raise NotFoundError(f"There are no ranking weights {version}.", hint="`waspada ranking show` lists them.")
    if row is not None and _weights(row) is None:
        raise ConflictError(f"The ranking weights {version} have other parts than this version ranks by.")
    session.execute(update(RankingWeightsRow).values(in_use=RankingWeightsRow.version == (version or 0)))
    still_open = select(AlertRow.story_id).where(
        AlertRow.state.in_([state.value for state in OPEN_STATES]), AlertRow.level > 0
    )
    marked = session.execute(update(StoryRow).where(StoryRow.id.in_(still_open)).values(stale=True))
    return int(marked.rowcount)  # type: ignore[attr-defined]


def _weights(row: RankingWeightsRow) -> Weights | None:
    if set(row.points) != set(PARTS):
        return None
    try:
        figures = Figures(**row.figures) if row.figures else None
        return Weights({part: row.points[part] for part in PARTS}, row.version, figures)
    except (InputError, TypeError):
        return None
