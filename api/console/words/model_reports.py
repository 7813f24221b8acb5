"""Words for the monthly report of the model in use, and for agreement."""

from __future__ import annotations

from api.console.i18n import N_
from api.console.words.alerts import LABELS
from waspada.drift.types import ALERT_FIGURES, Change, Fit, Measure, Outlets
from waspada.labels.agreement import Undefined

#: Figure of a rate -> its name.
DRIFT_FIGURES: dict[str, str] = {
    **LABELS,
    **dict(
        zip(
            ALERT_FIGURES,
            (N_("Alert level 1 or more"), N_("Alert level 2 or more"), N_("Alert level 3")),
            strict=True,
        )
    ),
}
DRIFT_CHANGES: dict[str, str] = {
    Change.CHANGED: N_("changed"),
    Change.AS_BEFORE: N_("no more than between the months before"),
    Change.NONE: N_("no change seen"),
    Change.TOO_FEW: N_("too few to say"),
}
FITS: dict[str, str] = {
    Fit.FITS: N_("fits"),
    Fit.TOO_HIGH: N_("the model says too much"),
    Fit.TOO_LOW: N_("the model says too little"),
    Fit.OFF: N_("right in sum, wrong by parts"),
    Fit.TOO_FEW: N_("too few to say"),
}
MEASURES: dict[str, str] = {
    Measure.UNKNOWN_WORDS: N_("Words not met before"),
    Measure.VOCABULARY: N_("How often words stand there (Jensen-Shannon)"),
    Measure.EMBEDDING: N_("Meaning (MMD of the embeddings)"),
}
OUTLETS_HEARD: dict[str, str] = {Outlets.KNOWN: N_("known sources"), Outlets.NEW: N_("new sources")}
PASSED_OVER: dict[str, str] = {
    "texts": N_("reports whose text is gone"),
    "embeddings": N_("damaged embeddings"),
    "answers": N_("answers for reports that this model has not read"),
}
#: Why there is no figure of agreement.
NO_FIGURE: dict[str, str] = {
    Undefined.ONE_ACCOUNT: N_("nobody else answered"),
    Undefined.NO_COMMON_ITEM: N_("no report has two answers"),
    Undefined.NO_VARIATION: N_("all said the same of everything"),
    Undefined.NO_POSITIVES: N_("nobody said yes"),
    Undefined.TOO_FEW: N_("too few for an interval"),
    Undefined.NOT_SHOWN: N_("the proposal was never shown"),
    Undefined.NOT_HIDDEN: N_("the proposal was never hidden"),
}
