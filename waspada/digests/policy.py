"""Deciding what stands in a digest. Pure."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from waspada.alerts.policy import is_refuted
from waspada.alerts.types import OPEN_STATES, AlertFilter, AlertState, AlertSummary
from waspada.clock import zone_of
from waspada.digests.types import Kind, Period, Wanted
from waspada.errors import InputError
from waspada.places import is_within, place
from waspada.recipients.types import LANGUAGES
from waspada.taxonomy import Label

MAX_ENTRIES = 10
#: Of these, so many are kept free for hoaxes with their fact-check: on a busy day they would never be told.
HOAX_ENTRIES = 2
MAX_LINES = 10
#: What a person adds to a report on some alerts.
MAX_REMARK = 2000
#: The kinds that are about some alerts and no time.
ON_ALERTS = (Kind.INFORMASI, Kind.ATENSI, Kind.KHUSUS, Kind.REKOMENDASI)
#: The least level that belongs in the daily digest (codebook, rule 16).
MIN_LEVEL = 2
#: What a person found to be no threat, or a duplicate, never goes out.
STATES = (*OPEN_STATES, AlertState.CLOSED)
#: So long after a digest its readers are told that something in it was wrong.
CORRECTED_WITHIN = timedelta(days=30)
#: What is found wrong soon after a correction is collected for the next one, so that ten refutations in ten minutes are
#: two messages; what is over the most of a day waits for the next day.
CORRECT_AGAIN_AFTER = timedelta(hours=1)
MOST_CORRECTIONS_A_DAY = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """Which alerts stand where; `held_back` counts the others by label."""

    verified: Sequence[AlertSummary]
    unverified: Sequence[AlertSummary]
    hoaxes: Sequence[AlertSummary]
    held_back: dict[str, int]

    @property
    def shown(self) -> list[AlertSummary]:
        return [*self.verified, *self.unverified, *self.hoaxes]


def choose(
    ranked: Sequence[AlertSummary], checked: Collection[int] = (), ended_verified: Collection[int] = ()
) -> Choice:
    """The entries, best first in each part, ten in all, and the count of the rest by label. `checked` are the alerts
    whose story repeats a claim that was checked: those of misinformation are told with it, and what nobody verified
    where it carries that label at all. `ended_verified` are the closed ones that were verified before."""
    standing = [alert for alert in ranked if not is_refuted(alert.state, alert.reason)]
    hoaxes = [alert for alert in standing if alert.id in checked and _is_claim(alert, ended_verified)]
    set_apart = {alert.id for alert in hoaxes}
    others = [alert for alert in standing if alert.id not in set_apart]
    room = MAX_ENTRIES - min(HOAX_ENTRIES, len(hoaxes))
    known = [alert.id for alert in others if alert.state is AlertState.VERIFIED or alert.id in ended_verified]
    verified = [alert for alert in others if alert.id in set(known[:room])]
    unverified = [alert for alert in others if alert.id not in set(known)][: room - len(verified)]
    hoaxes = hoaxes[: MAX_ENTRIES - len(verified) - len(unverified)]
    shown = {alert.id for alert in (*verified, *unverified, *hoaxes)}
    held_back = Counter(alert.label for alert in standing if alert.id not in shown)
    return Choice(verified, unverified, hoaxes, dict(sorted(held_back.items(), key=lambda pair: (-pair[1], pair[0]))))


def _is_claim(alert: AlertSummary, ended_verified: Collection[int]) -> bool:
    if alert.label == Label.MISINFORMATION:
        return True
    is_verified = alert.state is AlertState.VERIFIED or alert.id in ended_verified
    return not is_verified and alert.labels.get(Label.MISINFORMATION) is not None


def may_correct(earlier: Sequence[datetime], now: datetime, zone: ZoneInfo) -> bool:
    """Whether a correction may follow those that the readers of the same had before, the newest last."""
    today = [at for at in earlier if at.astimezone(zone).date() == now.astimezone(zone).date()]
    is_soon = bool(earlier) and now - earlier[-1] < CORRECT_AGAIN_AFTER
    return not is_soon and len(today) < MOST_CORRECTIONS_A_DAY


def check_wanted(wanted: Wanted) -> None:
    """Raises InputError for a region, label, level, language or zone that does not exist."""
    if place(wanted.region) is None:
        raise InputError(
            f"The region {wanted.region[:20]!r} is not known.", hint="Give a Kemendagri code such as 63 or 63.03."
        )
    unknown = sorted(set(wanted.labels) - set(Label))
    if unknown:
        raise InputError(f"The label {unknown[0][:40]!r} is not known.", hint=f"Use some of: {', '.join(Label)}.")
    if not 1 <= wanted.min_level <= 3:
        raise InputError(f"The level {wanted.min_level} is none of a digest.", hint="Use 1, 2 or 3.")
    if wanted.language not in LANGUAGES:
        raise InputError(
            f"The language {wanted.language[:20]!r} is not spoken here.", hint=f"Use one of: {', '.join(LANGUAGES)}."
        )
    zone_of(wanted.zone)


def check_reported(
    kind: Kind, alerts: Mapping[int, AlertSummary], asked: Sequence[int], region: str, remark: str
) -> list[AlertSummary]:
    """The alerts of a report in the order in which they were asked for. Raises InputError."""
    if kind not in ON_ALERTS:
        raise InputError(f"A report {kind} is of no single alerts.", hint=f"Use one of: {', '.join(ON_ALERTS)}.")
    ids = list(dict.fromkeys(asked))
    if not 0 < len(ids) <= MAX_ENTRIES:
        raise InputError("Which alerts?", hint=f"Name 1 to {MAX_ENTRIES}.")
    for id_ in ids:
        one = alerts.get(id_)
        if one is None or one.exercise or not any(is_within(code, region) for code in one.regions):
            raise InputError(f"There is no alert {id_} in the region {region}.", hint="Name alerts of the region.")
        if one.state is not AlertState.VERIFIED:
            raise InputError(f"Alert {id_} is {one.state}: only what a person verified is reported.", hint="Verify it.")
    if kind is Kind.REKOMENDASI and not remark.strip():
        raise InputError("A recommendation needs its advice.", hint="Write it.")
    if len(remark) > MAX_REMARK:
        raise InputError(f"The text is too long ({len(remark)}).", hint=f"Keep it under {MAX_REMARK} characters.")
    return [alerts[id_] for id_ in ids]


def since_of(at: datetime, period: Period, zone: ZoneInfo) -> datetime:
    """From when on a digest made for this moment tells: a day, a week or a month back, by the clock of its zone."""
    local = at.astimezone(zone)
    if period is Period.MONTHLY:
        year, month = (local.year, local.month - 1) if local.month > 1 else (local.year - 1, 12)
        day = min(local.day, calendar.monthrange(year, month)[1])
        return local.replace(year=year, month=month, day=day).astimezone(at.tzinfo)
    return at - timedelta(days=7 if period is Period.WEEKLY else 1)


def filter_of(wanted: Wanted, at: datetime, since: datetime | None = None) -> AlertFilter:
    """What a digest is of: exactly what the list of alerts shows for this choice, without what was refuted. `since` is
    the moment of the last digest of the same, where that lies further back than a period."""
    return AlertFilter(
        region=wanted.region,
        labels=wanted.labels,
        min_level=wanted.min_level,
        states=STATES,
        since=since or since_of(at, wanted.period, zone_of(wanted.zone)),
        until=at,
    )


def fits(alert: AlertSummary, wanted: Wanted) -> bool:
    """Whether an alert of the region and time carries a label and the level that are wanted, as the list has it."""
    labelled = not wanted.labels or any(
        alert.label == one or alert.labels.get(one) is not None for one in wanted.labels
    )
    return labelled and alert.level >= wanted.min_level
