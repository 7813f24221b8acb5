"""What is known at a moment -> what a digest says. Pure; every text that comes from outside is masked and cut here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from waspada.alerts.exits import harmless, mask
from waspada.alerts.types import AlertState, AlertSummary
from waspada.claims.wording import line_of_alert
from waspada.digests import words
from waspada.digests.gathering import Change, Rests
from waspada.digests.policy import MAX_LINES, MIN_LEVEL
from waspada.digests.repository import Wrong
from waspada.digests.texts import Block, Template, filled, number_of
from waspada.digests.types import Content, Entry, Line, Part, Section, Wanted
from waspada.escalations.wording import why_words
from waspada.places import full_name, place

#: Characters of what comes from outside, in one entry.
MOST_HEADLINE, MOST_QUOTE, MOST_CLAIM, MOST_OUTLET = 240, 400, 500, 60
#: What is masked is not longer than this, whatever came in.
_MOST_READ = 2_000
_MOST_OUTLETS = 6


def entry(language: str, alert: AlertSummary, rests: Rests) -> Entry:
    return Entry(
        alert_id=alert.id,
        level=alert.level,
        label=alert.label,
        facts=words.facts_words(language, alert),
        headline=headline_of(alert),
        where=where_of(language, alert.regions),
        outlets=_outlets(language, alert, rests.outlets),
        path=f"/alerts/{alert.id}",
        quote=short(rests.quote, MOST_QUOTE),
        claim=short(
            mask(line_of_alert({alert.label, *alert.labels}, rests.matches, language)[:_MOST_READ]), MOST_CLAIM
        ),
    )


def headline_of(alert: AlertSummary) -> str:
    return short(mask(alert.headline[:_MOST_READ]), MOST_HEADLINE)


def where_of(language: str, regions: Sequence[str]) -> str:
    return "; ".join(full_name(code) for code in regions[:2]) or words.SAY[language]["nowhere"]


def short(text: str, most: int) -> str:
    """On one line, cut at a word."""
    plain = " ".join(harmless(text).split())
    if len(plain) <= most:
        return plain
    cut = plain[: most - 2]
    return f"{cut.rpartition(' ')[0] or cut} …"


def changes_section(language: str, wanted: Wanted, changes: Sequence[Change]) -> Section | None:
    lines = [line for change in changes if (line := _change(language, change)) is not None]
    return _limited(language, Part.CHANGES, words.CHANGES[language][wanted.period], lines)


def corrections_section(
    language: str,
    zone: ZoneInfo,
    wrongs: Sequence[Wrong],
    alerts: Mapping[int, AlertSummary],
    title: str = "",
    most: int = MAX_LINES,
) -> Section | None:
    """One line an alert, of the last digest that told it; none of its words are repeated."""
    last = {one.alert_id: one for one in sorted(wrongs, key=lambda one: one.shown_at)}
    lines = [_corrected(language, zone, one, alerts.get(one.alert_id)) for one in last.values()]
    return _limited(language, Part.CORRECTIONS, title or words.TITLES[language][Part.CORRECTIONS], lines, most)


def composed(
    wanted: Wanted,
    template: Template,
    at: datetime,
    *,
    base_url: str,
    scope: str,
    day: date,
    notices: Sequence[str],
    sections: Sequence[Section],
    empty: str = "",
) -> Content:
    """All of it together, in the texts of a template."""
    where = place(wanted.region)
    name = where.name if where is not None else wanted.region
    values = {
        "wilayah": name,
        "tanggal": words.day_words(day),
        "nomor": number_of(template.kind, wanted.region, day.isoformat()),
        "jumlah": str(sum(len(section.entries) for section in sections)),
    }
    texts = filled(template.blocks, values)
    title = " ".join(texts[Block.TITLE].split())
    return Content(
        kind=template.kind,
        wanted=wanted,
        at=at,
        base_url=base_url,
        subject=short(f"{title}: {name}, {words.day_words(day)}", 150),
        title=title,
        scope=f"{name}, {scope}",
        choice=words.choice_words(wanted.language, wanted.labels, wanted.min_level, MIN_LEVEL),
        letterhead=texts[Block.LETTERHEAD],
        notices=tuple(notice for notice in notices if notice),
        opening=texts[Block.OPENING],
        empty=empty,
        sections=tuple(section for section in sections if section.entries or section.lines),
        closing=texts[Block.CLOSING],
        signature=texts[Block.SIGNATURE],
        words=words.FRAME[wanted.language],
    )


def _outlets(language: str, alert: AlertSummary, outlets: Sequence[str]) -> str:
    say = words.SAY[language]
    named = [short(name, MOST_OUTLET) for name in outlets[:_MOST_OUTLETS]]
    if len(outlets) > _MOST_OUTLETS:
        named.append(say["outlets_more"].format(count=len(outlets) - _MOST_OUTLETS))
    if alert.voice_count:
        named.append(say["voices"].format(count=alert.voice_count))
    return ", ".join(named)


def _change(language: str, change: Change) -> Line | None:
    say, alert = words.SAY[language], change.alert
    what = say["sentence"].format(headline=headline_of(alert), where=where_of(language, alert.regions))
    if change.state is not None and change.state is not AlertState.VERIFIED:
        closed = words.CLOSED[language].get(change.reason or "")
        words_of = say["ended"].format(why=closed, what=what)
        if closed is None:
            words_of = say["taken_back"].format(why=why_words(language, change.reason or change.state), what=what)
        return Line(words_of, alert.id, f"/alerts/{alert.id}")
    told = [say["verified"].format(what=what)] if change.state is AlertState.VERIFIED else []
    if change.levels is not None:
        before, after = change.levels
        told.append(say["raised" if after > before else "lowered"].format(before=before, after=after, what=what))
    return Line(told[0], alert.id, f"/alerts/{alert.id}") if told else None


def _corrected(language: str, zone: ZoneInfo, wrong: Wrong, alert: AlertSummary | None) -> Line:
    text = words.SAY[language]["corrected"].format(
        id=wrong.alert_id,
        labels=words.labels_words(language, [alert.label]) if alert is not None else "?",
        where=where_of(language, alert.regions if alert is not None else ()),
        day=words.day_words(words.day_of(wrong.shown_at, zone)),
        why=why_words(language, wrong.why),
    )
    return Line(text, wrong.alert_id)


def _limited(language: str, part: Part, title: str, lines: Sequence[Line], most: int = MAX_LINES) -> Section | None:
    if not lines:
        return None
    shown = list(lines[:most])
    if len(lines) > most:
        shown.append(Line(words.SAY[language]["lines_more"].format(count=len(lines) - most)))
    return Section(part, title, lines=tuple(shown))
