"""SQL about stories: fingerprints, candidates, membership."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import CompoundSelect, bindparam, delete, func, select, union_all, update
from sqlalchemy.orm import Session, aliased

from waspada.items.repository import news_first, places_of
from waspada.items.standing import embedded_by, last_is_read, stands
from waspada.items.types import Stage
from waspada.places import event_place
from waspada.places.types import PlaceLevel, PlaceMention
from waspada.store.tables import (
    BandRow,
    FieldReportRow,
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
from waspada.stories.facts import facts_of, pack_facts, unpack_facts
from waspada.stories.fingerprint import bands, jaccard, shingles
from waspada.stories.groups import group_bits
from waspada.stories.headlines import note_headline
from waspada.stories.keys import keys_of, keys_to_look_up
from waspada.stories.policy import EVENT_WINDOW
from waspada.stories.terms import cosine, most_alike, pack, terms, unpack
from waspada.stories.types import Candidate, Fingerprint, Join
from waspada.taxonomy import EVENT_LABELS, ItemKind, Label, embedding_of

#: At most so many recent stories of a place, and members of each, are looked at for an item: the cost stays flat.
MAX_STORIES = 80
MAX_MEMBERS = 8
#: An item without a date has no window: so many of the newest stories stand for it, wherever they are.
MAX_STORIES_UNDATED = 300
#: So many of the newest items that share a rare term or a band are looked at: a word or a line that thousands share
#: finds no event and no copy.
MAX_SHARING = 40
#: Of the members of stories nearby the newest so many, and of those that share rare terms the so many that share most,
#: are compared in their words; ...
MAX_LOOKED_AT = 300
#: ... and so many of these, the most alike, in full.
MAX_COMPARED = 40
#: The stories near another are found by so many of its newest items.
NEAR_MEMBERS = 5
#: Rows of a story's items that are fetched at once.
_ROWS_AT_ONCE = 100
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
        select(
            ItemRow,
            ItemVersionRow.title,
            ItemVersionRow.text,
            TagRow.labels,
            TagRow.model,
            TagRow.embedding,
            SourceRow.region,
            FieldReportRow.place,
        )
        .outerjoin(FieldReportRow, FieldReportRow.item_id == ItemRow.id)
        .join(ItemVersionRow, (ItemVersionRow.item_id == ItemRow.id) & (ItemVersionRow.version == ItemRow.version))
        .join(TagRow, (TagRow.item_id == ItemRow.id) & (TagRow.version == ItemRow.version) & stands())
        .join(SourceRow, SourceRow.id == ItemRow.source_id)
        .where(ItemRow.id.in_(ids))
        .order_by(ItemRow.id, *last_is_read())
    ).all()
    places = places_of(session, ids)
    return {
        row.ItemRow.id: Fingerprint(
            item_id=row.ItemRow.id,
            kind=ItemKind(row.ItemRow.kind),
            at=row.ItemRow.published_at,
            shingles=shingles(row.title, row.text),
            terms=terms(row.title, row.text),
            regions=event or ((row.region,) if row.region else ()),
            labels=frozenset(label for label in EVENT_LABELS if row.labels[label]["on"]),
            is_placed=bool(event),
            outlet=row.ItemRow.outlet,
            facts=facts_of(row.title, row.text),
            dense=unit_vector(row.embedding),
            model=embedding_of(row.model),
        )
        for row in rows
        for event in (
            _way(row.place) if row.place else regions_of(places[row.ItemRow.id], row.title, row.text, row.region),
        )
    }


def unit_vector(embedding: NDArray[np.float32] | None) -> NDArray[np.float32] | None:
    """The embedding with norm 1; None for one that says nothing: zero, or with a value that is no number."""
    if embedding is None or not embedding.size:
        return None
    norm = float(np.linalg.norm(embedding))
    return np.asarray(embedding / norm, dtype=np.float32) if np.isfinite(norm) and norm > 0 else None


def _likest(session: Session, item: Fingerprint, item_ids: Iterable[int]) -> dict[int, tuple[int, Fingerprint]]:
    """Those of the items whose rare words are most like the item's: item id -> (story id, fingerprint)."""
    ids = sorted(set(item_ids) - {item.item_id}, reverse=True)
    packed = session.execute(
        select(FingerprintRow.item_id, FingerprintRow.terms).where(FingerprintRow.item_id.in_(ids))
    ).all()
    newest_first = sorted(packed, key=lambda row: -row.item_id)
    best = most_alike(item.terms, [row.terms for row in newest_first], MAX_COMPARED)
    return _stored(session, [newest_first[n].item_id for n in best], item.model)


def _stored(session: Session, ids: Sequence[int], model: str) -> dict[int, tuple[int, Fingerprint]]:
    """Fingerprints of grouped items as they are kept, without shingles: item id -> (story id, fingerprint).

    The embedding is that of `model` where there is one.
    """
    if not ids:
        return {}
    rows = session.execute(
        select(
            StoryItemRow.story_id,
            FingerprintRow,
            ItemRow.kind,
            ItemRow.published_at,
            ItemRow.outlet,
            TagRow.model,
            TagRow.embedding,
        )
        .join(FingerprintRow, FingerprintRow.item_id == StoryItemRow.item_id)
        .join(ItemRow, ItemRow.id == StoryItemRow.item_id)
        .outerjoin(TagRow, (TagRow.item_id == ItemRow.id) & (TagRow.version == ItemRow.version))
        .where(StoryItemRow.item_id.in_(ids))
        .order_by(StoryItemRow.item_id, embedded_by(model), TagRow.tagged_at)
    ).all()
    return {
        row.FingerprintRow.item_id: (
            row.story_id,
            Fingerprint(
                item_id=row.FingerprintRow.item_id,
                kind=ItemKind(row.kind),
                at=row.published_at,
                shingles=frozenset(),
                terms=unpack(row.FingerprintRow.terms),
                regions=tuple(row.FingerprintRow.regions),
                labels=frozenset(Label(label) for label in row.FingerprintRow.labels),
                is_placed=row.FingerprintRow.is_placed,
                outlet=row.outlet,
                facts=unpack_facts(row.FingerprintRow.facts),
                dense=unit_vector(row.embedding),
                model=embedding_of(row.model or ""),
            ),
        )
        for row in rows
    }


def regions_of(places: Sequence[PlaceRow], title: str, text: str, home: str | None) -> tuple[str, ...]:
    """Codes of where an item happened: desa or kecamatan where it tells, then the kabupaten/kota (or the province).

    Others where as much happened follow. Empty where the text names no place, or none as that of its event.
    """
    mentions = [PlaceMention(p.code, p.name, PlaceLevel(p.level), p.mention, p.field, p.start, p.end) for p in places]
    found = event_place(mentions, title, text, home)
    if found.code is None:
        return ()
    return tuple(dict.fromkeys((*_way(found.code), *found.also)))


def _way(code: str) -> tuple[str, ...]:
    """The region, then those above it up to the kabupaten/kota. Of a field report, whose reporter names its place."""
    return tuple(code[:length] for length in (13, 8, 5) if len(code) >= length) or (code,)


def candidates(session: Session, item: Fingerprint) -> list[Candidate]:
    """Members of the stories that `item` may belong to: sharing bands, or a region or rare terms within the window."""
    members = sorted(_members(session, _stories_nearby(session, item)), reverse=True)
    sharing = _most_sharing(session, keys_to_look_up(item), MAX_LOOKED_AT)
    near = _likest(session, item, [*members[:MAX_LOOKED_AT], *sharing])
    copies = _copies(session, item)
    story_of = {item_id: story for item_id, (story, _) in near.items()} | copies
    found = {item_id: fingerprint for item_id, (_, fingerprint) in near.items()} | fingerprints(session, copies)
    return [Candidate(story_of[item_id], fingerprint) for item_id, fingerprint in sorted(found.items())]


def near_stories(
    session: Session, story_id: int, are_near: Callable[[Fingerprint, Fingerprint], bool] = lambda _a, _b: True
) -> list[int]:
    """Other stories that the newest items of a story may belong to, the likest in words first.

    `are_near` says whether two items count; a story is found by one pair.
    """
    best: dict[int, float] = {}
    for item in fingerprints(session, newest_items(session, story_id, NEAR_MEMBERS)).values():
        for candidate in candidates(session, item):
            other = candidate.fingerprint
            if candidate.story_id == story_id or not are_near(item, other):
                continue
            likeness = max(cosine(item.terms, other.terms), jaccard(item.shingles, other.shingles))
            best[candidate.story_id] = max(best.get(candidate.story_id, 0.0), likeness)
    return sorted(best, key=lambda id_: (-best[id_], id_))


def newest_items(session: Session, story_id: int, limit: int) -> Sequence[int]:
    """Ids of the newest items of a story, newest first."""
    query = select(StoryItemRow.item_id).where(StoryItemRow.story_id == story_id)
    return session.scalars(query.order_by(StoryItemRow.item_id.desc()).limit(limit)).all()


def _copies(session: Session, item: Fingerprint) -> dict[int, int]:
    """Item id -> story id of the grouped items that share most bands with the item."""
    most = _most_sharing(session, bands(item.shingles), MAX_COPIES + 1)
    found = select(StoryItemRow.item_id, StoryItemRow.story_id).where(StoryItemRow.item_id.in_(most))
    story_of = {row.item_id: row.story_id for row in session.execute(found)}
    return {item_id: story_of[item_id] for item_id in most if item_id in story_of and item_id != item.item_id}


def copies_in(session: Session, story_id: int, item: Fingerprint, limit: int) -> Sequence[int]:
    """Ids of the items of a story that share most bands with the item."""
    keys = bands(item.shingles)
    if not keys:
        return []
    sharing = _newest_of(len(keys), MAX_LOOKED_AT).subquery()
    query = (
        select(sharing.c.item_id)
        .join(StoryItemRow, StoryItemRow.item_id == sharing.c.item_id)
        .where(StoryItemRow.story_id == story_id)
        .group_by(sharing.c.item_id)
        .order_by(func.count().desc(), sharing.c.item_id)
        .limit(limit)
    )
    return session.scalars(query, {f"key{n}": key for n, key in enumerate(keys)}).all()


def _most_sharing(session: Session, keys: Sequence[int], count: int) -> list[int]:
    """So many of the newest items that hold one of the keys, those with most of them first, then the oldest."""
    if not keys:
        return []
    found = Counter(session.scalars(_newest_of(len(keys), MAX_SHARING), {f"key{n}": key for n, key in enumerate(keys)}))
    return sorted(found, key=lambda item_id: (-found[item_id], item_id))[:count]


@lru_cache(maxsize=64)
def _newest_of(count: int, limit: int) -> CompoundSelect[int]:
    """One look-up a key, each with its own limit: a key that thousands hold costs no more than another."""
    one = (
        select(BandRow.item_id)
        .where(BandRow.value == bindparam(f"key{n}"))
        .order_by(BandRow.item_id.desc())
        .limit(limit)
        .subquery()
        for n in range(count)
    )
    return union_all(*(select(each.c.item_id) for each in one))


def _stories_nearby(session: Session, item: Fingerprint) -> list[int]:
    """The newest stories of the item's own regions, then those of their provinces."""
    if item.at is None:
        return list(session.scalars(select(StoryRow.id).order_by(StoryRow.id.desc()).limit(MAX_STORIES_UNDATED)))
    around = [code for code in sorted(_with_regions_above(item.regions)) if code not in item.regions]
    window = {"first": item.at - EVENT_WINDOW, "last": item.at + EVENT_WINDOW}
    found: list[int] = []
    for codes in (list(item.regions), around):
        if codes:
            named = {f"code{n}": code for n, code in enumerate(codes)}
            rows = sorted(session.execute(_newest_in(len(codes)), named | window), key=lambda row: row[1], reverse=True)
            found += [story for story, _ in rows[:MAX_STORIES]]
    return list(dict.fromkeys(found))


@lru_cache(maxsize=64)
def _newest_in(count: int) -> CompoundSelect[int, datetime]:
    """The newest stories of each of so many regions, within the window `first` to `last`."""
    one = (
        select(StoryPlaceRow.story_id, StoryPlaceRow.last_item_at)
        .where(
            StoryPlaceRow.code == bindparam(f"code{n}"),
            StoryPlaceRow.last_item_at.between(bindparam("first"), bindparam("last")),
        )
        .order_by(StoryPlaceRow.last_item_at.desc())
        .limit(MAX_STORIES)
        .subquery()
        for n in range(count)
    )
    return union_all(*(select(each.c.story_id, each.c.last_item_at) for each in one))


def _members(session: Session, stories: Sequence[int]) -> list[int]:
    """The newest `MAX_MEMBERS` items of each story; a story of thousands costs no more than another."""
    if not stories:
        return []
    inner = aliased(StoryItemRow)
    oldest = (
        select(inner.item_id)
        .where(inner.story_id == StoryRow.id)
        .order_by(inner.item_id.desc())
        .offset(MAX_MEMBERS - 1)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(StoryItemRow.item_id)
        .join(StoryRow, StoryRow.id == StoryItemRow.story_id)
        .where(StoryRow.id.in_(stories), StoryItemRow.item_id >= func.coalesce(oldest, 0))
    )
    return list(session.scalars(query))


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
        headline = row.title if row.kind == ItemKind.ARTICLE else ""  # nobody's post is a headline
        story = StoryRow(opened_at=now, last_item_at=row.at, headline=headline, stale=True)
        session.add(story)
        session.flush()
    story.last_item_at = max(story.last_item_at, row.at)
    session.add(StoryItemRow(item_id=item.item_id, story_id=story.id, how=join.how, likeness=join.likeness, at=now))
    _keep(session, item, story.id)
    if join.story_id is None:
        note_headline(session, story, now)
    return story.id


def refresh(session: Session, item: Fingerprint, story_id: int) -> None:
    """Notes the fingerprint of an item again, after an edit, and that its story must be ranked anew.

    Where an edit took a place or a label away the story loses it too, unless another item has it.
    """
    story = _open_story(session, story_id)
    _keep(session, item, story_id if story is None else story.id)


def _keep(session: Session, item: Fingerprint, story_id: int) -> None:
    """Keeps the fingerprint of an item. Its story must be locked: two who count its places would write one twice."""
    before = session.get(FingerprintRow, item.item_id)
    regions, labels = (before.regions, before.labels) if before is not None else ((), ())
    around = _with_regions_above(item.regions)
    has_left = not _with_regions_above(regions) <= around
    lost_bits = group_bits(map(Label, labels)) & ~group_bits(item.labels)
    session.merge(
        FingerprintRow(
            item_id=item.item_id,
            terms=pack(item.terms),
            regions=list(item.regions),
            labels=sorted(item.labels),
            is_placed=item.is_placed,
            facts=pack_facts(item.facts),
        )
    )
    session.execute(delete(BandRow).where(BandRow.item_id == item.item_id))
    keys = {*bands(item.shingles), *keys_of(item)}
    session.add_all(BandRow(value=value, item_id=item.item_id) for value in keys)
    row = session.get_one(ItemRow, item.item_id)
    session.flush()
    if has_left:
        rebuild_places(session, story_id)
    else:
        _add_places(session, row, item, story_id)
        if lost_bits:
            _recount_labels(session, story_id, around)
    row.stage = Stage.GROUPED
    session.execute(update(StoryRow).where(StoryRow.id == story_id).values(stale=True, to_repair=True))
    session.flush()


def _add_places(session: Session, row: ItemRow, item: Fingerprint, story_id: int) -> None:
    for code in sorted(_with_regions_above(item.regions)):
        place = session.get(StoryPlaceRow, (code, story_id))
        if place is None:
            place = _new_place(code, story_id, row.at)
            session.add(place)
        _count_in(place, row.at, _counted(item.kind, item.labels))


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
            _count_in(places[code], item.at, _counted(item.kind, map(Label, labels)))
    session.add_all(places.values())
    session.flush()


def _recount_labels(session: Session, story_id: int, codes: set[str]) -> None:
    """Counts anew which labels the items of a story have in these places.

    The newest items come first, and no more are read than it takes to find all that were known.
    """
    session.flush()
    query = select(StoryPlaceRow).where(StoryPlaceRow.story_id == story_id, StoryPlaceRow.code.in_(codes))
    places = {place.code: place for place in session.scalars(query)}
    found = dict.fromkeys(places, 0)
    rows = session.execute(
        select(FingerprintRow.regions, FingerprintRow.labels, ItemRow.kind)
        .join(StoryItemRow, StoryItemRow.item_id == FingerprintRow.item_id)
        .join(ItemRow, ItemRow.id == FingerprintRow.item_id)
        .where(StoryItemRow.story_id == story_id)
        .order_by(FingerprintRow.item_id.desc())
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    for regions, labels, kind in rows:
        bits = group_bits(_counted(kind, map(Label, labels)))
        for code in _with_regions_above(regions) & found.keys():
            found[code] |= bits
        if all(found[code] == place.label_groups for code, place in places.items()):
            break
    rows.close()
    for code, place in places.items():
        place.label_groups, place.eventful = found[code], bool(found[code])


def _new_place(code: str, story_id: int, at: datetime) -> StoryPlaceRow:
    return StoryPlaceRow(
        code=code, story_id=story_id, first_item_at=at, last_item_at=at, eventful=False, label_groups=0
    )


def _counted(kind: str, labels: Iterable[Label]) -> Iterable[Label]:
    """What of an item's labels a region's volume counts: field reports make no region look busier than its news."""
    return () if kind == ItemKind.REPORT else labels


def _count_in(place: StoryPlaceRow, at: datetime, labels: Iterable[Label]) -> None:
    bits = group_bits(labels)
    place.last_item_at = max(place.last_item_at, at)
    place.first_item_at = min(place.first_item_at or at, at)
    place.label_groups |= bits
    place.eventful = place.eventful or bool(bits)
