"""Deciding about field reports, without doing anything: steps, who may, levels, forwarding, periods. Pure.

| from | steps |
|---|---|
| sent | asked, clarified, refuted, cannot tell |
| asked | sent (the reporter answered), asked again, clarified, refuted, cannot tell |
| clarified, refuted, cannot tell | another of the three, closed |

A report goes up one level at a time, to the region that holds its own, and once only: what was forwarded cites its
children, so there is no way back down and no circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from waspada import places
from waspada.errors import ConflictError, InputError, TooManyError
from waspada.reports.types import VERDICTS, FieldReport, Level, NewReport, ReportState, Rhythm, Span, StoryReports

MAX_TEXT_CHARACTERS = 4000
LEAST_TEXT_CHARACTERS = 10
#: What somebody tells may lie so far back, and the clock of a phone may be so wrong.
OLDEST = timedelta(days=365)
AHEAD = timedelta(hours=1)
MAX_KEY_CHARACTERS = 64
LEAST_KEY_CHARACTERS = 16
MAX_DRAFTS = 20
MAX_FORWARDED = 50
#: What one account sends in an hour: more than anybody sees, and little enough to be read. A phone that was without a
#: network sends the rest later.
MOST_AN_HOUR = 30
#: A case is closed by the program so long after a person decided, or when nobody decided for so long.
CLOSED_AFTER = timedelta(days=14)
GIVEN_UP_AFTER = timedelta(days=90)
#: A periodic report may come so long after the end of its time before it is missing.
GRACE = timedelta(hours=18)
#: So many spans back a missing report is asked for.
LOOKED_BACK = 8
MAX_WEEKS = 26

_LEVELS = {2: Level.PROVINCE, 5: Level.REGENCY, 8: Level.DISTRICT, 13: Level.VILLAGE}
_LENGTHS = {level: length for length, level in _LEVELS.items()}
_MONDAY = timedelta(weeks=1)


def level_of(region: str) -> Level:
    """The level of a region. Raises InputError for what is no code."""
    found = _LEVELS.get(len(region))
    if found is None:
        raise InputError(f"{region!r} is no region.", hint="A code looks like 63.03.05 or 63.03.05.2001.")
    return found


def code_length(level: Level) -> int:
    return _LENGTHS[level]


def above(region: str) -> str | None:
    """The region one level up; None above a province."""
    return region.rpartition(".")[0] or None


def is_reporters_region(region: str | None) -> bool:
    """Whether a reporter may be bound to it: a desa or kelurahan, or a kecamatan, that there is."""
    return region is not None and len(region) in (8, 13) and places.place(region) is not None


def check_new(new: NewReport, region: str, now: datetime) -> None:
    """Raises InputError for a report that cannot be taken, in words for whoever wrote it."""
    if not LEAST_KEY_CHARACTERS <= len(new.key) <= MAX_KEY_CHARACTERS or not new.key.isascii():
        raise InputError("The form has no key of its own.", hint="Load the form again.")
    check_text(new.text)
    if places.place(new.place) is None or not places.is_within(new.place, region):
        raise InputError("The place lies outside the area of this account.", hint="Choose a place of your own area.")
    if new.happened_at > now + AHEAD:
        raise InputError("The time lies in the future.", hint="Say when it happened, or when you heard of it.")
    if new.happened_at < now - OLDEST:
        raise InputError("This is too long ago.", hint="A field report is about the last twelve months.")


def check_pace(sent_lately: int) -> None:
    """Raises TooManyError where an account sent as much within the last hour as it may."""
    if sent_lately >= MOST_AN_HOUR:
        raise TooManyError(f"{MOST_AN_HOUR} reports came from this account within an hour.", hint="Send it later.")


def check_text(text: str) -> None:
    """Raises InputError where there is nothing to read, or far too much."""
    length = len(text.strip())
    if length < LEAST_TEXT_CHARACTERS:
        raise InputError("The report says nothing yet.", hint=f"Write at least {LEAST_TEXT_CHARACTERS} characters.")
    if length > MAX_TEXT_CHARACTERS:
        raise InputError(
            f"The report is too long: {length} characters.", hint=f"It may have {MAX_TEXT_CHARACTERS} at most."
        )


def next_verdicts(state: ReportState) -> tuple[ReportState, ...]:
    """What a person may decide from here."""
    return tuple(one for one in VERDICTS if one is not state)


def check_verdict(state: ReportState, verdict: ReportState, *, is_open: bool) -> None:
    """Raises ConflictError where the report cannot be decided so now, InputError for what is no verdict."""
    if verdict not in VERDICTS:
        raise InputError(f"{verdict} is not what somebody finds out.", hint=f"One of: {', '.join(VERDICTS)}.")
    _check_open(is_open)
    if verdict is state:
        raise ConflictError(f"The report is {state} already.", hint="Nothing is left to be done.")


def check_question(state: ReportState, *, is_open: bool, has_sender: bool) -> None:
    """Raises ConflictError where nobody can be asked (any more)."""
    _check_open(is_open)
    if state in VERDICTS:
        raise ConflictError("The report is decided.", hint="Ask before deciding.")
    if not has_sender:
        raise ConflictError("Nobody is there to be asked.", hint="It was made by a desk, or its sender has expired.")


def check_answer(state: ReportState, *, is_open: bool) -> None:
    """Raises ConflictError where nothing is asked."""
    _check_open(is_open)
    if state is not ReportState.ASKED:
        raise ConflictError("Nothing is asked of this report.", hint="See your list of reports.")


def check_closing(state: ReportState, *, is_open: bool) -> None:
    """Raises ConflictError: a case ends only when a person said what it was."""
    _check_open(is_open)
    if state not in VERDICTS:
        raise ConflictError("The report is not decided.", hint="Say what it is first.")


def _check_open(is_open: bool) -> None:
    if not is_open:
        raise ConflictError("The case is closed.", hint="A new report begins a new case.")


def may_clarify(bound: str | None, region: str) -> bool:
    """Whether a desk bound to a region (None: to none) has a report from `region` in its area."""
    return places.is_within(region, bound or "")


def may_open_sender(bound: str | None, region: str) -> bool:
    """Whether a clarifier is the one of a report's own level: bound to its region, or to the one right above."""
    return bound is not None and bound in (region, above(region))


def forwarded_region(children: Sequence[FieldReport]) -> str:
    """The region that these reports go up to together.

    Raises InputError where there are none or too many, or they come from several regions; ConflictError where one
    cannot go up: it is not clarified, is refuted, was forwarded, or stands at the top.
    """
    if not 0 < len(children) <= MAX_FORWARDED:
        raise InputError("Nothing is chosen to be forwarded.", hint=f"Choose 1 to {MAX_FORWARDED} reports.")
    targets = {above(child.region) for child in children}
    if len(targets) != 1:
        raise InputError("These reports go up to different regions.", hint="Choose reports of one region and level.")
    target = targets.pop()
    if target is None:
        raise ConflictError("There is no level above a province.", hint="Pass the alert on instead.")
    for child in children:
        _check_forwardable(child)
    return target


def _check_forwardable(child: FieldReport) -> None:
    if child.cited_by is not None:
        raise ConflictError(
            f"The report {child.id} was forwarded already, in {child.cited_by}.", hint="Leave it out, or see that one."
        )
    if child.state not in (ReportState.CLARIFIED, ReportState.CANNOT_TELL):
        raise ConflictError(
            f"The report {child.id} is {child.state}.", hint="What moves up is clarified first, and not refuted."
        )


def closes_at(state: ReportState, sent_at: datetime, decided_at: datetime | None) -> datetime:
    """When the program closes a case by itself."""
    if state in VERDICTS and decided_at is not None:
        return decided_at + CLOSED_AFTER
    return sent_at + GIVEN_UP_AFTER


def span_of(day: date, rhythm: Rhythm) -> Span:
    """The span that a day belongs to: itself, or its week from Monday to Sunday."""
    if rhythm is Rhythm.DAILY:
        return Span(day, day)
    monday = day - timedelta(days=day.weekday())
    return Span(monday, monday + timedelta(days=6))


def spans_due(rhythm: Rhythm, today: date, since: date) -> list[Span]:
    """The spans that are over and may still be asked for, the newest first: none that began before `since`."""
    if rhythm is Rhythm.OFF:
        return []
    found: list[Span] = []
    current = span_of(today, rhythm)
    while len(found) < LOOKED_BACK:
        current = span_of(current.first - timedelta(days=1), rhythm)
        if current.first < since:
            break
        found.append(current)
    return found


def due_at(span: Span, zone: ZoneInfo) -> datetime:
    """When a span's report is missing."""
    return datetime.combine(span.last + timedelta(days=1), time(), zone) + GRACE


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def weeks(last: date, count: int) -> list[date]:
    """The Mondays of so many weeks, the newest last."""
    newest = week_of(last)
    return [newest - n * _MONDAY for n in reversed(range(max(1, min(count, MAX_WEEKS))))]


def count_words(found: StoryReports) -> str:
    """What may leave of the field reports of a story: how many, and how they stand. No word of theirs."""
    said = []
    if found.clarified:
        said.append(f"{found.clarified} laporan lapangan, terklarifikasi")
    if found.unclarified:
        said.append(f"{found.unclarified} laporan lapangan, belum diklarifikasi")
    return "; ".join(said)
