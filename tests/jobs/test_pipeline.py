"""The stages one after another: every item tagged, grouped, ranked; what cannot be handled is kept aside and listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.alerts.standing import check_in_step
from tests.jobs.tiny import POISON, TinyTagger, add_sources, campaign
from tests.rows import NOW, pairs
from waspada.errors import StoreBusyError
from waspada.items.service import store_item
from waspada.items.types import FoundItem, Stage
from waspada.jobs.pipeline import Done, run_waiting
from waspada.jobs.rank import RESCORE_AFTER, RankingData, rank_stale, rescore_live
from waspada.jobs.tag import tag_waiting
from waspada.settings import load_settings
from waspada.store import Store
from waspada.store.tables import (
    AlertEventRow,
    AlertPlaceRow,
    AlertRow,
    ItemRow,
    PlaceRow,
    RejectRow,
    StoryItemRow,
    StoryRow,
    TagRow,
)
from waspada.taxonomy import ItemText, Label, Tags

ITEMS = 40


@pytest.fixture(scope="module")
def data() -> RankingData:
    return RankingData.load(load_settings())


def _store(store: Store, items: list[FoundItem], now: datetime = NOW) -> None:
    with store.write() as session:
        add_sources(session)
        for one in items:
            store_item(session, one, now)


def _run(store: Store, data: RankingData, now: datetime = NOW) -> Done:
    return run_waiting(store, TinyTagger(), data, lambda: now)


def _count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def ran(store: Store, data: RankingData) -> Store:
    _store(store, campaign(ITEMS))
    _run(store, data)
    return store


def test_every_item_goes_all_the_way(store: Store, data: RankingData) -> None:
    _store(store, campaign(ITEMS))
    steps: list[tuple[str, int]] = []
    done = run_waiting(store, TinyTagger(), data, lambda: NOW, lambda stage, n: steps.append((stage, n)))
    assert (done.tagged, done.grouped) == (ITEMS, ITEMS)
    assert [stage for stage, _ in steps] == sorted((s for s, _ in steps), key=["tag", "group", "match", "rank"].index)
    with store.read() as session:
        assert set(session.scalars(select(ItemRow.stage))) == {Stage.GROUPED}
        assert _count(session, TagRow) == _count(session, StoryItemRow) == ITEMS
        assert _count(session, StoryRow) == done.ranked
        assert _count(session, RejectRow) == 0
        assert not session.scalars(select(StoryRow.id).where(StoryRow.stale)).all()


def test_wire_copies_are_in_one_story(ran: Store) -> None:
    with ran.read() as session:
        story_of = pairs(session, select(StoryItemRow.item_id, StoryItemRow.story_id))
        how = pairs(session, select(StoryItemRow.item_id, StoryItemRow.how))
    copies = [id_ for id_, kind in how.items() if kind == "copy"]
    assert len(copies) >= ITEMS // 5
    for number in range(4, ITEMS, 5):
        assert story_of[number + 1] == story_of[number]


def test_alerts_stand_on_events_and_their_parts_add_up(ran: Store) -> None:
    with ran.read() as session:
        alerts = session.scalars(select(AlertRow)).all()
        events = session.scalars(select(AlertEventRow.action)).all()
        places = session.scalars(select(AlertPlaceRow.code).where(AlertPlaceRow.position == 0)).all()
    assert alerts
    assert {alert.label for alert in alerts} <= {Label.CONFLICT, Label.DISASTER, Label.LOGISTICS}
    for alert in alerts:
        assert sum(alert.parts.values()) == alert.score
        assert alert.state == "new"
        assert "diverifikasi" not in alert.why
    assert events == ["opened"] * len(alerts)
    assert len(places) == len(alerts)


def test_posts_alone_make_no_alert(store: Store, data: RankingData) -> None:
    _store(store, [one for one in campaign(200) if one.handle][:4])
    _run(store, data)
    with store.read() as session:
        assert _count(session, AlertRow) == 0


def test_running_again_changes_nothing(ran: Store, data: RankingData) -> None:
    before = _picture(ran)
    assert not _run(ran, data)
    _store(ran, campaign(ITEMS))
    assert not _run(ran, data)
    assert _picture(ran) == before


def test_edited_article_is_tagged_again_and_its_alert_follows(ran: Store, data: RankingData) -> None:
    clash = next(one for one in campaign(ITEMS) if "bentrok" in one.text)
    with ran.read() as session:
        item = session.scalars(select(ItemRow).where(ItemRow.url_key == clash.url_key)).one()
        story = session.scalars(select(StoryItemRow.story_id).where(StoryItemRow.item_id == item.id)).one()
        members = session.scalars(select(StoryItemRow.item_id).where(StoryItemRow.story_id == story)).all()
    edited = [
        FoundItem(one.source_id, one.kind, one.outlet, one.url, one.url_key, "Ralat", f"Kabar itu keliru {n}.")
        for n, one in enumerate(one for one in campaign(ITEMS) if _id_of(ran, one) in members)
    ]
    _store(ran, edited, NOW + timedelta(hours=1))
    done = _run(ran, data, NOW + timedelta(hours=1))
    assert done.tagged == done.grouped == len(members)
    with ran.read() as session:
        alert = session.scalars(select(AlertRow).where(AlertRow.story_id == story)).one()
        actions = session.scalars(select(AlertEventRow.action).where(AlertEventRow.alert_id == alert.id)).all()
        assert _count(session, StoryItemRow) == ITEMS
        assert session.scalars(select(PlaceRow.id).where(PlaceRow.item_id.in_(members))).all() == []
        check_in_step(session)
    assert (alert.level, alert.score) == (0, 0.0)
    assert actions[-1] == "lowered"


class TestRejects:
    """One odd item stops no other; it is kept aside, listed with its problem, and lost to nobody."""

    @pytest.fixture
    def poisoned(self, store: Store, data: RankingData) -> Store:
        items = campaign(12)
        items[5] = replace(items[5], text=f"Isi yang {POISON}.")
        _store(store, items)
        _run(store, data)
        return store

    def test_kept_aside_and_listed(self, poisoned: Store) -> None:
        with poisoned.read() as session:
            stages = session.scalars(select(ItemRow.stage).order_by(ItemRow.id)).all()
            reject = session.scalars(select(RejectRow)).one()
        assert stages == [Stage.GROUPED] * 5 + [Stage.REJECTED] + [Stage.GROUPED] * 6
        assert (reject.stage, reject.object) == ("tag", "item 6")
        assert reject.problem == "RuntimeError: this text cannot be tagged"

    def test_not_tried_again_and_again(self, poisoned: Store, data: RankingData) -> None:
        assert not _run(poisoned, data)

    def test_listed_once_when_it_fails_again(self, poisoned: Store, data: RankingData) -> None:
        with poisoned.write() as session:
            session.get_one(ItemRow, 6).stage = Stage.NEW
        _run(poisoned, data, NOW + timedelta(hours=1))
        with poisoned.read() as session:
            assert session.scalars(select(RejectRow.at)).all() == [NOW + timedelta(hours=1)]

    def test_new_version_gets_another_chance(self, poisoned: Store, data: RankingData) -> None:
        fixed = campaign(12)[5]
        _store(poisoned, [fixed])
        _run(poisoned, data)
        with poisoned.read() as session:
            assert session.get_one(ItemRow, 6).stage == Stage.GROUPED

    def test_trouble_of_the_store_is_no_fault_of_the_item(self, store: Store) -> None:
        class Busy(TinyTagger):
            def classify(self, items: object) -> list[Tags]:
                raise StoreBusyError("locked")

        _store(store, campaign(3))
        with pytest.raises(StoreBusyError):
            tag_waiting(store, Busy(), NOW)
        with store.read() as session:
            assert _count(session, RejectRow) == 0
            assert set(session.scalars(select(ItemRow.stage))) == {Stage.NEW}


def test_news_is_tagged_before_what_a_backfill_brought_in(store: Store) -> None:
    news = campaign(4)
    old = [replace(one, published_at=NOW - timedelta(days=300)) for one in news[:2]]
    _store(store, [*old, *news[2:]])
    tag_waiting(store, TinyTagger(), NOW, 2)
    with store.read() as session:
        assert list(session.scalars(select(ItemRow.stage).order_by(ItemRow.id))) == [Stage.NEW] * 2 + [Stage.TAGGED] * 2


def test_edit_while_the_model_reads_is_not_lost(store: Store, data: RankingData) -> None:
    """The model runs outside any transaction: a version that comes in meanwhile waits for tags of its own."""
    first = campaign(1)[0]
    edited = replace(first, text="Isi yang baru tentang banjir di Barabai.")
    _store(store, [first])

    class Slow(TinyTagger):
        def classify(self, items: object) -> list[Tags]:
            _store(store, [edited], NOW + timedelta(minutes=1))
            return super().classify(items)  # type: ignore[arg-type]

    tag_waiting(store, Slow(), NOW)
    with store.read() as session:
        item = session.get_one(ItemRow, 1)
        assert (item.stage, item.version) == (Stage.NEW, 2)
    _run(store, data)
    with store.read() as session:
        assert session.get_one(ItemRow, 1).stage == Stage.GROUPED
        assert session.scalars(select(PlaceRow.code)).all() == ["63.07"]
        assert session.scalars(select(TagRow.version).order_by(TagRow.version)).all() == [1, 2]


class TestRescoring:
    def test_live_alert_fades_as_time_passes(self, ran: Store, data: RankingData) -> None:
        with ran.read() as session:
            before = pairs(session, select(AlertRow.id, AlertRow.score))
        later = NOW + timedelta(hours=12)
        assert rescore_live(ran, later) == len(before)
        while rank_stale(ran, data, later):
            pass
        with ran.read() as session:
            after = pairs(session, select(AlertRow.id, AlertRow.score))
        assert all(after[id_] <= score for id_, score in before.items())
        assert any(after[id_] < score for id_, score in before.items())

    def test_fresh_score_is_left_alone(self, ran: Store) -> None:
        assert rescore_live(ran, NOW + RESCORE_AFTER / 2) == 0

    def test_what_a_person_finished_is_left_alone(self, ran: Store) -> None:
        with ran.write() as session:
            session.execute(update(AlertRow).values(state="not_a_threat"))
        assert rescore_live(ran, NOW + timedelta(hours=12)) == 0

    def test_old_news_is_left_alone(self, ran: Store) -> None:
        assert rescore_live(ran, NOW + timedelta(days=30)) == 0

    def test_state_that_a_person_set_stays(self, ran: Store, data: RankingData) -> None:
        with ran.write() as session:
            session.execute(update(AlertRow).values(state="verified"))
            session.execute(update(StoryRow).values(stale=True))
        while rank_stale(ran, data, NOW + timedelta(hours=1)):
            pass
        with ran.read() as session:
            assert set(session.scalars(select(AlertRow.state))) == {"verified"}


def test_tagger_sees_the_home_of_the_outlet(store: Store) -> None:
    seen: list[ItemText] = []

    class Watching(TinyTagger):
        def classify(self, items: object) -> list[Tags]:
            seen.extend(items)  # type: ignore[arg-type]
            return super().classify(items)  # type: ignore[arg-type]

    _store(store, campaign(3))
    tag_waiting(store, Watching(), NOW)
    assert [one.home for one in seen] == ["63"] * 3
    assert [one.id for one in seen] == ["1", "2", "3"]


def test_writer_of_another_process_is_waited_for(
    store: Store, another_store: Callable[[], Store], data: RankingData
) -> None:
    """Two workers on one database: the same work is done once."""
    _store(store, campaign(20))
    other = another_store()
    done = [_run(store, data).tagged, _run(other, data).tagged]
    assert sum(done) == 20
    with store.read() as session:
        assert _count(session, StoryItemRow) == 20


def _id_of(store: Store, one: FoundItem) -> int | None:
    with store.read() as session:
        return session.scalar(select(ItemRow.id).where(ItemRow.url_key == one.url_key))


def _picture(store: Store) -> dict[str, object]:
    """What a reader sees: stories by their items' addresses, and the alerts on them."""
    with store.read() as session:
        urls = pairs(session, select(ItemRow.id, ItemRow.url))
        members: dict[int, list[str]] = {}
        for item, story in session.execute(select(StoryItemRow.item_id, StoryItemRow.story_id)):
            members.setdefault(story, []).append(urls[item])
        alerts = {
            tuple(sorted(members[alert.story_id])): (alert.label, alert.level, alert.score, alert.parts)
            for alert in session.scalars(select(AlertRow))
        }
    return {"stories": sorted(sorted(urls) for urls in members.values()), "alerts": alerts}


def test_an_idle_desk_rests_also_after_a_withdrawn_alert(ran: Store, data: RankingData) -> None:
    with ran.write() as session:
        session.execute(update(TagRow).values(alert_level=0))
        session.execute(update(StoryRow).values(stale=True))
    assert _run(ran, data)
    later = NOW + RESCORE_AFTER * 2
    run_waiting(ran, TinyTagger(), data, lambda: later)
    with ran.read() as session:
        assert set(session.scalars(select(AlertRow.level))) == {0}
        check_in_step(session)
    assert not run_waiting(ran, TinyTagger(), data, lambda: later)


def test_an_edited_article_counts_as_it_was_until_it_is_tagged_again(ran: Store, data: RankingData) -> None:
    with ran.write() as session:
        before = pairs(session, select(AlertRow.id, AlertRow.level))
        session.execute(update(ItemRow).values(version=ItemRow.version + 1, stage=Stage.NEW))
        session.execute(update(StoryRow).values(stale=True))
    while rank_stale(ran, data, NOW):
        pass
    with ran.read() as session:
        assert pairs(session, select(AlertRow.id, AlertRow.level)) == before


def test_an_alert_that_was_none_comes_back_when_its_level_rises(ran: Store, data: RankingData) -> None:
    with ran.write() as session:
        alert = session.scalars(select(AlertRow).where(AlertRow.level > 1).limit(1)).one()
        alert.level, alert.state, alert.reason = 1, "not_a_threat", "old_news"
        session.get_one(StoryRow, alert.story_id).stale = True
        chosen = alert.id
    _run(ran, data)
    with ran.read() as session:
        again = session.get_one(AlertRow, chosen)
        assert (again.state, again.reason) == ("new", None)
        actions = session.scalars(select(AlertEventRow.action).where(AlertEventRow.alert_id == chosen)).all()
    assert actions[-2:] == ["raised", "reopened"]


class TestOldArticles:
    """What a backfill brings was published long ago and collected now: the time of publication counts."""

    def _aged(self, days: int) -> list[FoundItem]:
        return [
            replace(one, published_at=one.published_at - timedelta(days=days), url_key=f"{days}-{number}")
            for number, one in enumerate(campaign(ITEMS))
            if one.published_at is not None
        ]

    def test_open_no_alert_though_they_are_tagged_and_grouped(self, store: Store, data: RankingData) -> None:
        _store(store, self._aged(60))
        done = _run(store, data)
        assert done.grouped == ITEMS
        with store.read() as session:
            assert _count(session, StoryRow) > 0
            assert not session.scalars(select(StoryRow.id).where(StoryRow.stale)).all()
            assert _count(session, AlertRow) == 0

    def test_of_this_week_do_open_one(self, store: Store, data: RankingData) -> None:
        _store(store, self._aged(3))
        _run(store, data)
        with store.read() as session:
            assert _count(session, AlertRow) > 0

    def test_leave_the_alerts_of_today_as_they_are(self, ran: Store, data: RankingData) -> None:
        with ran.read() as session:
            before = pairs(session, select(AlertRow.story_id, AlertRow.last_item_at))
        _store(ran, self._aged(60))
        _run(ran, data)
        with ran.read() as session:
            assert pairs(session, select(AlertRow.story_id, AlertRow.last_item_at)) == before

    def test_bring_no_finished_alert_back(self, store: Store, data: RankingData) -> None:
        _store(store, campaign(ITEMS))
        _run(store, data)
        with store.write() as session:
            alert = session.scalars(select(AlertRow).where(AlertRow.level > 1).limit(1)).one()
            alert.level, alert.state, alert.reason = 1, "not_a_threat", "old_news"
            session.get_one(StoryRow, alert.story_id).stale = True
            chosen = alert.id
        later = NOW + timedelta(days=60)
        while rank_stale(store, data, later):
            pass
        with store.read() as session:
            again = session.get_one(AlertRow, chosen)
            assert again.level > 1
            assert (again.state, again.reason) == ("not_a_threat", "old_news")
