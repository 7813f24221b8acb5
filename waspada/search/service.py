"""Searching the texts of items for words.

A search is made once, by somebody who may, for a purpose; nothing keeps it (design, rule 9). It finds no person: a
query that names one is refused, and whatever the index says, only what stands in the masked text is a hit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from waspada.alerts import items
from waspada.alerts.exits import masked
from waspada.alerts.types import ItemView
from waspada.search import repository
from waspada.search.query import fits, marked, parse
from waspada.search.types import Found, Group, Hit, PersonSearchError, Query, SearchOrder
from waspada.topics.names import named_person, names_account

HITS_A_PAGE = 20
MOST_HITS = 50
#: So many items with the words are looked at for one page. More means that masks hide nearly all of them.
_LOOKED_AT = 150
_BATCH = 30


def read_query(given: str) -> Query:
    """Raises InputError for what is no query, PersonSearchError for one that names somebody."""
    query = parse(given)
    if names_account(given):
        raise PersonSearchError("")
    said = [" ".join(term.words) for term in (*query.terms, *query.without)]
    for text in (" ".join(said), *(one for one in said if " " in one)):
        words = named_person(text)
        if words:
            raise PersonSearchError(words)
    return query


def search(
    session: Session,
    query: Query,
    *,
    order: SearchOrder = SearchOrder.NEWEST,
    within: str | None = None,
    after: int | None = None,
    limit: int = HITS_A_PAGE,
) -> Found:
    """A page of items that have the words, in groups by story, the story of the first hit first.

    `after` is `next` of the page before. Nothing is said of items whose words all stand behind masks: a page that
    would show none of them is the last.
    """
    hits, place, is_over = list[Hit](), after, False
    looked = 0
    while len(hits) < limit and looked < _LOOKED_AT and not is_over:
        batch = _batch(session, query, order, within, place, min(_BATCH, limit))
        views = items.by_ids(session, [id_ for id_, _ in batch])
        for id_, position in batch:
            looked, place = looked + 1, position
            if id_ in views and (hit := _hit(query, views[id_])) is not None:
                hits.append(hit)
            if len(hits) == limit:
                break
        else:
            is_over = len(batch) < min(_BATCH, limit)
    return Found(list(_groups(session, hits, within)), None if is_over or not hits else place)


def _batch(
    session: Session, query: Query, order: SearchOrder, within: str | None, after: int | None, limit: int
) -> list[tuple[int, int]]:
    """(item, where to go on after it)."""
    if order is SearchOrder.NEWEST:
        found = repository.candidates(session, query, within=within, before_id=after, limit=limit)
        return [(id_, id_) for id_ in found]
    start = after or 0
    ranked = repository.best(session, query, within=within)[start : start + limit]
    return [(id_, start + number) for number, id_ in enumerate(ranked, 1)]


def _hit(query: Query, view: ItemView) -> Hit | None:
    title, text = masked(view.title), masked(view.text)
    return Hit(view, marked(query, title), marked(query, text)) if fits(query, title, text) else None


def _groups(session: Session, hits: Sequence[Hit], within: str | None) -> Iterator[Group]:
    stories = repository.stories_of(session, [hit.item.id for hit in hits])
    alerts = repository.alerts_of(session, sorted(set(stories.values())), within=within)
    grouped: dict[int, list[Hit]] = {}
    for hit in hits:
        grouped.setdefault(stories.get(hit.item.id, -hit.item.id), []).append(hit)
    for key, members in grouped.items():
        story = key if key > 0 else None
        yield Group(story, alerts.get(key), members)
