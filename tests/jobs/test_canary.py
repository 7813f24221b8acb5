"""The canary on a clock: when its source is asked, what is said of a night, and that an exercise counts nowhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
from sqlalchemy import delete, func, select, update

from tests.jobs.tiny import TinyTagger, add_sources, campaign
from tests.rows import add_item
from waspada.alerts import repository as alerts
from waspada.alerts.types import AlertFilter
from waspada.cli.canary_site import exercising, respond
from waspada.digests.service import of_day
from waspada.digests.types import Wanted
from waspada.errors import InputError
from waspada.items.policy import url_key
from waspada.items.service import store_item
from waspada.items.types import FoundItem
from waspada.jobs.canary import WITHIN, CanaryState, keep_time, look, switch_off, switch_on
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.purge import purge
from waspada.jobs.rank import RankingData, rank_stale
from waspada.notify.exercise import SOURCE_ID, exercise_of, newest_time
from waspada.places import place
from waspada.privacy.retention import EXERCISE_RETENTION
from waspada.settings import Settings, load_settings
from waspada.sources import repository, service
from waspada.sources.types import NewSource, SourceRole
from waspada.store import Store
from waspada.store.tables import AlertRow, BandRow, ItemRow, SourceRow, StoryItemRow, StoryPlaceRow, StoryRow
from waspada.stories.headlines import headlines
from waspada.taxonomy import ItemKind, Label

#: 02.30 WITA on 20 November.
PLANNED = datetime(2024, 11, 19, 18, 30, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
URL = "http://127.0.0.1:9/x"


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(canary=True)


@pytest.fixture
def desk(store: Store, settings: Settings) -> Store:
    """Switched on two days before the night."""
    with store.write() as session:
        switch_on(session, f"{URL}/feed", settings, PLANNED - 2 * DAY)
    return store


def article(settings: Settings, at: datetime = PLANNED) -> FoundItem:
    found = exercise_of(settings, at)
    url = f"{URL}/{found.day.isoformat()}"
    return FoundItem(
        source_id=SOURCE_ID,
        kind=ItemKind.ARTICLE,
        outlet="Latihan Waspada",
        url=url,
        url_key=url_key(url),
        title=found.title,
        text="Dua kelompok bentrok di Martapura. " + " ".join(found.paragraphs),
        published_at=found.published_at,
    )


def read(store: Store, settings: Settings, now: datetime, at: datetime = PLANNED) -> None:
    """The article is collected and goes through the stages."""
    with store.write() as session:
        store_item(session, article(settings, at), now)
    run_waiting(store, TinyTagger(), RankingData.load(settings), lambda: now)


def state(store: Store, settings: Settings, now: datetime) -> CanaryState:
    with store.read() as session:
        return look(session, settings, now).state


def next_poll(store: Store) -> datetime:
    with store.read() as session:
        return session.get_one(SourceRow, SOURCE_ID).next_poll_at


def put_off(store: Store, at: datetime, polled_at: datetime | None = None) -> None:
    with store.write() as session:
        row = session.get_one(SourceRow, SOURCE_ID)
        row.next_poll_at, row.last_poll_at = at, polled_at


def test_the_source_is_asked_when_its_time_has_come(desk: Store, settings: Settings) -> None:
    put_off(desk, PLANNED + DAY, PLANNED - DAY)
    keep_time(desk, settings, PLANNED - MINUTE)
    assert next_poll(desk) == PLANNED + DAY
    keep_time(desk, settings, PLANNED)
    assert next_poll(desk) == PLANNED
    put_off(desk, PLANNED + DAY, PLANNED + MINUTE)  # asked, and the article was not there
    keep_time(desk, settings, PLANNED + 2 * MINUTE)
    assert next_poll(desk) == PLANNED + 3 * MINUTE
    read(desk, settings, PLANNED + 4 * MINUTE)
    put_off(desk, PLANNED + DAY, PLANNED + 4 * MINUTE)
    keep_time(desk, settings, PLANNED + 5 * MINUTE)
    assert next_poll(desk) == PLANNED + DAY


def test_a_night_is_judged_when_its_time_is_over(desk: Store, settings: Settings) -> None:
    read(desk, settings, PLANNED - DAY + MINUTE, PLANNED - DAY)
    assert state(desk, settings, PLANNED - 5 * MINUTE) is CanaryState.OK
    assert state(desk, settings, PLANNED + WITHIN - MINUTE) is CanaryState.OK  # of the night before
    assert state(desk, settings, PLANNED + WITHIN) is CanaryState.MISSING
    read(desk, settings, PLANNED + WITHIN + MINUTE)
    with desk.read() as session:
        found = look(session, settings, PLANNED + 2 * WITHIN)
    assert (found.state, found.planned_at) == (CanaryState.LATE, PLANNED)
    assert found.surfaced_at == PLANNED + WITHIN + MINUTE
    assert not found.is_fine


def test_an_alert_in_time_is_well(desk: Store, settings: Settings) -> None:
    read(desk, settings, PLANNED + 3 * MINUTE)
    for after in (3 * MINUTE, WITHIN, timedelta(hours=20)):
        assert state(desk, settings, PLANNED + after) is CanaryState.OK
    assert state(desk, settings, PLANNED + DAY + WITHIN) is CanaryState.MISSING


def test_a_night_before_it_was_switched_on_is_not_missed(store: Store, settings: Settings) -> None:
    assert state(store, settings, PLANNED + DAY) is CanaryState.OFF
    with store.write() as session:
        switch_on(session, f"{URL}/feed", settings, PLANNED + timedelta(hours=3))
    assert state(store, settings, PLANNED + timedelta(hours=4)) is CanaryState.WAITING
    assert state(store, settings, PLANNED + DAY + WITHIN) is CanaryState.MISSING
    with store.write() as session:  # started again at another address
        switch_on(session, f"{URL}y/feed", settings, PLANNED + DAY + 2 * WITHIN)
    assert state(store, settings, PLANNED + DAY + 2 * WITHIN) is CanaryState.MISSING
    with store.write() as session:
        switch_off(session)
    assert state(store, settings, PLANNED + 3 * DAY) is CanaryState.OFF
    keep_time(store, settings, PLANNED + 3 * DAY)


class TestCountsNowhere:
    @pytest.fixture
    def both(self, desk: Store, settings: Settings) -> Store:
        """A real event of the same words, place and hour beside the exercise."""
        real = article(settings)
        url = "https://media-0.example/bentrok"
        with desk.write() as session:
            add_sources(session)
            store_item(
                session,
                FoundItem(
                    source_id="media-0",
                    kind=ItemKind.ARTICLE,
                    outlet="media-0",
                    url=url,
                    url_key=url_key(url),
                    title=real.title,
                    text=real.text,
                    published_at=PLANNED + MINUTE,
                ),
                PLANNED + MINUTE,
            )
        read(desk, settings, PLANNED + 2 * MINUTE)
        return desk

    def test_no_real_story_holds_it_and_it_holds_no_real_item(self, both: Store) -> None:
        with both.read() as session:
            stories = session.execute(
                select(StoryItemRow.story_id, ItemRow.source_id).join(ItemRow, ItemRow.id == StoryItemRow.item_id)
            ).all()
            exercise = next(story for story, source in stories if source == SOURCE_ID)
            assert len({story for story, _ in stories}) == 2
            assert session.get_one(StoryRow, exercise).headline.startswith("LATIHAN: ")
            assert exercise not in session.scalars(select(StoryPlaceRow.story_id)).all()
            item = session.scalars(select(ItemRow.id).where(ItemRow.source_id == SOURCE_ID)).one()
            assert item not in session.scalars(select(BandRow.item_id)).all()

    def test_what_is_none_is_not_taken_for_one_any_longer(self, both: Store, settings: Settings) -> None:
        with both.write() as session:
            session.execute(update(AlertRow).values(exercise=True))
            session.execute(update(StoryRow).values(stale=True))
        run_waiting(both, TinyTagger(), RankingData.load(settings), lambda: PLANNED + 5 * MINUTE)
        with both.read() as session:
            alerts_by_headline = session.execute(select(AlertRow.headline, AlertRow.exercise)).all()
        assert sorted(exercise for _, exercise in alerts_by_headline) == [False, True]
        assert all(headline.startswith("LATIHAN: ") is exercise for headline, exercise in alerts_by_headline)

    def test_an_edit_stays_in_its_story(self, both: Store, settings: Settings) -> None:
        edited = article(settings)
        with both.write() as session:
            store_item(
                session,
                FoundItem(SOURCE_ID, edited.kind, edited.outlet, edited.url, edited.url_key, "Ralat", "Bukan bentrok."),
                PLANNED + 5 * MINUTE,
            )
        run_waiting(both, TinyTagger(), RankingData.load(settings), lambda: PLANNED + 5 * MINUTE)
        with both.read() as session:
            assert session.scalar(select(func.count()).select_from(StoryRow)) == 2

    def test_lists_counts_and_digests_leave_it_out(self, both: Store, settings: Settings) -> None:
        with both.read() as session:
            real = alerts.search(session, AlertFilter())
            drills = alerts.search(session, AlertFilter(exercise=True))
            assert [view.headline.startswith("LATIHAN: ") for view in (*real, *drills)] == [False, True]
            assert drills[0].why.startswith("LATIHAN: ")
            assert [view.exercise for view in (*real, *drills)] == [False, True]
            kept = headlines(session, drills[0].story_id)
            assert [one.headline.startswith("LATIHAN: ") for one in kept] == [True]
            assert alerts.count(session, AlertFilter()) == 1
            digest = of_day(session, Wanted("63"), PLANNED.astimezone(settings.zone_info).date(), settings)
            assert list(digest.shown) == [real[0].id]
            assert alerts.detail(session, drills[0].id).summary.headline.startswith("LATIHAN: ")

    def test_its_source_is_in_no_list_and_no_count(self, both: Store) -> None:
        with both.read() as session:
            assert SOURCE_ID not in {row.id for row in service.list_sources(session)}
            assert SOURCE_ID not in {one.id for one in repository.enabled_sources(session)}
            assert SOURCE_ID not in {one.source.id for one in service.judged(session, PLANNED + DAY)}
            assert SOURCE_ID not in {one.source.id for one in service.healths(session, PLANNED + DAY)}
            assert SOURCE_ID in {one.id for one in repository.due_sources(session, PLANNED)}

    def test_it_goes_after_thirty_days(self, both: Store) -> None:
        assert purge(both, PLANNED + EXERCISE_RETENTION).exercises == 0
        assert purge(both, PLANNED + EXERCISE_RETENTION + DAY).exercises == 1
        with both.read() as session:
            assert session.scalars(select(ItemRow.source_id)).all() == ["media-0"]
            assert session.scalar(select(func.count()).select_from(StoryRow)) == 1
            assert session.scalars(select(AlertRow.exercise)).all() == [False]


class TestMixed:
    """Should a real item ever stand in the story of an exercise: it is no exercise, and outlives it."""

    @pytest.fixture
    def mixed(self, desk: Store, settings: Settings) -> Store:
        read(desk, settings, PLANNED + 2 * MINUTE)
        with desk.write() as session:
            (drill,) = session.scalars(select(StoryRow.id))
            real = add_item(session, on=[Label.CONFLICT], level=3, published_at=PLANNED, found_at=PLANNED)
            session.add(StoryItemRow(item_id=real, story_id=drill, how="event", likeness=1.0, at=PLANNED))
            session.get_one(ItemRow, real).stage = "grouped"
            session.get_one(StoryRow, drill).stale = True
        rank_stale(desk, RankingData.load(settings), PLANNED + 3 * MINUTE)
        return desk

    def test_is_no_exercise_and_one_again_without_it(self, mixed: Store, settings: Settings) -> None:
        with mixed.write() as session:
            assert [alert.exercise for alert in session.scalars(select(AlertRow))] == [False]
            assert alerts.count(session, AlertFilter()) == 1
            session.execute(delete(ItemRow).where(ItemRow.source_id != SOURCE_ID))
            session.execute(update(StoryRow).values(stale=True))
        rank_stale(mixed, RankingData.load(settings), PLANNED + 4 * MINUTE)
        with mixed.read() as session:
            assert [alert.exercise for alert in session.scalars(select(AlertRow))] == [True]

    def test_outlives_it(self, mixed: Store) -> None:
        assert purge(mixed, PLANNED + EXERCISE_RETENTION + DAY).exercises == 1
        with mixed.read() as session:
            assert session.scalars(select(ItemRow.source_id)).all() == ["kabar-banjar"]
            assert len(session.scalars(select(StoryItemRow.story_id)).all()) == 1
            assert [story.stale for story in session.scalars(select(StoryRow))] == [True]
            assert len(session.scalars(select(AlertRow.id)).all()) == 1


def test_nobody_else_gets_its_role(store: Store) -> None:
    with store.write() as session, pytest.raises(InputError, match="program's own"):
        service.add_source(session, NewSource(url="https://a.example/feed", role=SourceRole.EXERCISE), PLANNED)


def test_a_campaign_is_grouped_and_ranked_as_without_it(desk: Store, settings: Settings) -> None:
    with desk.write() as session:
        add_sources(session)
        for one in campaign(20):
            store_item(session, one, PLANNED + 7 * DAY)
        add_item(session, url="https://kabar-banjar.example/9", on=[Label.CONFLICT], level=3, published_at=PLANNED)
    run_waiting(desk, TinyTagger(), RankingData.load(settings), lambda: PLANNED + 7 * DAY)
    with desk.read() as session:
        before = sorted(session.execute(select(AlertRow.id, AlertRow.score)).all())
    read(desk, settings, PLANNED + 7 * DAY, PLANNED + 7 * DAY)
    with desk.read() as session:
        after = session.execute(select(AlertRow.id, AlertRow.score).where(AlertRow.exercise.is_(False))).all()
    assert sorted(after) == before


class TestTexts:
    def test_every_day_has_another_text(self, settings: Settings) -> None:
        year = [exercise_of(settings, PLANNED + n * DAY) for n in range(366)]
        assert len({one.title for one in year}) == 366
        paragraphs = [paragraph for one in year for paragraph in one.paragraphs]
        assert len(set(paragraphs)) == len(paragraphs)
        assert all("{" not in text for text in paragraphs)

    @pytest.mark.parametrize("region", ["63", "63.03", "63.03.05", "64", "11"])
    def test_it_is_about_the_region_of_the_desk(self, region: str) -> None:
        names = {exercise_of(load_settings(region=region), PLANNED + n * DAY).title for n in range(6)}
        home = place(region[:5])
        assert home is not None
        assert len(names) == 6
        if len(region) > 2:
            assert all(home.name in name for name in names)

    @pytest.mark.parametrize(
        ("now", "at"),
        [(PLANNED - MINUTE, PLANNED - DAY), (PLANNED, PLANNED), (PLANNED + DAY - MINUTE, PLANNED)],
    )
    def test_the_newest_time_is_never_to_come(self, settings: Settings, now: datetime, at: datetime) -> None:
        assert newest_time(settings, now) == at


class TestSite:
    BASE = "http://127.0.0.1:4711/rahasia"

    def test_feed_and_article_are_of_the_night(self, settings: Settings) -> None:
        status, kind, feed = respond("/rahasia/feed", self.BASE, settings, PLANNED)
        assert (status, kind) == (HTTPStatus.OK, "application/xml")
        assert f"<link>{self.BASE}/2024-11-20</link>" in feed
        assert "Wed, 20 Nov 2024 02:30:00 +0800" in feed
        status, _, page = respond("/rahasia/2024-11-20", self.BASE, settings, PLANNED)
        assert status is HTTPStatus.OK
        assert "bukan kejadian nyata" in page

    @pytest.mark.parametrize(
        "path", ["/", "/feed", "/2024-11-20", "/rahasia", "/rahasia/2024-11-21", "/rahasia/../feed"]
    )
    def test_who_does_not_know_the_word_finds_nothing(self, settings: Settings, path: str) -> None:
        assert respond(path, self.BASE, settings, PLANNED)[0] is HTTPStatus.NOT_FOUND

    def test_switched_off_nothing_is_served_and_nothing_asked(self, desk: Store) -> None:
        with exercising(load_settings(), desk) as allowed:
            assert allowed == frozenset()
        with desk.read() as session:
            assert not session.get_one(SourceRow, SOURCE_ID).enabled

    def test_only_its_own_server_may_be_asked(self, store: Store, settings: Settings) -> None:
        with exercising(settings, store) as allowed:
            (host,) = allowed
            assert host.startswith("127.0.0.1:")
            with store.read() as session:
                url = session.get_one(SourceRow, SOURCE_ID).url
            assert url.startswith(f"http://{host}/")
            assert len(url.split("/")[3]) >= 16
