"""Retention, enforced: posts go after 90 days, texts of articles after two years, keys with their period."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, inspect, literal_column, select, table, text, update
from sqlalchemy.orm import Session

from tests.jobs.tiny import TinyTagger, add_sources, campaign
from tests.rows import NOW, add_source
from waspada.access import Role, Scope, add_user, issue_token, list_tokens, revoke_token
from waspada.access.service import start_session
from waspada.access.throttle import Throttle, by_address
from waspada.items.policy import title_key, url_key
from waspada.items.repository import reject
from waspada.items.service import store_item
from waspada.items.types import FoundItem
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.purge import Purged, old_posts, purge
from waspada.jobs.rank import RankingData
from waspada.notify.messages import Channel, Message
from waspada.notify.outbox import put
from waspada.privacy.retention import (
    ARTICLE_TEXT_RETENTION,
    DELIVERY_RETENTION,
    POST_RETENTION,
    REJECT_RETENTION,
    SIGN_IN_RETENTION,
    TOKEN_RETENTION,
)
from waspada.settings import load_settings
from waspada.sources import repository as sources
from waspada.sources.types import Announcement, PollOutcome, SourceState
from waspada.store import Store
from waspada.store.tables import (
    DeliveryRow,
    FactCheckRow,
    ItemRow,
    ItemVersionRow,
    PageRow,
    PseudonymKeyRow,
    RejectRow,
    StoryItemRow,
    TagRow,
)
from waspada.taxonomy import Evidence, ItemKind, ItemText, Label, Tags, TextField

#: Words that stand in the texts of a post, in the text of an article, and in its title.
POST, TEXT, TITLE = "tandakiriman", "tandanaskah", "tandajudul"
ITEMS = 28


def _filled(store: Store) -> None:
    with store.write() as session:
        add_sources(session)
        for one in campaign(ITEMS):
            store_item(session, one, NOW)
    run_waiting(store, TinyTagger(), RankingData.load(load_settings()), lambda: NOW)


def test_nothing_goes_before_its_time(store: Store) -> None:
    _filled(store)
    done = purge(store, NOW + POST_RETENTION - timedelta(seconds=1))
    assert (done.posts, done.article_texts) == (0, 0)


def test_posts_go_with_everything_that_belongs_to_them(store: Store) -> None:
    _filled(store)
    later = NOW + POST_RETENTION + timedelta(seconds=1)
    assert purge(store, later).posts == 4
    with store.read() as session:
        left = session.scalars(select(ItemRow.id)).all()
        assert session.scalar(select(func.count()).select_from(ItemRow).where(ItemRow.kind == "post")) == 0
        for column in (ItemVersionRow.item_id, TagRow.item_id, StoryItemRow.item_id):
            assert sorted(session.scalars(select(column))) == sorted(left)
    assert purge(store, later).posts == 0
    run_waiting(store, TinyTagger(), RankingData.load(load_settings()), lambda: later)


def test_text_of_an_article_goes_and_its_title_stays(store: Store) -> None:
    _filled(store)
    later = NOW + ARTICLE_TEXT_RETENTION + timedelta(days=1)
    done = purge(store, later)
    assert done.article_texts == ITEMS - done.posts
    assert done.page_texts == done.rejects == 0
    with store.read() as session:
        rows = session.execute(select(ItemVersionRow.text, ItemVersionRow.title)).all()
    assert {text for text, _ in rows} == {""}
    assert all(title for _, title in rows)
    assert purge(store, later).article_texts == 0


def test_key_goes_with_its_period(store: Store) -> None:
    _filled(store)
    assert purge(store, NOW).pseudonym_keys == 0
    assert purge(store, NOW + timedelta(days=75)).pseudonym_keys == 1
    with store.read() as session:
        assert session.scalars(select(PseudonymKeyRow.period)).all() == []


def test_words_of_a_post_are_nowhere_after_90_days(store: Store) -> None:
    _fill_with_markers(store)
    assert {"items.title", "item_versions.text", "tags.evidence", "pages.summary"} < _columns_with(store, POST)
    assert {"fact_checks.claim", "rejects.problem"} < _columns_with(store, POST)
    later = NOW + POST_RETENTION + timedelta(seconds=1)
    purge(store, later)
    run_waiting(store, QuotingTagger(), RankingData.load(load_settings()), lambda: later)
    assert _columns_with(store, POST) == set()
    assert _columns_with(store, TEXT) >= {"item_versions.text", "tags.evidence", "fact_checks.claim", "pages.summary"}


def test_words_of_an_article_but_its_title_are_nowhere_after_two_years(store: Store) -> None:
    _fill_with_markers(store)
    later = NOW + ARTICLE_TEXT_RETENTION + timedelta(seconds=1)
    done = purge(store, later)
    run_waiting(store, QuotingTagger(), RankingData.load(load_settings()), lambda: later)
    assert _columns_with(store, TEXT) == _columns_with(store, POST) == set()
    kept = {"items.title", "item_versions.title", "fact_checks.title", "tags.evidence"}
    kept.add("item_words_data.block" if store.is_sqlite else "item_versions.words")  # titles can be searched
    assert (
        kept
        <= _columns_with(store, TITLE)
        <= kept | {"alerts.headline", "stories.headline", "story_headlines.headline"}
    )
    assert (done.article_texts, done.posts, done.page_texts) == (1, 6, 2)
    assert purge(store, later) == Purged(0, 0, 0, 0, 0)


def test_page_of_a_post_stream_never_holds_its_words(store: Store) -> None:
    """The collector saves posts with `complete`: their page rows are there to know the address again."""
    with store.write() as session:
        add_source(session, "sosial", kind="mastodon-rss", role="post")
        _announce(session, "sosial", POST, complete=True)
    assert _columns_with(store, POST) == set()
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(PageRow)) == 1


def test_what_could_not_be_handled_goes_after_90_days(store: Store) -> None:
    with store.write() as session:
        session.add(RejectRow(at=NOW, stage="rank", object="story 1", problem="x"))
        session.add(RejectRow(at=NOW + timedelta(days=1), stage="rank", object="story 2", problem="x"))
    assert purge(store, NOW + REJECT_RETENTION + timedelta(seconds=1)).rejects == 1
    with store.read() as session:
        assert session.scalars(select(RejectRow.object)).all() == ["story 2"]


def test_many_articles_are_emptied_in_batches(
    store: Store, another_store: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("waspada.jobs.purge.BATCH_ROWS", 5)
    _filled(store)
    left: list[int] = []

    @event.listens_for(store.engine, "commit")
    def count(_: Connection) -> None:
        with another_store().read() as session:
            query = select(func.count()).select_from(ItemVersionRow).where(ItemVersionRow.text != "")
            left.append(session.scalar(query) or 0)

    done = purge(store, NOW + ARTICLE_TEXT_RETENTION + timedelta(days=1))
    event.remove(store.engine, "commit", count)
    assert done.article_texts == ITEMS - done.posts == 24
    assert {24, 19, 14, 9, 4} <= set(left)  # seen from outside, a batch at a time


def _deliver(session: Session, number: int, due_at: datetime, **ended: Any) -> int:
    sent = Message(Channel.MAIL, "petugas@kesbang.example", f"notice/{number}", {"n": number}, f"notice/{number}")
    id_ = put(session, sent, now=due_at)
    assert id_ is not None
    if ended:
        session.execute(update(DeliveryRow).where(DeliveryRow.id == id_).values(**ended))
    return id_


def test_messages_go_90_days_after_they_ended(store: Store) -> None:
    old, young = NOW - DELIVERY_RETENTION - timedelta(seconds=1), NOW - DELIVERY_RETENTION + timedelta(seconds=1)
    with store.write() as session:
        for number, name in enumerate(("sent_at", "failed_at", "dropped_at")):
            _deliver(session, number, old, **{name: old})
        kept = [
            _deliver(session, number, old, **{name: young})
            for number, name in enumerate(("sent_at", "failed_at", "dropped_at", "next_try_at"), 10)
        ]
        kept.append(_deliver(session, 20, young))
        _deliver(session, 21, old)  # nobody ever sent it: no channel
    assert purge(store, NOW).deliveries == 4
    with store.read() as session:
        assert sorted(session.scalars(select(DeliveryRow.id))) == sorted(kept)
    assert purge(store, NOW).deliveries == 0


def test_old_posts_are_found_by_an_index(store: Store) -> None:
    query = str(old_posts(NOW).compile(store.engine, compile_kwargs={"literal_binds": True}))
    with store.read() as session:
        if not store.is_sqlite:
            session.execute(text("SET LOCAL enable_seqscan = off"))  # an empty table is read whole otherwise
        rows = session.execute(text(f"EXPLAIN {'QUERY PLAN' if store.is_sqlite else ''} {query}"))
        plan = " ".join(str(row) for row in rows)
    assert "ix_items_kind" in plan
    assert "kind" in plan.replace("ix_items_kind", "")
    assert "found_at" in plan


class QuotingTagger(TinyTagger):
    """Evidence is the whole text and the whole title, so that every word of an item has a copy among its tags."""

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        return [
            replace(tags, evidence=[_quote(TextField.TITLE, item.title), _quote(TextField.TEXT, item.text)])
            for item, tags in zip(items, super().classify(items), strict=True)
        ]


def _quote(field: TextField, words: str) -> Evidence:
    return Evidence(Label.CONFLICT, field, words, 0, len(words))


def _fill_with_markers(store: Store) -> None:
    """A fact-checker's article and six posts, one of them the fact-checker's own; every text holds its marker."""
    with store.write() as session:
        add_source(session, "cek", role="factcheck")
        add_source(session, "cek-sosial", kind="mastodon-rss", role="factcheck")
        add_source(session, "sosial", kind="rss", role="post", region="63")
        _announce(session, "cek", TEXT)
        _announce(session, "sosial", POST)
        for one in (_found("cek", 0, TITLE, TEXT), *(_found("sosial", n, POST, POST) for n in range(1, 6))):
            store_item(session, one, NOW)
        store_item(session, _found("cek-sosial", 6, "", POST), NOW)
    run_waiting(store, QuotingTagger(), RankingData.load(load_settings()), lambda: NOW)
    with store.write() as session:
        session.execute(update(FactCheckRow).where(FactCheckRow.item_id == 1).values(claim=f"klaim {TEXT}"))
        for item_id, marker in ((1, TEXT), (2, POST)):  # noted again long after
            reject(session, "tag", f"item {item_id}", f"ValueError: {marker}", NOW + timedelta(days=60))


def _found(source: str, number: int, title: str, words: str) -> FoundItem:
    url = f"https://{source}.example/{number}"
    kind = ItemKind.ARTICLE if source == "cek" else ItemKind.POST
    return FoundItem(
        source_id=source,
        kind=kind,
        outlet=source,
        url=url,
        url_key=url_key(url),
        title=f"{title} ke-{number}" if title else "",
        text=f"{words} ke-{number}: pendukung bentrok di Martapura, {number * 7} saksi dicatat oleh petugas jaga.",
        published_at=NOW - timedelta(hours=1),
        handle=f"@warga{number}@sosial.example" if kind is ItemKind.POST else None,
    )


def _announce(session: Session, source_id: str, marker: str, *, complete: bool = False) -> None:
    source = next(one for one in sources.enabled_sources(session) if one.id == source_id)
    url = f"https://{source_id}.example/{'page' if not complete else 'post'}"
    entry = Announcement(url, url_key(url), f"{marker} judul", title_key(marker), summary=f"{marker} ringkasan")
    outcome = PollOutcome(SourceState.OK, entries=1)
    sources.save_poll(session, source_id, source.poll, outcome, [entry], NOW, complete=complete)


def _columns_with(store: Store, marker: str) -> set[str]:
    """Every column of every table of the database, those that the product does not know of included."""
    found = set()
    with store.engine.connect() as connection:
        for name in inspect(connection).get_table_names():
            for row in connection.execute(select(literal_column("*")).select_from(table(name))).mappings():
                found |= {f"{name}.{column}" for column, value in row.items() if marker in _readable(value)}
    return found


def _readable(value: object) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)


def test_traces_of_signing_in_go_with_their_time(store: Store) -> None:
    """Failed tries after a day; tokens, sessions and links 90 days after their end, and none that is still good."""
    throttle = Throttle(store, b"k" * 32)
    throttle.enter([by_address("203.0.113.7")], NOW)
    throttle.enter([by_address("203.0.113.8")], NOW + timedelta(hours=12))
    with store.write() as session:
        id_ = add_user(session, "liaison-1", Role.LIAISON, None, actor="test", now=NOW).user.id
        kept = issue_token(session, "liaison-1", "no end", Scope.READ, now=NOW, lifetime=None).token.id
        issue_token(session, "liaison-1", "a day", Scope.READ, now=NOW, lifetime=timedelta(days=1))
        ended = issue_token(session, "liaison-1", "ended", Scope.READ, now=NOW, lifetime=None).token.id
        revoke_token(session, ended, actor="test", now=NOW)
        start_session(session, id_, "password", NOW, "Firefox, Linux")
    assert purge(store, NOW + SIGN_IN_RETENTION + timedelta(seconds=1)).sign_ins == 1
    assert purge(store, NOW + timedelta(days=2)).sign_ins == 1
    assert purge(store, NOW + TOKEN_RETENTION + timedelta(seconds=1)).sign_ins == 1  # the one that was ended at once
    assert purge(store, NOW + TOKEN_RETENTION + timedelta(days=1, seconds=1)).sign_ins == 2
    with store.read() as session:
        assert [token.id for token in list_tokens(session)] == [kept]
