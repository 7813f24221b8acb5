"""SQL about trainings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from waspada.errors import NotFoundError
from waspada.labels.policy import Fold
from waspada.models.training_policy import LEARNING, OPEN
from waspada.models.types import LearnedFrom, Training, TrainingKind, TrainingState
from waspada.store.tables import ItemVersionRow, LabelRow, TrainingRow
from waspada.store.turns import take_turns

_LOCK = 0x54524149  # "TRAI": one training is given to one process


def lock(session: Session) -> None:
    """Makes those who ask, claim and end queue up. SQLite has one writer by itself."""
    take_turns(session, _LOCK)


def add(session: Session, **columns: Any) -> Training:
    row = TrainingRow(**columns)
    session.add(row)
    session.flush()
    return training(row)


def get(session: Session, id_: int) -> Training:
    """Raises NotFoundError."""
    row = session.get(TrainingRow, id_, populate_existing=True)
    if row is None:
        raise NotFoundError(
            f"There is no training {id_}.", hint="`waspada models trainings` names those that there are."
        )
    return training(row)


def newest(session: Session, limit: int = 50) -> list[Training]:
    return _found(session.scalars(select(TrainingRow).order_by(TrainingRow.id.desc()).limit(limit)))


def unfinished(session: Session) -> list[Training]:
    """Those that wait or run, the oldest first."""
    query = select(TrainingRow).where(TrainingRow.state.in_([one.value for one in OPEN])).order_by(TrainingRow.id)
    return _found(session.scalars(query.execution_options(populate_existing=True)))


def finished(session: Session, kinds: Iterable[TrainingKind]) -> list[Training]:
    """The last ones of these kinds that made what they were to make, newest first."""
    query = select(TrainingRow).where(
        TrainingRow.state == TrainingState.DONE.value, TrainingRow.kind.in_([one.value for one in kinds])
    )
    return _found(session.scalars(query.order_by(TrainingRow.id.desc()).limit(10)))


def change(session: Session, id_: int, **columns: Any) -> None:
    session.execute(
        update(TrainingRow).where(TrainingRow.id == id_).values(**columns).execution_options(synchronize_session=False)
    )


def change_held(session: Session, held: Training, **columns: Any) -> bool:
    """Changes a training that runs, if it is still the caller's; False where another process has it by now."""
    query = update(TrainingRow).where(
        TrainingRow.id == held.id,
        TrainingRow.started_at == held.started_at,
        TrainingRow.state == TrainingState.RUNNING.value,
    )
    done = session.execute(query.values(**columns).execution_options(synchronize_session=False))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def last_label(session: Session, id_: int) -> int | None:
    """The newest answer when a training was asked for; None where there is no such training."""
    row = session.get(TrainingRow, id_)
    return None if row is None else row.asked.get("last_label")


def learned_from(session: Session) -> LearnedFrom:
    """What there is to learn from now: answers for items whose text was removed meanwhile teach nothing."""
    counted = (
        select(LabelRow.fold, func.count(LabelRow.item_id.distinct()))
        .join(
            ItemVersionRow,
            (ItemVersionRow.item_id == LabelRow.item_id) & (ItemVersionRow.version == LabelRow.version),
        )
        .where(LabelRow.standing, ItemVersionRow.text != "")
    )
    by_fold = {fold: count for fold, count in session.execute(counted.group_by(LabelRow.fold))}  # noqa: C416
    before = finished(session, LEARNING)
    last = before[0].asked.get("last_label", 0) if before else 0
    fresh = session.scalar(select(func.count()).select_from(LabelRow).where(LabelRow.standing, LabelRow.id > last))
    newest_label = session.scalar(select(func.max(LabelRow.id)))
    return LearnedFrom(by_fold.get(Fold.TRAIN, 0), by_fold.get(Fold.TEST, 0), fresh or 0, newest_label or 0)


def training(row: TrainingRow) -> Training:
    return Training(
        id=row.id,
        kind=TrainingKind(row.kind),
        state=TrainingState(row.state),
        asked=row.asked,
        stage=row.stage,
        done=row.done,
        total=row.total,
        log=row.log,
        problem=row.problem,
        cancel=row.cancel,
        model=row.model,
        actor=row.actor,
        at=row.at,
        started_at=row.started_at,
        beat_at=row.beat_at,
        ended_at=row.ended_at,
        tries=row.tries,
    )


def _found(rows: Iterable[TrainingRow]) -> list[Training]:
    return [training(row) for row in rows]
