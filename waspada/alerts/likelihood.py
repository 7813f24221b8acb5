"""Confidence in words, by one fixed table: the words of estimative probability of ICD 203 (Office of the Director of
National Intelligence, Analytic Standards, 2015), in Indonesian and English.

The steps are of the whole per cent that stands beside the words, so that the two never disagree. They say how sure the
*model* is of the label; whether a person verified an alert is said apart, and changes nothing here. CAP's `certainty`
(`waspada.cap.mapping`) is another thing: it is of what a person verified, and counts the outlets.
"""

from __future__ import annotations

from enum import StrEnum

from waspada.alerts.wording import percent


class Likelihood(StrEnum):
    """One step; its value is the English wording."""

    ALMOST_CERTAIN = "almost certain"
    VERY_LIKELY = "very likely"
    LIKELY = "likely"
    EVEN = "about even"
    UNLIKELY = "unlikely"
    VERY_UNLIKELY = "very unlikely"
    ALMOST_NONE = "almost no chance"


#: From which per cent on a step holds, with its Indonesian words; the surest first. docs/desk.md repeats it.
STEPS: tuple[tuple[int, Likelihood, str], ...] = (
    (95, Likelihood.ALMOST_CERTAIN, "hampir pasti"),
    (80, Likelihood.VERY_LIKELY, "sangat mungkin"),
    (55, Likelihood.LIKELY, "kemungkinan besar"),
    (45, Likelihood.EVEN, "kurang lebih berimbang"),
    (20, Likelihood.UNLIKELY, "kemungkinan kecil"),
    (5, Likelihood.VERY_UNLIKELY, "kemungkinan sangat kecil"),
    (0, Likelihood.ALMOST_NONE, "hampir tidak mungkin"),
)
WORDS = {step: words for _, step, words in STEPS}


def likelihood(confidence: float) -> Likelihood:
    """The step of a calibrated probability (0..1)."""
    shown = percent(confidence)
    return next(step for least, step, _ in STEPS if shown >= least)


def confidence_words(confidence: float) -> str:
    """A calibrated probability (0..1) in Indonesian words: "kemungkinan besar"."""
    return WORDS[likelihood(confidence)]
