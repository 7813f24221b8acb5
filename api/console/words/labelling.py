"""Words for labels. What the fields mean in a sentence or two stands in words/labels.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from api.console.i18n import N_
from waspada.labels.types import Queue, Role

#: Fields of the codebook that are no label of an alert.
CODE_FIELDS: Mapping[str, str] = {
    "conflict": N_("Conflict"),
    "polarization": N_("Polarization"),
    "neutrality": N_("Neutrality"),
    "misinformation": N_("Misinformation"),
    "fraud": N_("Election fraud"),
    "logistics": N_("Logistics"),
    "disaster": N_("Disaster"),
    "election": N_("About an election"),
    "alert": N_("How much the desk wants it"),
    "foreign": N_("Abroad"),
}
_NO_YES = (N_("no"), N_("yes"))
#: What the values of a field are called, from 0 on.
CODE_VALUES: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(CODE_FIELDS, _NO_YES),
    "conflict": (N_("none"), N_("tension"), N_("incident"), N_("grave")),
    "misinformation": (N_("no"), N_("is one"), N_("reports one")),
    "alert": (N_("of no use"), N_("context"), N_("digest"), N_("at once")),
}
#: Why an item came.
LABEL_QUEUES: dict[str, str] = {
    Queue.UNCERTAIN: N_("the model is unsure of it"),
    Queue.RARE: N_("of this label there are few examples"),
    Queue.DIVERSE: N_("nothing like it has been labelled"),
    Queue.DISAGREEMENT: N_("the model and the baseline differ"),
    Queue.DISMISSED: N_("its alert was found to be no threat"),
    Queue.RANDOM: N_("drawn by lot, to measure"),
    Queue.ASKED: N_("somebody asked for it"),
}
LABEL_ROLES: dict[str, str] = {
    Role.LABELLER: N_("label"),
    Role.ADJUDICATOR: N_("decision"),
    Role.IMPORT: N_("imported"),
}
