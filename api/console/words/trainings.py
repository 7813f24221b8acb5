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
        N_("The encoder learns, too, in the background: twenty minutes and more, behind the desk's own work."),
    ),
}
TRAINING_STATES: dict[str, str] = {
    TrainingState.WAITING: N_("waits for the worker"),
    TrainingState.RUNNING: N_("runs"),
    TrainingState.DONE: N_("done"),
    TrainingState.FAILED: N_("failed"),
    TrainingState.CANCELLED: N_("cancelled"),
}
#: What the way of a training calls its steps; others are shown as they are.
TRAINING_STAGES: dict[str, str] = {
    "reading items": N_("reading items"),
    "learning the heads": N_("learning the heads"),
    "measuring what answers gain": N_("measuring what answers gain"),
    "fold-0": N_("learning, first half"),
    "scoring fold-0": N_("judging, first half"),
    "fold-1": N_("learning, second half"),
    "scoring fold-1": N_("judging, second half"),
    "final": N_("learning from everything"),
    "gates": N_("release gates"),
    "the candidate reads": N_("the new model reads"),
    "the model in use reads": N_("the model in use reads"),
    "the baseline reads": N_("the baseline reads"),
    "items of 14 days": N_("items of 14 days"),
    "alerts": N_("alerts"),
}
TRAINING_LOOKS: dict[str, str] = {
    TrainingState.WAITING: "waiting",
    TrainingState.RUNNING: "waiting",
    TrainingState.DONE: "good",
    TrainingState.FAILED: "bad",
    TrainingState.CANCELLED: "off",
}
