"""What each head is trained on: 1, 0, or "not known" for every labelled item."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.heads import Head
from nlp.labelled import LabelledItem, values_of

UNKNOWN = -1
#: Head -> field of the codebook and the value from which it counts as positive.
_FROM = {
    Head.CONFLICT_1: ("conflict", 1),
    Head.CONFLICT_2: ("conflict", 2),
    Head.CONFLICT_3: ("conflict", 3),
    Head.POLARIZATION: ("polarization", 1),
    Head.NEUTRALITY: ("neutrality", 1),
    Head.MISINFORMATION: ("misinformation", 1),
    Head.FRAUD: ("fraud", 1),
    Head.LOGISTICS: ("logistics", 1),
    Head.DISASTER: ("disaster", 1),
    Head.ELECTION: ("election", 1),
    Head.ALERT_1: ("alert", 1),
    Head.ALERT_2: ("alert", 2),
    Head.ALERT_3: ("alert", 3),
    Head.FOREIGN: ("foreign", 1),
}


def target_of(head: Head, rows: Sequence[LabelledItem]) -> NDArray[np.int64]:
    """(n,) of 1, 0 or `UNKNOWN`. The claim head learns only from items that are misinformation of some kind."""
    if head is Head.MISINFORMATION_CLAIM:
        kinds = values_of(rows, "misinformation")
        return np.where(kinds == 0, UNKNOWN, (kinds == 1).astype(np.int64))
    field, least = _FROM[head]
    return (values_of(rows, field) >= least).astype(np.int64)
