"""Words for trainings."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.models.types import TrainingKind, TrainingState

TRAINING_KINDS: dict[str, str] = {
    TrainingKind.HEADS: N_("Quick training"),
    TrainingKind.FULL: N_("Full training"),
    TrainingKind.COMPARE: N_("Comparison"),
}
#: What a button that asks for one says, and what it means.
TRAINING_SPEEDS: dict[str, tuple[str, str]] = {
    TrainingKind.HEADS: (
        N_("Retrain quickly"),
        N_("What decides is learned anew on stored embeddings; the encoder stays as it is."),
    ),
    TrainingKind.FULL: (
        N_("Retrain everything"),
        N_("The encoder learns, too. It takes hours in the background and gives way to the desk's own work."),
    ),
}
TRAINING_STATES: dict[str, str] = {
    TrainingState.WAITING: N_("waits for the worker"),
    TrainingState.RUNNING: N_("runs"),
    TrainingState.DONE: N_("done"),
    TrainingState.FAILED: N_("failed"),
    TrainingState.CANCELLED: N_("cancelled"),
}
TRAINING_LOOKS: dict[str, str] = {
    TrainingState.WAITING: "waiting",
    TrainingState.RUNNING: "waiting",
    TrainingState.DONE: "good",
    TrainingState.FAILED: "bad",
    TrainingState.CANCELLED: "off",
}
