"""A training in a process of its own, for tests that kill it.

    python -m tests.models.training_process DATABASE_URL DATA_FOLDER MINUTES MOMENT STATEMENTS

Takes up the training that waits, or asks for one where there is none, MINUTES after the beginning. It kills itself at
MOMENT (`tests.models.learning_steps.MOMENTS`, or "-"), or after that many SQL statements; 0 lets it finish. Says which
training it ran to what end.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from tests.killed import kill_after
from tests.models.learning_steps import SmallComparer, SmallLearner, add_answers, settings_in
from tests.rows import NOW
from waspada.cli.training import run
from waspada.jobs.train import settle_audited
from waspada.models import training_repository, trainings
from waspada.models.types import Training, TrainingKind
from waspada.store import open_url


def main(url: str, folder: Path, minutes: int, moment: str, statements: int) -> None:
    store, settings, now = open_url(url), settings_in(folder), NOW + timedelta(minutes=minutes)
    ran = kill_after(store, statements)

    def claimed(session: Session) -> Training | None:
        settle_audited(session, settings, now)
        if not training_repository.newest(session):
            add_answers(session)
            trainings.ask(session, TrainingKind.HEADS, actor="ani", now=now)
        return trainings.claim(session, now)

    training = store.retrying(claimed)
    said = "nothing"
    if training is not None:
        ended = run(
            store,
            settings,
            training,
            learn=SmallLearner(moment),
            compare=SmallComparer(moment),
            clock=lambda: now,
            look_seconds=0.01,
        )
        said = f"{ended.id} {ended.state}"
    store.close()
    sys.stdout.write(f"{said} {ran.statements}\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5]))
