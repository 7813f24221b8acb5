"""A process of a training for tests of the worker's part in it.

    python -m tests.jobs.trained DATABASE_URL DATA_FOLDER HOW

Runs the training that the worker claimed: to its end (`whole`), until it is told to stop (`endless`), in one step that
has no end (`deaf`), or not at all (`dies`).
"""

from __future__ import annotations

import signal
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import FrameType

from nlp.evaluation.evaluate import Progress
from tests.models.learning_steps import SmallComparer, SmallLearner, settings_in
from tests.models.test_training_run import Endless
from waspada.cli.learning import Learned
from waspada.cli.training import Learn, ToldToStop, run
from waspada.models import training_repository
from waspada.models.types import Training, TrainingKind
from waspada.settings import Settings
from waspada.store import Store, open_url


class Deaf:
    """A training that begins and then never says how far it is."""

    def __call__(
        self, store: Store, settings: Settings, kind: TrainingKind, number: int, progress: Progress
    ) -> Learned:
        progress("learn", 1, 2)
        while True:
            time.sleep(0.05)


def main(url: str, folder: Path, how: str) -> None:
    def on_term(_number: int, _frame: FrameType | None) -> None:
        raise ToldToStop

    signal.signal(signal.SIGTERM, on_term)
    if how == "dies":
        sys.exit(3)
    store = open_url(url)
    with store.read() as session:
        training: Training = training_repository.unfinished(session)[0]
    assert training.started_at is not None
    now = training.started_at + timedelta(seconds=1)
    learners: dict[str, Learn] = {"whole": SmallLearner(), "endless": Endless(), "deaf": Deaf()}
    with suppress(ToldToStop):
        run(
            store,
            settings_in(folder),
            training,
            learn=learners[how],
            compare=SmallComparer(),
            clock=lambda: now,
            look_seconds=0.01,
        )
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
