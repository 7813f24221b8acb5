"""Erasing what somebody asked to have erased, and what was deleted at its place (design, rule 10): one way for all.

`erase_items` is the single entry point. It removes an item with everything that is keyed to it, takes its words from
the headlines of its story and alert, and keeps its pages from being collected again. What stands elsewhere (messages
on their way out, whatever a later part keeps) is taken by `HOOKS`: whoever stores words of items in a table of their
own adds a function there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CursorResult, Executable, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from waspada.alerts import types, writer
from waspada.archive import repository as archive_pages
from waspada.cap import repository as cap_messages
from waspada.clock import utc_now
from waspada.digests import erasing as digests
from waspada.errors import InputError, NotFoundError
from waspada.escalations import repository as reports
from waspada.items.policy import clean_text, content_sha256
from waspada.items.types import Stage
from waspada.jobs.purge import remove_items
from waspada.labels import repository as labels
from waspada.notify import outbox
from waspada.notify.calls import repository as calls
from waspada.privacy.voices import voices_of
from waspada.reports import erasing as field_report_words
from waspada.reports import retaining as field_reports
from waspada.sources.pages import CORRECTED, ERASED
from waspada.sources.types import PageState
from waspada.store.tables import (
    AlertEventRow,
    AlertRow,
    ArchivedPageRow,
    BandRow,
    CapMessageRow,
    ClaimMatchRow,
    ErasedItemRow,
    ErasureRow,
    EscalationRow,
    FactCheckRow,
    FingerprintRow,
    ItemRow,
    ItemVersionRow,
    PageRow,
    PeriodicReportRow,
    PlaceRow,
    RejectRow,
    SourceRow,
    StoryEditItemRow,
    StoryHeadlineRow,
    StoryItemRow,
    StoryRow,
    TagRow,
    TopicTagRow,
)
from waspada.taxonomy import ItemKind

#: SQLite allows 32,766 variables a statement.
_CHUNK = 500


#: Stands in a text for the words that were taken from it.
STRUCK = "[dikoreksi]"
#: The class of data (waspada.privacy.retention) that an item is of.
_CLASS_OF = {ItemKind.POST: "posts", ItemKind.ARTICLE: "articles", ItemKind.REPORT: "field_reports"}
#: The kinds of erasure that a restore has to repeat and no trigger of the database notes.
PASSAGE, TEXT = "passage", "text"
_LEAST_PASSAGE = 3
_MOST_PASSAGE = 2000


class Cause(StrEnum):
    """Why something is erased: somebody asked the desk, or it was deleted where it was published."""

    REQUEST = "request"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Erasing:
    """What is going, for those who keep copies of it elsewhere. The rows of the items still stand."""

    items: Sequence[int]
    stories: Sequence[int]
    alerts: Sequence[int]
    cause: Cause
    now: datetime


@dataclass(frozen=True, slots=True)
class Struck:
    """What a passage was taken from: rows by class of data, and the items of reports above that do not have it, which
    a person has to read: they may tell the same in other words."""

    counts: Mapping[str, int]
    left: Sequence[int] = ()


#: Takes what stands elsewhere of the items; returns class of data (waspada.privacy.retention) -> rows.
Hook = Callable[[Session, Erasing], Mapping[str, int]]


def erase_items(
    session: Session,
    item_ids: Collection[int],
    now: datetime,
    *,
    cause: Cause,
    correction_id: int | None = None,
    read_again: bool = False,
) -> dict[str, int]:
    """Removes items with all that was made of them; returns how many rows of each class of data went.

    The reports above a field report go with it, on every level: they were written from its words. Pages are not
    collected again, or with `read_again` once more from the beginning, as the outlet has them now. Alerts stand with
    their history; until they are ranked anew, which the worker does at once, they have no headline.
    """
    ids = sorted({*item_ids, *field_report_words.citing_items(session, item_ids)})
    counts: Counter[str] = Counter()
    for start in range(0, len(ids), _CHUNK):
        counts.update(_erase_some(session, ids[start : start + _CHUNK], now, cause, correction_id, read_again))
    return dict(counts)


def erase_gone(session: Session, url_keys: Collection[str], now: datetime | None = None) -> int:
    """Removes the posts with these keys, which were deleted at their place; returns how many there were. Articles are
    never touched."""
    keys, gone = sorted(url_keys), list[int]()
    for start in range(0, len(keys), _CHUNK):
        which = (ItemRow.url_key.in_(keys[start : start + _CHUNK]), ItemRow.kind == ItemKind.POST)
        gone += session.scalars(select(ItemRow.id).where(*which))
    erase_items(session, gone, now or utc_now(), cause=Cause.PLACE)
    return len(gone)


def stored_posts(session: Session, url_keys: Collection[str]) -> list[str]:
    """Which of these keys are those of stored posts."""
    keys, found = sorted(url_keys), list[str]()
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        found += session.scalars(
            select(ItemRow.url_key).where(ItemRow.url_key.in_(chunk), ItemRow.kind == ItemKind.POST)
        )
    return found


def posts_of_accounts(session: Session, handles: Collection[str], kind: str) -> list[str]:
    """The keys of the posts of accounts that were deleted at their place, from sources of a kind.

    They are found by the accounts' pseudonyms under the keys that are still held: a second use of the pseudonym beside
    counting (design, rule 2), which serves erasure and nothing else (UU 27/2022, Pasal 43; docs/privacy.md). A post
    whose key was destroyed cannot be found by it and goes with its retention.
    """
    voices = sorted({voice for handle in handles for voice in voices_of(session, handle)})
    found = list[str]()
    for start in range(0, len(voices), _CHUNK):
        query = (
            select(ItemRow.url_key)
            .join(SourceRow, SourceRow.id == ItemRow.source_id)
            .where(
                ItemRow.kind == ItemKind.POST,
                ItemRow.voice.in_(voices[start : start + _CHUNK]),
                SourceRow.kind == kind,
            )
        )
        found += session.scalars(query)
    return found


def strike(session: Session, item_id: int, passage: str, now: datetime, *, correction_id: int | None = None) -> Struck:
    """Takes a passage out of every version of an item, and out of whatever repeats it: of a field report also out of
    the reports above.

    Case and line breaks do not count. The item is tagged and grouped anew; its page is not asked for again, since the
    outlet may still have the words (a later request can have it read again).
    Raises NotFoundError, and InputError for a passage that is too short, too long, or not there.
    """
    if session.get(ItemRow, item_id, with_for_update=True) is None:
        raise NotFoundError(f"There is no item {item_id}.", hint="It may have been removed.")
    pattern, above = _pattern_of(passage), field_report_words.citing_items(session, [item_id])
    struck = _strike_versions(session, [item_id, *above], pattern)
    if not struck[item_id]:
        raise InputError("The item does not have this passage.", hint="Copy it as it stands there.")
    counts: Counter[str] = Counter()
    for id_ in sorted(struck):
        item = session.get_one(ItemRow, id_, with_for_update=True)
        counts[_CLASS_OF[ItemKind(item.kind)]] += struck[id_]
        counts.update(_strike_beside(session, item, pattern))
    ids = sorted(struck)
    stories, alerts = _stories_and_alerts(session, ids)
    counts["headlines"] += _strike_headlines(session, stories, pattern)
    hooked = Erasing(ids, stories, alerts, Cause.REQUEST, now)
    for hook in HOOKS:
        counts.update(hook(session, hooked))
    _note(session, alerts, now, Cause.REQUEST, correction_id, len(ids))
    session.flush()
    left = [id_ for id_ in above if id_ not in struck]
    return Struck({key: count for key, count in counts.items() if count}, left)


def _strike_versions(session: Session, ids: Sequence[int], pattern: re.Pattern[str]) -> Counter[int]:
    """Takes a passage out of the versions of these items; item -> how many had it."""
    struck = Counter[int]()
    for version in session.scalars(select(ItemVersionRow).where(ItemVersionRow.item_id.in_(ids))).all():
        title, text = pattern.sub(STRUCK, version.title), pattern.sub(STRUCK, version.text)
        if (title, text) != (version.title, version.text):
            struck[version.item_id] += 1
            version.title, version.text, version.sha256 = title, text, content_sha256(title, text)
    return struck


def _strike_beside(session: Session, item: ItemRow, pattern: re.Pattern[str]) -> Counter[str]:
    """What is keyed to an item and may repeat its passage; the item is tagged anew, and a restore strikes again."""
    counts = Counter[str]()
    item.title, item.stage = pattern.sub(STRUCK, item.title), Stage.NEW
    session.execute(delete(TagRow).where(TagRow.item_id == item.id, TagRow.version != item.version))
    session.execute(update(TagRow).where(TagRow.item_id == item.id).values(evidence=[]))
    session.execute(delete(PlaceRow).where(PlaceRow.item_id == item.id))
    counts["outlet_checks"] += _rows(session, delete(FactCheckRow).where(FactCheckRow.item_id == item.id))
    counts["raw_pages"] += _count(session, ArchivedPageRow.item_id, [item.id])
    archive_pages.forget_items(session, [item.id])
    counts["rejects"] += _rows(session, delete(RejectRow).where(RejectRow.object == f"item {item.id}"))
    pages = update(PageRow).where(or_(PageRow.item_id == item.id, PageRow.url_key == item.url_key))
    kept_out = {"state": PageState.SKIPPED.value, "detail": CORRECTED, "next_try_at": None}
    counts["pages"] += _rows(session, pages.values(title="", summary="", **kept_out))
    session.add(ErasedItemRow(url_key=item.url_key, what=PASSAGE, at=utc_now()))  # in the time of the triggers
    return counts


def erase_periodic(
    session: Session, report_id: int, now: datetime, *, passage: str | None = None, correction_id: int | None = None
) -> dict[str, int]:
    """Takes the words of a periodic report of a kecamatan, or with `passage` these alone; that it came stays.

    Returns rows by class of data; nothing where no words are left. Raises InputError for a passage that is too short,
    too long, or not there.
    """
    row = session.get(PeriodicReportRow, report_id, with_for_update=True)
    if row is None:
        return {}
    if passage is not None:
        if not field_report_words.strike_periodic(session, report_id, _pattern_of(passage), STRUCK, now):
            raise InputError("The report does not have this passage.", hint="Copy it as it stands there.")
    elif not field_report_words.empty_periodic(session, [report_id], now):
        return {}
    key = field_report_words.periodic_key(row.region, row.first_day, row.last_day)
    session.add(ErasedItemRow(url_key=key, what=TEXT if passage is None else PASSAGE, at=utc_now()))
    _note(session, [], now, Cause.REQUEST, correction_id, 1)
    session.flush()
    return {"field_reports": 1}


def _erase_some(
    session: Session, ids: Sequence[int], now: datetime, cause: Cause, correction_id: int | None, read_again: bool
) -> Counter[str]:
    counts: Counter[str] = Counter(_counted(session, ids))
    stories, alerts = _stories_and_alerts(session, ids)
    titled = session.scalars(select(ItemRow.id).where(ItemRow.id.in_(ids), ItemRow.kind == ItemKind.ARTICLE)).all()
    for hook in HOOKS:
        counts.update(hook(session, Erasing(ids, stories, alerts, cause, now)))
    counts["pages"] += _forget_pages(session, ids, cause, read_again)
    if titled:
        counts["headlines"] += _forget_headlines(session, ids, stories)
    remove_items(session, ids)
    _forget_emptied(session, stories)
    _note(session, alerts, now, cause, correction_id, len(ids))
    session.flush()
    return Counter({key: count for key, count in counts.items() if count})


def _counted(session: Session, ids: Sequence[int]) -> dict[str, int]:
    """Rows of these items by class of data, before they go."""
    kinds = dict(
        session.execute(select(ItemRow.kind, func.count()).where(ItemRow.id.in_(ids)).group_by(ItemRow.kind)).all()
    )
    numbers = sum(_count(session, column, ids) for column in (TagRow.item_id, FingerprintRow.item_id, BandRow.item_id))
    objects = [f"item {item_id}" for item_id in ids]
    return {
        **{name: kinds.get(kind, 0) for kind, name in _CLASS_OF.items()},
        "embeddings": numbers,
        "outlet_checks": _count(session, FactCheckRow.item_id, ids),
        "matches": _count(session, ClaimMatchRow.item_id, ids),
        "topic_items": _count(session, TopicTagRow.item_id, ids),
        "edits": _count(session, StoryEditItemRow.item_id, ids),
        "raw_pages": _count(session, ArchivedPageRow.item_id, ids),
        "rejects": session.scalar(select(func.count()).where(RejectRow.object.in_(objects))) or 0,
    }


def _stories_and_alerts(session: Session, ids: Sequence[int]) -> tuple[list[int], list[int]]:
    stories = session.scalars(select(StoryItemRow.story_id).where(StoryItemRow.item_id.in_(ids)).distinct()).all()
    alerts = session.scalars(select(AlertRow.id).where(AlertRow.story_id.in_(stories)).order_by(AlertRow.id)).all()
    return sorted(stories), list(alerts)


def _forget_pages(session: Session, ids: Sequence[int], cause: Cause, read_again: bool) -> int:
    """What the pages of these items hold. The row stays: the hash of its address keeps it out from then on."""
    keys = select(ItemRow.url_key).where(ItemRow.id.in_(ids))
    of_items = update(PageRow).where(or_(PageRow.item_id.in_(ids), PageRow.url_key.in_(keys)))
    if read_again:
        asked = {
            "state": PageState.WAITING.value,
            "attempts": 0,
            "next_try_at": None,
            "detail": "read again on request",
        }
        own = of_items.where(PageRow.url_key.in_(keys), PageRow.url != "")
        others = of_items.where(PageRow.url_key.not_in(keys))
        return _rows(session, own.values(title="", summary="", **asked)) + _rows(
            session, others.values(title="", summary="")
        )
    if cause is Cause.PLACE:
        return _rows(session, of_items.values(url="", title="", title_key=None, summary=""))
    kept_out = {"state": PageState.SKIPPED.value, "detail": ERASED, "next_try_at": None}
    return _rows(session, of_items.values(url="", title="", summary="", **kept_out))


def _forget_headlines(session: Session, ids: Sequence[int], stories: Sequence[int]) -> int:
    """Headlines that may be those of the items: ranking finds others among what is left, if there are."""
    titles = select(ItemVersionRow.title).where(ItemVersionRow.item_id.in_(ids), ItemVersionRow.title != "")
    own = or_(StoryHeadlineRow.item_id.in_(ids), StoryHeadlineRow.headline.in_(titles))
    gone = _rows(session, delete(StoryHeadlineRow).where(StoryHeadlineRow.story_id.in_(stories), own))
    session.execute(update(StoryRow).where(StoryRow.id.in_(stories)).values(headline=""))
    session.execute(update(AlertRow).where(AlertRow.story_id.in_(stories)).values(headline=types.ERASED))
    return gone


def _strike_headlines(session: Session, stories: Sequence[int], pattern: re.Pattern[str]) -> int:
    changed = 0
    rows: list[StoryRow | StoryHeadlineRow | AlertRow] = [
        *session.scalars(select(StoryRow).where(StoryRow.id.in_(stories))),
        *session.scalars(select(StoryHeadlineRow).where(StoryHeadlineRow.story_id.in_(stories))),
        *session.scalars(select(AlertRow).where(AlertRow.story_id.in_(stories))),
    ]
    for row in rows:
        struck = pattern.sub(STRUCK, row.headline)
        changed += struck != row.headline
        row.headline = struck
    return changed


def _forget_emptied(session: Session, stories: Sequence[int]) -> None:
    """Stories without any item left keep none of their words, nor what persons wrote to their alerts."""
    left = set(session.scalars(select(StoryItemRow.story_id).where(StoryItemRow.story_id.in_(stories)).distinct()))
    emptied = [story_id for story_id in stories if story_id not in left]
    for story in session.scalars(select(StoryRow).where(StoryRow.id.in_(emptied))).all():
        writer.forget_headline(session, story)
    of_emptied = select(AlertRow.id).where(AlertRow.story_id.in_(emptied))
    session.execute(update(AlertEventRow).where(AlertEventRow.alert_id.in_(of_emptied)).values(note=""))


def _note(
    session: Session, alerts: Sequence[int], now: datetime, cause: Cause, correction_id: int | None, items: int
) -> None:
    """That something was erased: for the digests of the alert, and for the monthly report."""
    if not alerts and cause is Cause.PLACE:
        return  # posts that reached nobody come and go by the thousand
    given = {"at": now, "cause": cause.value, "correction_id": correction_id, "items": items}
    session.add_all(ErasureRow(alert_id=alert_id, **given) for alert_id in alerts)
    if not alerts:
        session.add(ErasureRow(alert_id=None, **given))


def _forget_deliveries(session: Session, gone: Erasing) -> Mapping[str, int]:
    """Messages of calls and of reports hold the headline of the alert: that they left, to whom and when, stays.

    A call that waits is written anew (waspada.jobs.call), a report that waits is given up.
    """
    called = calls.about_alerts(session, gone.alerts)
    reported = reports.about_alerts(session, gone.alerts)
    taken_back = outbox.take_back(session, called)
    return {"deliveries": taken_back + outbox.forget_words(session, [*called, *reported], gone.now)}


def _forget_reports(session: Session, gone: Erasing) -> Mapping[str, int]:
    """Reports and CAP messages quote the alerts; that they left, to whom and when, stays."""
    quoting = session.scalars(select(EscalationRow.id).where(EscalationRow.alert_id.in_(gone.alerts))).all()
    issued = session.scalars(
        select(CapMessageRow.id).where(CapMessageRow.alert_id.in_(gone.alerts), CapMessageRow.xml != "")
    ).all()
    reports.forget_words(session, quoting)
    cap_messages.forget_words(session, issued)
    return {"reports": len(quoting), "cap": len(issued)}


def _forget_labels(session: Session, gone: Erasing) -> Mapping[str, int]:
    """What analysts wrote to an item; the values of their labels stay, without any text."""
    return {"labels": labels.forget_words(session, gone.items)}


def _forget_digests(session: Session, gone: Erasing) -> Mapping[str, int]:
    """Kept digests quote articles; they stay without the words, and say so."""
    return {"digests": digests.forget_items(session, gone.items, gone.now)}


#: Whoever keeps words of items elsewhere is asked here.
def _forget_field_reports(session: Session, erasing: Erasing) -> dict[str, int]:
    """What was asked, answered and found out about a field report may repeat its words."""
    return {"field_reports": field_reports.forget_words(session, erasing.items)}


HOOKS: tuple[Hook, ...] = (
    _forget_deliveries,
    _forget_reports,
    _forget_labels,
    _forget_digests,
    _forget_field_reports,
)


def _pattern_of(passage: str) -> re.Pattern[str]:
    words = clean_text(passage).split()
    if not _LEAST_PASSAGE <= len(" ".join(words)) <= _MOST_PASSAGE:
        raise InputError(
            "The passage is too short or too long.", hint=f"Give {_LEAST_PASSAGE} to {_MOST_PASSAGE} characters."
        )
    return re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE)


def _count(session: Session, column: InstrumentedAttribute[Any], ids: Sequence[int]) -> int:
    return session.scalar(select(func.count()).where(column.in_(ids))) or 0


def _rows(session: Session, statement: Executable) -> int:
    """Runs a change and returns how many rows it touched."""
    done = session.execute(statement)
    return done.rowcount if isinstance(done, CursorResult) else 0
