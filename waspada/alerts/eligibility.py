"""Which members of a story may raise an alert, and for what (design, rules 3 and 4).

- Neutrality counts only from news outlets, official releases and field reports that a person clarified: never from a
  post, or the product would find single civil servants.
- A field report counts for level 2 at most until a person clarified it, and for nothing once one refuted it. It never
  says that an outlet reports the same, and one that was made of others (forwarded) is no other source: those count.
- Public posts count only as an aggregate of at least `min_voices` independent voices, unless a news outlet, an
  official release or a fact-checker reports the same. Copies of one text are one voice, whoever posts them.
- Only news opens an alert or brings a finished one back: the time of publication counts, not that of collecting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from waspada.privacy.pseudonyms import period_of
from waspada.reports.types import ReportState
from waspada.sources.types import VOICES, SourceRole
from waspada.stories.facts import Figure
from waspada.stories.types import How
from waspada.taxonomy import EVENT_LABELS, AlertP, ItemKind, Label

#: Whose word may make a neutrality alert.
NEUTRALITY_ROLES = frozenset({SourceRole.NEWS, SourceRole.OFFICIAL})
#: The most that a field report says by itself before a person clarified it.
MAX_UNCLARIFIED_LEVEL = 2


@dataclass(frozen=True, slots=True)
class Member:
    """What ranking looks at in one item of a story. `labels` holds the probability of each label that is on.

    `network` is the group of the outlet ("": the outlet is alone), `is_wire` says that it credits a news agency,
    `figures` are those that `waspada.stories.facts.told` leaves, `alert_p` is that of `Tags`. Of a field report
    `report` says how it stands, and `cites` that it was made of others.
    """

    item_id: int
    kind: ItemKind
    role: SourceRole
    outlet: str
    voice: str | None
    at: datetime
    how: How
    labels: dict[Label, float]
    conflict_level: int
    alert_level: int
    reliability: float
    regions: tuple[str, ...]
    title: str
    #: When it was collected: the key of `voice` is that month's. `at` stands for it where it is not known.
    found_at: datetime | None = None
    network: str = ""
    is_wire: bool = False
    figures: frozenset[Figure] = frozenset()
    alert_p: AlertP | None = None
    report: ReportState | None = None
    cites: bool = False

    @property
    def is_clarified(self) -> bool:
        return self.report is ReportState.CLARIFIED


def is_news(newest: datetime, now: datetime, news_for: timedelta) -> bool:
    """Whether a story may come to the desk as new: its newest countable item was published within `news_for`.

    What an outlet published long ago and was filled in today (`waspada backfill`) joins its stories; it alarms nobody.
    """
    return newest > now - news_for


def countable(members: Sequence[Member], min_voices: int) -> list[Member]:
    """The members that count, each with only the labels that it may raise; the rest stay in the story, unseen here."""
    reported = {label for m in members if m.role not in VOICES for label in m.labels}
    return [seen for m in members if (seen := _seen(m, members, reported, min_voices)) is not None]


def _seen(member: Member, members: Sequence[Member], reported: set[Label], min_voices: int) -> Member | None:
    if member.role is SourceRole.REPORT:
        if member.cites or member.report is ReportState.REFUTED:
            return None
        member = member if member.is_clarified else _unclarified(member)
    labels = {label: p for label, p in member.labels.items() if _may_raise(member, label)}
    if member.role is SourceRole.POST:
        labels = {
            label: p
            for label, p in labels.items()
            if label in reported or independent_voices(m for m in members if label in m.labels) >= min_voices
        }
        if not labels:
            return None
    level = member.alert_level if _has_event(labels) or not _has_event(member.labels) else min(1, member.alert_level)
    conflict = member.conflict_level if Label.CONFLICT in labels else 0
    p = member.alert_p if level == member.alert_level or member.alert_p is None else (member.alert_p[0], 0.0, 0.0)
    return replace(member, labels=labels, conflict_level=conflict, alert_level=level, alert_p=p)


def _unclarified(member: Member) -> Member:
    """As far as a field report counts before a person looked into it."""
    p = None if member.alert_p is None else (member.alert_p[0], member.alert_p[1], 0.0)
    return replace(member, alert_level=min(MAX_UNCLARIFIED_LEVEL, member.alert_level), alert_p=p)


def _may_raise(member: Member, label: Label) -> bool:
    return label is not Label.NEUTRALITY or member.role in NEUTRALITY_ROLES or member.is_clarified


def _has_event(labels: Iterable[Label]) -> bool:
    return any(label in EVENT_LABELS for label in labels)


def independent_voices(members: Iterable[Member]) -> int:
    """Number of pseudonyms among posts in words of their own; a post without a pseudonym is nobody's voice.

    An author has another pseudonym in every month (UTC), so only pseudonyms of one month can be told apart: the number
    is that of the month with most. It may be too low across a month's end; it is never too high where the members'
    `found_at` is known.
    """
    voices: defaultdict[str, set[str]] = defaultdict(set)
    for m in members:
        if m.role is SourceRole.POST and m.voice and m.how is not How.COPY:
            voices[period_of(m.found_at or m.at)].add(m.voice)
    return max(map(len, voices.values()), default=0)
