"""From kept digests to the documents of the API. Their texts were masked when they were made."""

from __future__ import annotations

from api import schemas
from api.shape.places import place
from waspada.clock import zone_of
from waspada.digests.types import Entry, Kept, KeptLine, Order, Section, Wanted
from waspada.digests.words import day_of
from waspada.taxonomy import Label


def digest_line(one: KeptLine) -> schemas.DigestLineOut:
    return schemas.DigestLineOut(
        id=one.id,
        kind=one.kind,
        region=place(one.region),
        wanted=_wanted(one.wanted),
        day=one.day,
        at=one.at,
        title=one.title,
        entries=one.entries,
        erased_at=one.erased_at,
    )


def order(given: schemas.DigestOrderIn, zone: str) -> Order:
    """`zone` is the desk's, where none is given. Raises InputError for one that does not exist."""
    where = zone_of(given.zone or zone).key
    wanted = Wanted(given.region, tuple(given.labels), given.min_level, given.language, where)
    return Order(given.kind, wanted, given.alerts, given.remark)


def digest(one: Kept) -> schemas.DigestOut:
    content = one.content
    return schemas.DigestOut(
        id=one.id,
        kind=content.kind,
        region=place(content.wanted.region),
        wanted=_wanted(content.wanted),
        day=day_of(content.at, zone_of(content.wanted.zone)),
        at=content.at,
        title=content.title,
        entries=len(content.entries),
        erased_at=one.erased_at,
        kept_at=one.kept_at,
        subject=content.subject,
        scope=content.scope,
        notices=list(content.notices),
        opening=content.opening,
        empty=content.empty,
        sections=[_section(section) for section in content.sections],
        closing=content.closing,
        signature=content.signature,
        letterhead=content.letterhead,
        sha256=one.sha256,
        html_sha256=one.html_sha256,
        text_sha256=one.text_sha256,
    )


def _wanted(wanted: Wanted) -> schemas.WantedOut:
    return schemas.WantedOut(
        labels=[Label(label) for label in wanted.labels],
        min_level=wanted.min_level,
        language=wanted.language,
        zone=wanted.zone,
        period=wanted.period,
    )


def _section(section: Section) -> schemas.DigestSectionOut:
    return schemas.DigestSectionOut(
        part=section.part,
        title=section.title,
        entries=[_entry(entry) for entry in section.entries],
        lines=[schemas.DigestTextOut(text=line.text, alert_id=line.alert_id) for line in section.lines],
    )


def _entry(entry: Entry) -> schemas.DigestEntryOut:
    return schemas.DigestEntryOut(
        alert_id=entry.alert_id,
        level=entry.level,
        label=Label(entry.label),
        facts=entry.facts,
        headline=entry.headline,
        where=entry.where,
        outlets=entry.outlets,
        quote=entry.quote,
        claim=entry.claim,
    )
