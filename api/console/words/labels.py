"""Words for labelling: the fields of the codebook, their values, and the rule of each, one key away on the desk."""

from __future__ import annotations

from api.console.i18n import N_
from api.console.words.alerts import LABELS, LEVELS
from waspada.labels.types import Queue, Role

#: Field of the codebook -> its name.
LABEL_FIELDS: dict[str, str] = {**LABELS, "alert": N_("Alert level"), "foreign": N_("Abroad")}
_NO_YES = (N_("no"), N_("yes"))
#: Field -> what each of its values is called, from 0.
LABEL_VALUES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(LABEL_FIELDS, _NO_YES),
    "conflict": (N_("none"), N_("tension"), N_("incident"), N_("grave")),
    "misinformation": (N_("no"), N_("states a hoax"), N_("reports or refutes a hoax")),
    "alert": LEVELS,
}
#: Field -> its rule in short. The whole codebook is docs/codebook.md.
LABEL_RULES: dict[str, str] = {
    "conflict": N_(
        "1 is tension between certain people at a certain place: a threat, a refusal or a warning of a clash, nobody "
        "hurt and nothing broken. 2 is a clash, attack, arson or forced blockade. 3 is deaths, many injured, a mass "
        "riot or an armed attack on a group. Prevention is 0: patrols, peace pledges, appeals. So are peaceful protest "
        "and ordinary crime. Pushing only is 1; the arrest or trial after an event keeps the event's level."
    ),
    "polarization": N_(
        "The text sets groups against each other (camps, religions, peoples, regions, classes) or reports that "
        "somebody does. It is about groups: harsh words for one politician's deeds are 0, for the politician's "
        "religion or descent they are 1. Calling a camp by a term of abuse is 1. Appeals for harmony are 0."
    ),
    "neutrality": N_(
        "A certain breach by somebody who is bound to be neutral: civil servants, military, police, village heads "
        "and staff, election organisers, officials who use their office for a candidate. Alleged, examined and "
        "punished are all 1, and so is a case in which nothing was proven. Reminders to stay neutral are 0, and so "
        "are parties that change sides, artists who endorse, and mistakes of procedure by organisers."
    ),
    "misinformation": N_(
        "1: the item itself states the hoax or deceives, and the text alone shows it: no source, the style of chain "
        "messages, impersonation, something impossible. 2: it reports or refutes a hoax that goes round. Do not use "
        "what you know from elsewhere. A warning of hoaxes that names none is 0."
    ),
    "fraud": N_(
        "Election fraud of a certain kind at a certain place, alleged, examined or punished: bought votes, altered "
        "counts, voting twice, forged papers, bribes to organisers or judges for a result. General talk of clean "
        "elections is 0. Fraud that the text denies is 0; fraud that a hoax asserts is 1."
    ),
    "logistics": N_(
        "A certain problem with ballots, boxes, polling stations, voter lists or the bodies that run them: missing, "
        "late, damaged, too few, out of reach, ill. Deliveries and checks that go well are 0."
    ),
    "disaster": N_(
        "A natural hazard, or a fire in forest or on land, reaches people of the area or is credibly about to. Drills, "
        "statistics and tremors that nobody felt are 0. A disaster in the past that is only recalled is 0."
    ),
    "election": N_(
        "An election of any kind, a candidate as candidate, or an organiser at work is what the item is about. An "
        "official who also runs, at other work, is 0. A mention in passing is 0."
    ),
    "alert": N_(
        "0: of no use, such as campaign routine, polls, sports. 1: worth keeping: preparations, new rules, refuted "
        "hoaxes of the whole country. 2: for the daily digest: conflict, neutrality, fraud or logistics in a region, a "
        "local hoax, a severe disaster. 3: to be seen at once: a clash under way, deaths, incitement with time or "
        "place, voting that fails in many stations. What only follows an event is at most 2; in doubt take the lower."
    ),
    "foreign": N_(
        "What happens is outside Indonesia. Then conflict, alert, disaster, fraud and logistics are 0. Indonesian "
        "matters abroad, such as voting at an embassy, are not foreign."
    ),
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
