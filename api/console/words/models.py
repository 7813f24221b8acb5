"""Words for models."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.models.types import ModelMove, Objection, Step, Verdict

VERDICTS: dict[str, str] = {
    Verdict.BETTER: N_("better"),
    Verdict.WORSE: N_("worse"),
    Verdict.SAME: N_("no difference seen"),
}
OBJECTIONS: dict[str, str] = {
    Objection.NOT_COMPARED: N_("It was not compared with the model in use."),
    Objection.WORSE: N_("It is worse than the model in use."),
    Objection.NO_GATES: N_("It was not held against the release gates."),
    Objection.FUNCTIONAL: N_("It fails the functional suite."),
    Objection.PROTECTED: N_("It raises too much protected speech."),
}
MODEL_STEPS: dict[str, str] = {
    Step.SHADOW: N_("reads beside"),
    Step.UNSHADOW: N_("reads beside no more"),
    Step.PROMOTE: N_("put in use"),
    Step.ROLLBACK: N_("in use again"),
}
MODEL_MOVES: dict[str, str] = {
    ModelMove.APPEARS: N_("appears"),
    ModelMove.VANISHES: N_("vanishes"),
    ModelMove.RISES: N_("rises"),
    ModelMove.FALLS: N_("falls"),
    ModelMove.RANK: N_("elsewhere in the list"),
}
#: Figures on all rows; those of a label are called by its name.
MODEL_FIGURE_NAMES: dict[str, str] = {
    "main_macro_f1": N_("Main labels (macro-F1)"),
    "secondary_macro_f1": N_("Other labels (macro-F1)"),
    "alert_kappa": N_("Alert level (kappa)"),
    "quiet_raised": N_("Quiet news raised"),
    "ece": N_("Calibration error"),
}
