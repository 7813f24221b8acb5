"""When an alert interrupts a desk: pure decisions on facts and a clock. docs/quieting.md says where the rules are from.

- The first notice comes some minutes after the alert reached a level that interrupts, so that what belongs together is
  told together.
- An update comes at most every two hours, and only when there is news *and* it changed what a person cares about: the
  level rose, a label or a place is new, the event is told by clearly more outlets. A new score tells nobody anything.
- It is repeated after twelve hours while nobody acknowledged the alert.
- What another model makes of texts that were there before it is no news: until a text comes, it interrupts nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

from waspada.alerts.types import FINISHED_STATES, AlertState
from waspada.notify.types import Change, DropReason, Due, Facts, Notice, Occasion, Rules, Shift, Subject
from waspada.settings import Settings

SHIFT = timedelta(hours=12)
#: What is older interrupts nobody for the first time, nor again: it stands in the list and in the digest.
NEWS_FOR = timedelta(hours=24)
#: An alert without news for so long is repeated no more (as long as the ranking rescores it: waspada.jobs.rank).
LIVE_FOR = timedelta(days=4)
#: One outlet, a second opinion, news, news everywhere: an update is worth it where the next of these is reached.
OUTLET_STEPS = (1, 3, 5, 10)
FINISHED = FINISHED_STATES


def rules_of(settings: Settings) -> Rules:
    return Rules(
        wait=timedelta(minutes=settings.notify_wait_minutes),
        update_every=timedelta(hours=settings.notify_update_hours),
        repeat_after=timedelta(hours=settings.notify_repeat_hours),
        min_level=settings.notify_min_level,
        per_shift=settings.notify_per_shift,
        shift_start=time.fromisoformat(settings.notify_shift_start),
        zone=settings.zone_info,
        min_voices=settings.min_voices,
    )


def due(alert: Subject, past: Sequence[Notice], rules: Rules, now: datetime) -> Due | None:
    """The next notice of an alert, or None where there is none to come. `past` are those that the desk knows of,
    oldest first.

    What is due later is due only if nothing changes until then: ask again.
    """
    if over(alert, rules, now) is not None:
        return None
    if not past:
        first = Due(Occasion.FIRST, alert.reached_at + rules.wait)
        return first if _is_news(alert, now) and not _is_by_model(alert, alert.reached_at) else None
    told = max((notice.ready_at for notice in past if notice.ready_at is not None), default=None)
    return _update(alert, past, told, rules, now) or _repeat(alert, told, rules)


def over(alert: Subject, rules: Rules, now: datetime) -> DropReason | None:
    """Why no notice of this alert is needed any more, of whatever kind; None where one may be."""
    if alert.state in FINISHED:
        return DropReason.FINISHED
    if alert.facts.level < rules.min_level:
        return DropReason.LOWERED
    return DropReason.OLD if alert.last_item_at <= now - LIVE_FOR else None


def needless(alert: Subject, kind: Occasion, rules: Rules, now: datetime) -> DropReason | None:
    """Why a notice of this kind is needed no more; None where it still is."""
    found = over(alert, rules, now)
    if found is not None:
        return found
    if kind is not Occasion.UPDATE and alert.state is not AlertState.NEW:
        return DropReason.ACKNOWLEDGED
    return DropReason.OLD if kind is not Occasion.REPEAT and not _is_news(alert, now) else None


def changes(known: Facts, facts: Facts) -> tuple[Change, ...]:
    """What is new in `facts` for somebody who knows `known`. What fell away, or fell, is not news."""
    found = {
        Change.LEVEL: facts.level > known.level,
        Change.LABEL: bool(facts.labels - known.labels),
        Change.PLACE: any(not _holds(known.places, code) for code in facts.places),
        Change.OUTLETS: _outlet_step(facts.outlets) > _outlet_step(known.outlets),
    }
    return tuple(change for change, is_new in found.items() if is_new)


def together(all_facts: Iterable[Facts]) -> Facts:
    """All that was told so far: what comes and goes (a label at its threshold) is told once."""
    found = list(all_facts)
    return Facts(
        level=max((facts.level for facts in found), default=0),
        labels=frozenset().union(*(facts.labels for facts in found)),
        places=frozenset().union(*(facts.places for facts in found)),
        outlets=max((facts.outlets for facts in found), default=0),
        texts=max((facts.texts for facts in found), default=0),
    )


def shift_of(now: datetime, rules: Rules) -> Shift:
    """The shift of this moment."""
    start = datetime.combine(now.astimezone(rules.zone).date(), rules.shift_start, rules.zone)
    while start > now:
        start -= SHIFT
    while start + SHIFT <= now:
        start += SHIFT
    return Shift(start, start + SHIFT)


def _update(alert: Subject, past: Sequence[Notice], told: datetime | None, rules: Rules, now: datetime) -> Due | None:
    known = together(notice.facts for notice in past)
    found = _heard(alert, changes(known, alert.facts))
    settled = past[-1].settled_at or past[-1].due_at
    has_news = alert.facts.texts > known.texts or alert.last_item_at > settled  # a split takes texts away
    if not found or not has_news or not _is_news(alert, now):
        return None
    return Due(Occasion.UPDATE, max(settled, told + rules.update_every) if told else settled, found)


def _heard(alert: Subject, found: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes that texts made, without those of another model."""
    if alert.model_since is None:
        return found
    made = {Change.LABEL}
    if _is_by_model(alert, alert.risen_at or alert.reached_at):
        made.add(Change.LEVEL)
    return tuple(change for change in found if change not in made)


def _is_by_model(alert: Subject, at: datetime) -> bool:
    """Whether what happened at a time was the work of another model on the same texts."""
    return alert.model_since is not None and at >= alert.model_since


def _repeat(alert: Subject, told: datetime | None, rules: Rules) -> Due | None:
    if told is None or alert.state is not AlertState.NEW:
        return None
    return Due(Occasion.REPEAT, told + rules.repeat_after)


def _is_news(alert: Subject, now: datetime) -> bool:
    return alert.last_item_at > now - NEWS_FOR


def _holds(places: frozenset[str], code: str) -> bool:
    """Whether a place is among those known, or only the province of one of them."""
    return code in places or any(known.startswith(f"{code}.") for known in places)


def _outlet_step(outlets: int) -> int:
    return sum(outlets >= step for step in OUTLET_STEPS)
