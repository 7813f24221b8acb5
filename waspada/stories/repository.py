"""SQL about stories: fingerprints, candidates, membership."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from waspada.items.repository import news_first, places_of
from waspada.items.types import Stage
from waspada.places import event_place
from waspada.places.types import PlaceLevel, PlaceMention
from waspada.store.tables import (
    BandRow,
    FingerprintRow,
    ItemRow,
    ItemVersionRow,
    PlaceRow,
    SourceRow,
    StoryItemRow,
    StoryPlaceRow,
    StoryRow,
    TagRow,
)
from waspada.stories.fingerprint import bands, shingles
from waspada.stories.groups import group_bits
from waspada.stories.headlines import note_headline
from waspada.stories.policy import EVENT_WINDOW
from waspada.stories.terms import most_alike, pack, terms, unpack
from waspada.stories.types import Candidate, Fingerprint, Join
from waspada.taxonomy import EVENT_LABELS, ItemKind, Label

#: At most so many recent stories of a place, and members of them, are looked at for an item: the cost stays flat.
MAX_STORIES = 80
MAX_MEMBERS = 300
#: An item without a date has no window: so many of the newest stories stand for it, wherever they are.
MAX_STORIES_UNDATED = 300
#: So many of these, the most alike in rare words, are compared in full.
MAX_COMPARED = 12
#: So many items that share bands, the most bands first, are compared word for word.
MAX_COPIES = 5


def to_group(session: Session, limit: int, now: datetime) -> list[int]:
    """Ids of tagged items that have no story yet or came in a new version, news first, in the order they happened."""
    rows = session.execute(
        select(ItemRow.id, ItemRow.published_at, ItemRow.found_at)
        .where(ItemRow.stage == Stage.TAGGED)
        .order_by(*news_first(now))
        .limit(limit)
    )
    return [id_ for id_, _, _ in sorted(rows, key=lambda row: (row[1] or row[2], row[0]))]


def still_to_group(session: Session, item_ids: Sequence[int]) -> list[int]:
    """Those of the items that still wait, in their order, locked until the transaction ends: an edit then comes after.

    Items that another worker holds are left to it (PostgreSQL; SQLite has one writer at a time).
    """
    query = select(ItemRow.id).where(ItemRow.id.in_(item_ids), ItemRow.stage == Stage.TAGGED)
    locked = set(session.scalars(query.with_for_update(skip_locked=True)))
    return [item_id for item_id in item_ids if item_id in locked]


def fingerprints(session: Session, item_ids: Iterable[int]) -> dict[int, Fingerprint]:
    """The fingerprint of the current, tagged version of each item, from its text; items without tags are left out."""
    ids = list(item_ids)
    if not ids:
        return {}
    rows = session.execute(
        select(ItemRow, ItemVersionRow.title, ItemVersionRow.text, TagRow.labels, SourceRow.region)
        .join(ItemVersionRow, (ItemVersionRow.item_id == ItemRow.id) & (ItemVersionRow.version == ItemRow.version))
        .join(TagRow, (TagRow.item_id == ItemRow.id) & (TagRow.version == ItemRow.version))
        .join(SourceRow, SourceRow.id == ItemRow.source_id)
        .where(ItemRow.id.in_(ids))
        .order_by(ItemRow.id, TagRow.tagged_at)
    ).all()
    places = places_of(session, ids)
    return {
        item.id: Fingerprint(
            item_id=item.id,
            kind=ItemKind(item.kind),
            at=item.published_at,
            shingles=shingles(title, text),
            terms=terms(title, text),
            regions=event or ((home,) if home else ()),
            labels=frozenset(label for label in EVENT_LABELS if labels[label]["on"]),
            is_placed=bool(event),
        )
        for item, title, text, labels, home in rows
        for event in (regions_of(places[item.id], title, text, home),)
    }


def _likest(session: Session, item: Fingerprint, stories: Sequence[int]) -> dict[int, tuple[int, Fingerprint]]:
    """The members of these stories whose rare words are most like the item's: item id -> (story id, fingerprint)."""
    rows = session.execute(
        select(
            StoryItemRow.story_id,
            FingerprintRow.item_id,
            FingerprintRow.terms,
            FingerprintRow.regions,
            FingerprintRow.labels,
            ItemRow.kind,
            ItemRow.published_at,
        )
        .join(FingerprintRow, FingerprintRow.item_id == StoryItemRow.item_id)
        .join(ItemRow, ItemRow.id == StoryItemRow.item_id)
        .where(StoryItemRow.story_id.in_(stories), StoryItemRow.item_id != item.item_id)
        .order_by(StoryItemRow.item_id.desc())
        .limit(MAX_MEMBERS)
    ).all()
    near = most_alike(item.terms, [row.terms for row in rows], MAX_COMPARED)
    return {
        row.item_id: (
            row.story_id,
            Fingerprint(
                item_id=row.item_id,
                kind=ItemKind(row.kind),
                at=row.published_at,
                shingles=frozenset(),
                terms=unpack(row.terms),
                regions=tuple(row.regions),
                labels=frozenset(Label(label) for label in row.labels),
            ),
        )
        for row in (rows[n] for n in near)
    }


def regions_of(places: Sequence[PlaceRow], title: str, text: str, home: str | None) -> tuple[str, ...]:
    """Codes of where an item happened: desa or kecamatan where it tells, then the kabupaten/kota (or the province).

    Others where as much happened follow. Empty where the text names no place, or none as that of its event.
    """
    mentions = [PlaceMention(p.code, p.name, PlaceLevel(p.level), p.mention, p.field, p.start, p.end) for p in places]
    found = event_place(mentions, title, text, home)
    if found.code is None:
        return ()
    way = [found.code[:length] for length in (13, 8, 5) if len(found.code) >= length] or [found.code]
    return tuple(dict.fromkeys((*way, *found.also)))


def candidates(session: Session, item: Fingerprint) -> list[Candidate]:
    """Members of the stories that `item` may belong to: sharing bands, or alike within region and window."""
    near = _likest(session, item, _stories_nearby(session, item))
    copies = _copies(session, item)
    story_of = {item_id: story for item_id, (story, _) in near.items()} | copies
    found = {item_id: fingerprint for item_id, (_, fingerprint) in near.items()} | fingerprints(session, copies)
    return [Candidate(story_of[item_id], fingerprint) for item_id, fingerprint in sorted(found.items())]


def _copies(session: Session, item: Fingerprint) -> dict[int, int]:
    """Item id -> story id of the grouped items that share most bands with the item."""
    sharing = (
        select(BandRow.item_id)
        .where(BandRow.value.in_(bands(item.shingles)), BandRow.item_id != item.item_id)
        .group_by(BandRow.item_id)
        .order_by(func.count().desc(), BandRow.item_id)
        .limit(MAX_COPIES)
    )
    rows = session.execute(select(StoryItemRow.item_id, StoryItemRow.story_id).where(StoryItemRow.item_id.in_(sharing)))
    return {row.item_id: row.story_id for row in rows}


def _stories_nearby(session: Session, item: Fingerprint) -> list[int]:
    """The newest stories of the item's own regions, then those of their provinces."""
    if item.at is None:
        return list(session.scalars(select(StoryRow.id).order_by(StoryRow.id.desc()).limit(MAX_STORIES_UNDATED)))
    query = (
        select(StoryPlaceRow.story_id)
        .where(StoryPlaceRow.last_item_at.between(item.at - EVENT_WINDOW, item.at + EVENT_WINDOW))
        .order_by(StoryPlaceRow.last_item_at.desc())
        .limit(MAX_STORIES)
    )
    own = session.scalars(query.where(StoryPlaceRow.code.in_(item.regions)))
    around = session.scalars(query.where(StoryPlaceRow.code.in_(_with_regions_above(item.regions))))
    return list(dict.fromkeys((*own, *around)))


def _with_regions_above(regions: Iterable[str]) -> set[str]:
    """The regions and all that they lie in: an item that names only the province finds the kecamatan's story."""
    return {region[:length] for region in regions for length in (2, 5, 8, 13) if length <= len(region)}


def story_of(session: Session, item_id: int) -> int | None:
    return session.scalar(select(StoryItemRow.story_id).where(StoryItemRow.item_id == item_id))


def save(session: Session, item: Fingerprint, join: Join, now: datetime) -> int:
    """Puts the item into its story (a new one where `join.story_id` is None); returns the story's id."""
    row = session.get_one(ItemRow, item.item_id)
    story = _open_story(session, join.story_id) if join.story_id is not None else None
    if story is None:
        headline = "" if row.kind == ItemKind.POST else row.title  # nobody's post is a headline
        story = StoryRow(opened_at=now, last_item_at=row.at, headline=headline, stale=True)
        session.add(story)
        session.flush()
    story.last_item_at = max(story.last_item_at, row.at)
    session.add(StoryItemRow(item_id=item.item_id, story_id=story.id, how=join.how, likeness=join.likeness, at=now))
    refresh(session, item, story.id)
    if join.story_id is None:
        note_headline(session, story, now)
    return story.id


def refresh(session: Session, item: Fingerprint, story_id: int) -> None:
    """Notes the fingerprint of an item (again, after an edit) and that its story must be ranked anew."""
    session.merge(
        FingerprintRow(
            item_id=item.item_id, terms=pack(item.terms), regions=list(item.regions), labels=sorted(item.labels)
        )
    )
    session.execute(delete(BandRow).where(BandRow.item_id == item.item_id))
    session.add_all(BandRow(value=value, item_id=item.item_id) for value in set(bands(item.shingles)))
    row = session.get_one(ItemRow, item.item_id)
    for code in sorted(_with_regions_above(item.regions)):
        place = session.get(StoryPlaceRow, (code, story_id))
        if place is None:
            place = _new_place(code, story_id, row.at)
            session.add(place)
        _count_in(place, row.at, item.labels)
    row.stage = Stage.GROUPED
    session.execute(update(StoryRow).where(StoryRow.id == story_id).values(stale=True, to_repair=True))
    session.flush()


def _open_story(session: Session, story_id: int) -> StoryRow | None:
    """The story, locked; where it was merged meanwhile, the one that took its items."""
    story = session.get(StoryRow, story_id, with_for_update=True, populate_existing=True)
    while story is not None and story.merged_into is not None:
        story = session.get(StoryRow, story.merged_into, with_for_update=True, populate_existing=True)
    return story


def rebuild_places(session: Session, story_id: int) -> None:
    """Makes the places of a story those of the items that it has now."""
    session.execute(delete(StoryPlaceRow).where(StoryPlaceRow.story_id == story_id))
    rows = session.execute(
        select(FingerprintRow.regions, FingerprintRow.labels, ItemRow)
        .join(StoryItemRow, StoryItemRow.item_id == FingerprintRow.item_id)
        .join(ItemRow, ItemRow.id == FingerprintRow.item_id)
        .where(StoryItemRow.story_id == story_id)
    ).all()
    places: dict[str, StoryPlaceRow] = {}
    for regions, labels, item in rows:
        for code in sorted(_with_regions_above(regions)):
            if code not in places:
                places[code] = _new_place(code, story_id, item.at)
            _count_in(places[code], item.at, map(Label, labels))
    session.add_all(places.values())
    session.flush()


def _new_place(code: str, story_id: int, at: datetime) -> StoryPlaceRow:
    return StoryPlaceRow(
        code=code, story_id=story_id, first_item_at=at, last_item_at=at, eventful=False, label_groups=0
    )


def _count_in(place: StoryPlaceRow, at: datetime, labels: Iterable[Label]) -> None:
    bits = group_bits(labels)
    place.last_item_at = max(place.last_item_at, at)
    place.first_item_at = min(place.first_item_at or at, at)
    place.label_groups |= bits
    place.eventful = place.eventful or bool(bits)
