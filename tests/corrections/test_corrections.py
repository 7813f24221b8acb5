"""Requests from outside: recorded, decided by one person once, and what is granted is gone everywhere and for good."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.jobs.test_purge import QuotingTagger, _columns_with
from tests.rows import NOW, add_source
from waspada.alerts.types import ERASED as NO_HEADLINE
from waspada.archive.repository import note_page
from waspada.archive.types import KeptBody, RawPage
from waspada.audit.service import AuditLog
from waspada.audit.types import AuditAction
from waspada.corrections import repository, service
from waspada.corrections.types import Effect, RequestKind, RequestState, StaleRequestError
from waspada.digests.rendering import rendered
from waspada.digests.service import of_day
from waspada.digests.types import Wanted
from waspada.errors import InputError, NotFoundError
from waspada.items.policy import title_key, url_key
from waspada.items.repository import reject
from waspada.items.service import store_item
from waspada.items.types import FoundItem
from waspada.jobs.erase import STRUCK, Cause, erase_gone, erase_items
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.purge import purge
from waspada.jobs.purge_report import as_text, purge_audited, removals
from waspada.jobs.rank import RankingData
from waspada.notify.calls.repository import about
from waspada.notify.messages import Channel, Message
from waspada.notify.outbox import put
from waspada.privacy.retention import CORRECTION_RETENTION
from waspada.search.index import forget_removed
from waspada.settings import Settings, load_settings
from waspada.sources import repository as sources
from waspada.sources.pages import CORRECTED, ERASED
from waspada.sources.types import Announcement, PollOutcome, SourceState
from waspada.store import Store
from waspada.store.tables import (
    AlertRow,
    CallNoticeRow,
    CallRow,
    CorrectionRow,
    DeliveryRow,
    ErasureRow,
    ItemRow,
    ItemVersionRow,
    NoticeRow,
    PageRow,
    StoryRow,
    TagRow,
)
from waspada.taxonomy import ItemKind

#: Stands in every text and title of the report that somebody wants to be rid of.
MARK = "tandaluka"
WHOLE = f"{MARK} pendukung bentrok di Martapura, tujuh saksi dicatat petugas jaga sepanjang malam itu."
LATER = NOW + timedelta(hours=1)


def found(source: str, number: int, title: str, text: str, kind: ItemKind = ItemKind.ARTICLE) -> FoundItem:
    url = f"https://{source}.example/berita/kabar-bentrok-di-martapura-nomor-{number}"
    return FoundItem(
        source_id=source,
        kind=kind,
        outlet=source,
        url=url,
        url_key=url_key(url),
        title=title,
        text=text,
        published_at=NOW - timedelta(hours=1),
        handle="@warga@sosial.example" if kind is ItemKind.POST else None,
    )


def announce(store: Store, item: FoundItem, title: str, **given: Any) -> int:
    """A poll that lists the article (again); returns how many new pages it brought."""
    entry = Announcement(item.url, item.url_key, title, title_key(title), summary=f"{title} ringkasan", **given)
    with store.write() as session:
        source = next(one for one in sources.enabled_sources(session) if one.id == item.source_id)
        outcome = PollOutcome(SourceState.OK, entries=1)
        return len(sources.save_poll(session, source.id, source.poll, outcome, [entry], LATER).new)


def work(store: Store, now: Any = NOW) -> None:
    run_waiting(store, QuotingTagger(), RankingData.load(load_settings()), lambda: now)


def filled(store: Store) -> int:
    """Two outlets tell of one event, the first with the mark in every text; returns the id of its item."""
    first = found("cek", 1, f"Hoaks: {MARK} bentrok di Martapura", WHOLE)
    with store.write() as session:
        add_source(session, "cek", role="factcheck", region="63.03")
        add_source(session, "lain", region="63.03")
    announce(store, first, first.title)
    with store.write() as session:
        store_item(session, first, NOW)
        other = f"{WHOLE} Polres menjaga lokasi.".replace(MARK, "Ratusan")
        store_item(session, found("lain", 2, "Bentrok di Martapura, petugas berjaga", other), NOW)
    work(store)
    with store.write() as session:
        item = session.scalars(select(ItemRow).where(ItemRow.source_id == "cek")).one()
        page = session.scalars(select(PageRow).where(PageRow.url_key == item.url_key)).one()
        page.item_id, page.state = item.id, "done"
        store_item(session, replace(first, text=f"{WHOLE} Ralat: delapan saksi."), LATER)  # an edit
        reject(session, "tag", f"item {item.id}", f"ValueError: {MARK}", LATER)
        raw = RawPage(item.url, 200, {}, b"x")
        note_page(session, item.id, item.url_key, raw, KeptBody("a" * 64, 1, 1), LATER)
        item_id = item.id
    work(store, LATER)
    return item_id


def ask(store: Store, kind: RequestKind, about: str, **given: Any) -> int:
    with store.write() as session:
        return service.ask(session, kind, about, "media sudah mencabutnya", actor="liaison-1", now=LATER, **given).id


def grant(store: Store, request_id: int, effect: Effect, **given: Any) -> dict[str, Any]:
    with store.write() as session:
        done = service.grant(session, request_id, effect, "permohonan beralasan", 1, actor="admin", now=LATER, **given)
    forget_removed(store)  # as api.v1.corrections does
    return dict(done.effects)


def alert_of(store: Store, item_id: int) -> AlertRow:
    with store.read() as session:
        reach = repository.reach_of(session, f"item/{item_id}")
        return session.get_one(AlertRow, reach.alerts[0])


def test_what_is_erased_is_nowhere_and_does_not_come_back(store: Store) -> None:
    item_id = filled(store)
    alert = alert_of(store, item_id)
    with store.write() as session:
        session.execute(update(AlertRow).where(AlertRow.id == alert.id).values(headline=f"{MARK} bentrok"))
        session.add(NoticeRow(alert_id=alert.id, desk="63", number=1, kind="first", revision=1, facts={}, due_at=LATER))
        session.flush()
        notice = session.scalars(select(NoticeRow.id)).one()
        call = CallRow(step=1, how="rota", desk="63", level=3, ready_at=LATER, made_at=LATER)
        session.add(call)
        session.flush()
        session.add(CallNoticeRow(call_id=call.id, alert_id=alert.id, notice_id=notice))
        for key, sent_at in (("sent", LATER), ("waits", None)):
            put(session, Message(Channel.MAIL, "a@b.example", about(call.id), {"text": MARK}, key), now=LATER)
            session.execute(update(DeliveryRow).where(DeliveryRow.key == key).values(sent_at=sent_at))
    before = _columns_with(store, MARK)
    assert {"items.title", "item_versions.text", "tags.evidence", "pages.summary", "fact_checks.title"} < before
    assert {"alerts.headline", "deliveries.body", "rejects.problem", "stories.headline"} & before
    effects = grant(store, ask(store, RequestKind.ERASE, f"item/{item_id}"), Effect.ERASE)
    assert _columns_with(store, MARK) == set()  # before any other process did anything
    assert effects["counts"]["articles"] == 1
    with store.read() as session:
        left = {row.key: (row.body, row.sent_at, row.failed_at) for row in session.scalars(select(DeliveryRow))}
    assert left == {"sent": ({}, LATER, None)}  # what waits is written anew (tests/jobs/test_call.py)
    assert {"embeddings", "outlet_checks", "pages", "raw_pages", "rejects", "deliveries"} <= set(effects["counts"])
    work(store, LATER)
    assert _columns_with(store, MARK) == set()
    kept = alert_of(store, item_id + 1)
    assert kept.headline not in ("", NO_HEADLINE)  # the other outlet speaks for it now
    assert kept.item_count == 1
    first = found("cek", 1, f"Hoaks: {MARK} bentrok di Martapura", WHOLE)
    edited: dict[str, Any] = {"updated_at": LATER + timedelta(minutes=1)}
    for title, more in ((f"{MARK} lagi", {}), (first.title, edited)):
        assert announce(store, first, title, **more) == 0
        assert _columns_with(store, MARK) == set()
    with store.read() as session:
        page = session.scalars(select(PageRow).where(PageRow.url_key == first.url_key)).one()
        assert (page.state, page.detail, page.url) == ("skipped", ERASED, "")


def test_the_same_article_at_another_address_is_left_out_too(store: Store) -> None:
    item_id = filled(store)
    grant(store, ask(store, RequestKind.ERASE, f"item/{item_id}"), Effect.ERASE)
    first = found("cek", 1, f"Hoaks: {MARK} bentrok di Martapura", WHOLE)
    amp = replace(first, url=f"{first.url}/amp", url_key=url_key(f"{first.url}/amp"))
    assert announce(store, amp, first.title) == 0
    assert announce(store, found("cek", 9, "x", "y"), "Kabar yang lain sama sekali dari Martapura") == 1
    assert _columns_with(store, MARK) == set()


def test_a_passage_is_struck_everywhere_and_the_rest_stays(store: Store) -> None:
    item_id = filled(store)
    with store.write() as session:
        session.execute(update(StoryRow).values(headline=f"Judul {MARK} di Martapura"))
    request = ask(store, RequestKind.CORRECT, f"item/{item_id}")
    with pytest.raises(InputError):
        grant(store, request, Effect.STRIKE, passage="tidak ada di sana")
    with pytest.raises(InputError):
        grant(store, request, Effect.STRIKE, passage=" ")
    grant(store, request, Effect.STRIKE, passage=f"  {MARK.upper()} ")
    assert _columns_with(store, MARK) == set()
    work(store, LATER)
    assert _columns_with(store, MARK) == set()
    with store.read() as session:
        texts = session.scalars(select(ItemVersionRow.text).where(ItemVersionRow.item_id == item_id)).all()
        assert len(texts) == 2
        assert all(text.startswith(f"{STRUCK} pendukung bentrok") for text in texts)
        assert session.scalars(select(TagRow.version).where(TagRow.item_id == item_id)).all() == [2]
        assert session.get_one(ItemRow, item_id).stage == "grouped"
        page = session.scalars(select(PageRow).where(PageRow.item_id == item_id)).one()
        assert (page.state, page.detail) == ("skipped", CORRECTED)
    first = found("cek", 1, f"Hoaks: {MARK} bentrok di Martapura", WHOLE)
    announce(store, first, f"{MARK} lagi", updated_at=LATER + timedelta(minutes=1))
    assert _columns_with(store, MARK) == set()


def test_an_article_that_its_outlet_corrected_is_read_again(store: Store) -> None:
    item_id = filled(store)
    grant(store, ask(store, RequestKind.CORRECT, f"item/{item_id}"), Effect.READ_AGAIN)
    assert _columns_with(store, MARK) == set()
    with store.read() as session:
        page = session.scalars(select(PageRow).where(PageRow.source_id == "cek")).one()
        assert (page.state, page.url != "") == ("waiting", True)
    corrected = found("cek", 1, "Bentrok di Martapura, kabar diperbaiki", WHOLE.replace(MARK, "Puluhan"))
    with store.write() as session:
        store_item(session, corrected, LATER)
    work(store, LATER)
    with store.read() as session:
        assert session.scalars(select(ItemRow.version).where(ItemRow.source_id == "cek")).all() == [1]


def test_an_alert_whose_items_are_all_erased_keeps_no_word_and_the_digest_says_so(store: Store, tmp_path: Any) -> None:
    item_id = filled(store)
    alert = alert_of(store, item_id)
    settings = Settings(data_dir=tmp_path)
    day = alert.last_item_at.astimezone(settings.zone_info).date()
    log = AuditLog(b"k" * 32)
    with store.write() as session:
        for action in (AuditAction.DIGEST_MADE, AuditAction.EXPORTED):
            log.append(session, actor="cli", action=action, object="x", detail={"alerts": [alert.id]}, now=LATER)
        log.append(session, actor="cli", action=AuditAction.DIGEST_MADE, object="x", detail={"alerts": [99]}, now=LATER)
        assert "butir yang dihapus" not in rendered(of_day(session, Wanted("63"), day, settings).content).text
    effects = grant(store, ask(store, RequestKind.OBJECT, f"alert/{alert.id}"), Effect.ERASE)
    assert effects["counts"]["articles"] == 2
    assert (len(effects["digests"]), len(effects["exports"])) == (1, 1)
    with store.read() as session:
        assert session.scalars(select(AlertRow.headline)).all() == [NO_HEADLINE]
        written = rendered(of_day(session, Wanted("63"), day, settings).content)
        for form in (written.text, written.html, written.chat):
            assert "Memuat butir yang dihapus: 1" in form
    work(store, LATER)
    with store.read() as session:
        assert session.scalars(select(AlertRow.level)).all() == [0]
        written = rendered(of_day(session, Wanted("63"), day, settings).content)
        assert "Memuat butir yang dihapus: 1" in written.text


def test_a_post_deleted_at_its_place_is_noted_of_its_alert_only(store: Store) -> None:
    with store.write() as session:
        add_source(session, "sosial", kind="mastodon", role="post", region="63.03")
        for number in range(3):
            text = f"{WHOLE} {MARK} {number}"
            store_item(session, found("sosial", number, "", text, ItemKind.POST), NOW)
        gone = [found("sosial", number, "", "", ItemKind.POST).url_key for number in range(3)]
        assert erase_gone(session, gone, LATER) == 3
        assert session.scalars(select(ErasureRow.id)).all() == []
    forget_removed(store)  # as the next purge does
    assert _columns_with(store, MARK) == set()


def test_erasing_nothing_or_twice_changes_nothing(store: Store) -> None:
    item_id = filled(store)
    with store.write() as session:
        assert erase_items(session, [], NOW, cause=Cause.REQUEST) == {}
        assert erase_items(session, [item_id], NOW, cause=Cause.REQUEST)["articles"] == 1
        assert erase_items(session, [item_id], NOW, cause=Cause.REQUEST) == {}


def test_a_request_is_decided_once_and_by_what_it_asks(store: Store) -> None:
    item_id = filled(store)
    request = ask(store, RequestKind.ERASE, f"item/{item_id}")
    with pytest.raises(InputError, match="cannot be met"):
        grant(store, request, Effect.READ_AGAIN)
    with store.write() as session:
        refused = service.refuse(session, request, "dasar tidak cukup", 1, actor="admin", now=LATER)
    assert (refused.state, refused.revision) == (RequestState.REFUSED, 2)
    with pytest.raises(StaleRequestError):
        grant(store, request, Effect.ERASE)
    with store.write() as session, pytest.raises(StaleRequestError):
        service.refuse(session, request, "lagi", 2, actor="admin", now=LATER)
    with store.read() as session:
        assert session.get(ItemRow, item_id) is not None


def test_what_a_request_may_be_about(store: Store) -> None:
    item_id = filled(store)
    first = found("cek", 1, "", "")
    with store.read() as session:
        assert repository.items_at(session, f"{first.url}#atas") == [item_id]
    request = ask(store, RequestKind.CORRECT, f"{first.url}#atas")
    unknown = ask(store, RequestKind.OBJECT, "https://kabar.example/tentang-siapa-nama-orang")
    with store.read() as session:
        assert session.get_one(CorrectionRow, request).about == f"item/{item_id}"
        assert session.get_one(CorrectionRow, request).region == "63.03"
        kept = session.get_one(CorrectionRow, unknown)
        assert kept.about.startswith("address/")
        assert "nama-orang" not in kept.about
    assert grant(store, unknown, Effect.ERASE)["counts"] == {}
    for odd in ("", "item/0", "item/x", "user/1", "javascript:alert(1)", "https://", "x" * 5000, "item/1;drop"):
        with pytest.raises(InputError):
            ask(store, RequestKind.ERASE, odd)
    for missing in ("item/999", "alert/999", "story/999"):
        with pytest.raises(NotFoundError):
            ask(store, RequestKind.ERASE, missing)
    with pytest.raises(InputError, match="future"):
        ask(store, RequestKind.ERASE, f"item/{item_id}", heard_at=LATER + timedelta(minutes=1))


def test_a_bound_account_sees_and_asks_in_its_region_only(store: Store) -> None:
    item_id = filled(store)
    with pytest.raises(NotFoundError):
        ask(store, RequestKind.ERASE, f"item/{item_id}", within="64")
    with pytest.raises(NotFoundError):
        ask(store, RequestKind.ERASE, found("cek", 1, "", "").url, within="64")
    request = ask(store, RequestKind.ERASE, f"item/{item_id}", within="63.03")
    with store.read() as session:
        page = {"state": None, "before_id": None, "limit": 10}
        assert [one.id for one in repository.requests(session, within="63", **page)] == [request]  # type: ignore[arg-type]
        assert repository.requests(session, within="64", **page) == []  # type: ignore[arg-type]
        with pytest.raises(NotFoundError):
            service.read(session, request, "64")


def test_the_time_runs_from_when_the_desk_heard_of_it(store: Store) -> None:
    item_id = filled(store)
    request = ask(store, RequestKind.ERASE, f"item/{item_id}", heard_at=LATER - timedelta(hours=2))
    with store.read() as session:
        kept, _ = service.read(session, request, None)
    assert kept.due_at == LATER + timedelta(hours=70)
    assert not kept.is_late(LATER + timedelta(hours=70))
    assert kept.is_late(LATER + timedelta(hours=70, seconds=1))


def test_words_of_a_request_go_and_its_outcome_stays(store: Store) -> None:
    item_id = filled(store)
    grant(store, ask(store, RequestKind.ERASE, f"item/{item_id}"), Effect.ERASE)
    open_one = ask(store, RequestKind.ERASE, f"item/{item_id + 1}")
    assert purge(store, LATER + CORRECTION_RETENTION).corrections == 0
    assert purge(store, LATER + CORRECTION_RETENTION + timedelta(seconds=1)).corrections == 1
    with store.read() as session:
        rows = {row.id: row for row in session.scalars(select(CorrectionRow))}
        assert (rows[1].reason, rows[1].decision, rows[1].state) == ("", "", "granted")
        assert rows[open_one].reason != ""


def test_the_report_of_removals_counts_what_went_by_class(store: Store, tmp_path: Any) -> None:
    item_id = filled(store)
    settings = Settings(data_dir=tmp_path, article_days=30)
    grant(store, ask(store, RequestKind.ERASE, f"item/{item_id}"), Effect.ERASE)
    later = NOW + timedelta(days=31)
    purge_audited(store, settings, later, actor="cli")
    with store.read() as session:
        report = removals(session, settings, NOW, later + timedelta(days=1))
    counts = {one.key: (one.aged, one.asked) for one in report.classes}
    assert counts["articles"] == (1, 1)
    assert report.requests == report.purges == 1
    text = as_text(report)
    assert "articles: full text: 1 past their time, 1 on request" in text
    assert MARK not in text
    assert report.as_json()["classes"][0]["key"] == "posts"
