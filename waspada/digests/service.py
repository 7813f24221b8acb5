"""Making digests, keeping them, and telling those who got a wrong one.

A `Maker` is of one moment: it asks the store once for what thousands of digests are made of. What is kept is fully
worded, with the layout that it was kept in, so that it can be written again byte for byte.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from waspada.alerts.exits import mask
from waspada.alerts.types import AlertSummary
from waspada.clock import day_bounds, utc_now, zone_of
from waspada.digests import composing, policy, repository, texts, words
from waspada.digests.gathering import Gathered
from waspada.digests.policy import CORRECTED_WITHIN, check_wanted, choose, since_of
from waspada.digests.repository import is_wrong, kept
from waspada.digests.texts import Template
from waspada.digests.types import (
    KIND_OF,
    PERIOD_OF,
    CorrectionDue,
    Digest,
    Entry,
    Kind,
    Line,
    Order,
    Part,
    Period,
    Section,
    Wanted,
    zone_in,
)
from waspada.errors import InputError
from waspada.settings import Settings

__all__ = [
    "Maker",
    "corrections_due",
    "is_wrong",
    "keep",
    "kept",
    "moment_of",
    "of_day",
    "ordered",
    "reset_texts",
    "save_texts",
    "to_correct",
]
_CHUNK = 500


def moment_of(day: date, zone: str, now: datetime | None = None) -> datetime:
    """The moment of a day's digest: its end, or now while it goes on. Raises InputError for a day to come."""
    now = now or utc_now()
    start, end = day_bounds(day, zone_of(zone))
    if start > now:
        raise InputError(f"The day {day} is still to come.", hint="A digest tells what was there.")
    return min(end, now)


def of_day(session: Session, wanted: Wanted, day: date, settings: Settings, now: datetime | None = None) -> Digest:
    """The digest of a day as it would be sent now. Raises InputError."""
    return Maker(session, moment_of(day, wanted.zone, now), settings).make(wanted)


class Maker:
    """Makes digests of one moment. What it found once it keeps: make a new one for another moment."""

    def __init__(self, session: Session, at: datetime, settings: Settings) -> None:
        self._found = Gathered(session, at, settings)
        self._entries: dict[tuple[int, str], Entry] = {}
        self._templates: dict[tuple[Kind, str], Template] = {}
        self._sections: dict[tuple[str, str], Section] = {}

    @property
    def at(self) -> datetime:
        return self._found.at

    def make(self, wanted: Wanted, template: Template | None = None, last: datetime | None = None) -> Digest:
        """The digest that is wanted, in the texts that are in use unless others are given. `last` is the moment of the
        one that its reader had before; without it, of the last that was kept of the same. Raises InputError for what
        does not exist (`policy.check_wanted`)."""
        check_wanted(wanted)
        found, language, zone = self._found, wanted.language, zone_of(wanted.zone)
        ranked, day = found.ranked(wanted, last), words.day_of(self.at, zone)
        checked = {alert.id for alert in ranked if alert.story_id in found.checked}
        choice = choose(ranked, checked, found.ended_verified)
        sections = [
            *self._told(language, choice),
            self._coverage(language, wanted.region),
            *self._since_last(wanted, zone, last),
        ]
        content = composing.composed(
            wanted,
            template or self._template(KIND_OF[wanted.period], language),
            self.at,
            base_url=found.settings.link("/").rstrip("/"),
            scope=words.span_words(language, found.since(wanted, last), self.at, zone, wanted.period),
            day=day,
            notices=self._notices(wanted, day),
            sections=sections,
            empty="" if choice.shown else words.empty_words(language, wanted.labels, wanted.min_level),
        )
        return Digest(content, tuple(alert.id for alert in choice.shown), choice.held_back)

    def about(self, kind: Kind, wanted: Wanted, alert_ids: Sequence[int], remark: str = "") -> Digest:
        """A report on some alerts of the region: informasi, atensi, khusus, rekomendasi. `remark` is a person's, and is
        masked; of labels, level and period nothing counts. Raises InputError: another kind, no alert or too many, one
        that is not verified or not of the region, no advice in a recommendation."""
        check_wanted(wanted)
        found, language, zone = self._found, wanted.language, zone_of(wanted.zone)
        alerts = policy.check_reported(kind, found.alerts(alert_ids), alert_ids, wanted.region, remark)
        day = words.day_of(self.at, zone)
        titles = words.TITLES[language]
        sections = [Section(Part.VERIFIED, titles[Part.VERIFIED], tuple(self._entry(language, one) for one in alerts))]
        if remark.strip():
            said = Line(composing.short(mask(remark[: 2 * policy.MAX_REMARK]), policy.MAX_REMARK))
            sections.append(Section(Part.REMARK, titles[Part.REMARK], lines=(said,)))
        content = composing.composed(
            replace(wanted, labels=(), min_level=policy.MIN_LEVEL, period=Period.DAILY),
            self._template(kind, language),
            self.at,
            base_url=found.settings.link("/").rstrip("/"),
            scope=words.made_words(language, self.at, zone),
            day=day,
            notices=[words.stage_words(language, found.stage(day, wanted.region))],
            sections=sections,
        )
        return Digest(content, tuple(alert.id for alert in alerts))

    def correction(self, wanted: Wanted, wrongs: Sequence[repository.Wrong]) -> Digest:
        """What takes back what earlier digests of the same told."""
        found, language, zone = self._found, wanted.language, zone_of(wanted.zone)
        days = sorted({words.day_of(one.shown_at, zone) for one in wrongs})
        alerts = found.alerts(sorted({one.alert_id for one in wrongs}))
        title = words.SAY[language]["correction"]
        section = composing.corrections_section(language, zone, wrongs, alerts, title, most=len(wrongs))
        content = composing.composed(
            wanted,
            self._template(Kind.RALAT, language),
            self.at,
            base_url=found.settings.link("/").rstrip("/"),
            scope=words.SAY[language]["reports_of"].format(days=", ".join(map(words.day_words, days))),
            day=words.day_of(self.at, zone),
            notices=(),
            sections=[section] if section is not None else [],
        )
        return Digest(content, corrects=tuple(sorted({one.digest_id for one in wrongs})))

    def _told(self, language: str, choice: policy.Choice) -> list[Section]:
        """The parts with the entries, and what is only counted; one without any is left out later."""
        titles = words.TITLES[language]
        parts = (
            (Part.VERIFIED, choice.verified),
            (Part.UNVERIFIED, choice.unverified),
            (Part.HOAXES, choice.hoaxes),
        )
        sections = [
            Section(part, titles[part], tuple(self._entry(language, alert) for alert in alerts))
            for part, alerts in parts
        ]
        if choice.held_back:
            counts = Line(words.counts_words(language, choice.held_back))
            sections.append(Section(Part.MORE, titles[Part.MORE], lines=(counts,)))
        return sections

    def _since_last(self, wanted: Wanted, zone: ZoneInfo, last: datetime | None) -> list[Section]:
        """What changed, and what was wrong, since the last digest of the same."""
        found, language = self._found, wanted.language
        wrongs = found.wrongs(wanted, last)
        corrected = {one.alert_id for one in wrongs}
        changes = [one for one in found.changes(wanted, last) if one.alert.id not in corrected]
        sections = (
            composing.changes_section(language, wanted, changes),
            composing.corrections_section(language, zone, wrongs, found.alerts(sorted(corrected)) if wrongs else {}),
        )
        return [section for section in sections if section is not None]

    def _entry(self, language: str, alert: AlertSummary) -> Entry:
        if (alert.id, language) not in self._entries:
            self._entries[alert.id, language] = composing.entry(language, alert, self._found.rests(alert))
        return self._entries[alert.id, language]

    def _template(self, kind: Kind, language: str) -> Template:
        if (kind, language) not in self._templates:
            self._templates[kind, language] = repository.template(self._found.session, kind, language)
        return self._templates[kind, language]

    def _coverage(self, language: str, region: str) -> Section:
        if (language, region) not in self._sections:
            lines = tuple(Line(text) for text in words.coverage_words(language, self._found.coverage(region)))
            title = words.TITLES[language][Part.COVERAGE]
            self._sections[language, region] = Section(Part.COVERAGE, title, lines=lines)
        return self._sections[language, region]

    def _notices(self, wanted: Wanted, day: date) -> list[str]:
        """What stands at the top: the stage of an election, that nobody listens, that something was erased."""
        found, say, zone = self._found, words.SAY[wanted.language], zone_of(wanted.zone)
        since = since_of(self.at, wanted.period, zone)
        stopped, erased = found.stopped_since(wanted.region), found.erased(wanted.region, since)
        return [
            words.stage_words(wanted.language, found.stage(day, wanted.region)),
            say["stopped"].format(when=words.moment_words(stopped, zone)) if stopped is not None else "",
            say["erased"].format(count=erased) if erased else "",
        ]


def ordered(session: Session, order: Order, settings: Settings, now: datetime) -> Digest:
    """The digest that a person asks for, of now. Raises InputError as `Maker` does, and for a correction, which only
    the program makes."""
    maker = Maker(session, now, settings)
    if order.kind in PERIOD_OF:
        return maker.make(replace(order.wanted, period=PERIOD_OF[order.kind]))
    return maker.about(order.kind, order.wanted, order.alert_ids, order.remark)


def keep(session: Session, digest: Digest, now: datetime | None = None) -> int:
    """Writes a digest down once: the same content of the same moment is one row. Returns its id."""
    return repository.keep(session, digest, now or utc_now())


def save_texts(
    session: Session, kind: Kind, language: str, blocks: Mapping[str, str], *, version: int, actor: str, now: datetime
) -> Template:
    """Puts other texts around a kind of digest from now on; what is kept stays as it is. `version` is what the writer
    saw. Raises InputError (`texts.checked`), ConflictError where somebody else was faster."""
    return repository.add_template(session, kind, language, texts.checked(blocks), version, actor, now)


def reset_texts(session: Session, kind: Kind, language: str, *, version: int, actor: str, now: datetime) -> Template:
    """Takes what the program ships again. Raises ConflictError where somebody else was faster."""
    return repository.add_template(session, kind, language, {}, version, actor, now)


def to_correct(session: Session, now: datetime) -> dict[str, list[repository.Wrong]]:
    """What digests told that turned out wrong and is to be corrected now, by what was wanted. Reads only."""
    since = now - CORRECTED_WITHIN
    found: dict[str, list[repository.Wrong]] = defaultdict(list)
    for one in repository.wrongs(session, since, now, uncorrected=True):
        found[one.key].append(one)
    keys, earlier = sorted(found), dict[str, list[datetime]]()
    for start in range(0, len(keys), _CHUNK):
        earlier |= repository.corrections_of(session, keys[start : start + _CHUNK], now - timedelta(days=1))
    return {key: found[key] for key in keys if policy.may_correct(earlier.get(key, ()), now, zone_of(zone_in(key)))}


def corrections_due(
    session: Session, settings: Settings, now: datetime, most: int | None = None
) -> list[CorrectionDue]:
    """Keeps a correction for every kept digest that told something that turned out wrong, one for all digests of the
    same, of so many different ones at most; returns which corrections go to the readers of which digests. What was
    corrected once is not again, and what may not be corrected yet (`policy.may_correct`) is later.
    """
    maker, made = Maker(session, now, settings), []
    for wrongs in list(to_correct(session, now).values())[:most]:
        digest = maker.correction(kept(session, wrongs[0].digest_id).content.wanted, wrongs)
        id_ = keep(session, digest, now)
        repository.note_corrections(session, wrongs, id_)
        made.append(CorrectionDue(id_, digest.corrects))
    return made
