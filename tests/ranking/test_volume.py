"""A region's volume as it stands in the store: by publication, by label group, with its province and its ears."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.rows import NOW, add_source
from waspada.alerts.burst import LEAST_PER_DAY, PRIOR_DAYS, most_surprising
from waspada.alerts.volume import Volumes
from waspada.store import Store
from waspada.store.tables import SourceMentionRow, StoryPlaceRow, StoryRow
from waspada.stories.groups import LABEL_GROUPS, group_bits
from waspada.taxonomy import EVENT_LABELS, Label


def add_story(session: Session, at: datetime, label: Label, *codes: str) -> int:
    story = StoryRow(opened_at=NOW, last_item_at=at, headline="", stale=False)
    session.add(story)
    session.flush()
    session.add_all(
        StoryPlaceRow(
            code=code, story_id=story.id, last_item_at=NOW, first_item_at=at, eventful=True,
            label_groups=group_bits([label]),
        )
        for code in codes
    )  # fmt: skip
    session.flush()
    return story.id


@pytest.fixture
def past(store: Store) -> Store:
    """Five quiet weeks of a province: one clash a week in Banjar, a flood a day in Banjarmasin."""
    with store.write() as session:
        for day in range(7, 36):
            at = NOW - timedelta(days=day, hours=1)
            add_story(session, at, Label.DISASTER, "63", "63.71")
            if day % 7 == 0:
                add_story(session, at, Label.CONFLICT, "63", "63.03")
    return store


def test_every_event_label_is_of_one_group() -> None:
    assert sorted(label for group in LABEL_GROUPS for label in group) == sorted(EVENT_LABELS)
    assert group_bits([]) == group_bits([Label.ELECTION]) == 0
    assert group_bits([Label.CONFLICT, Label.POLARIZATION]) == group_bits([Label.CONFLICT]) == 1


def test_windows_count_other_stories_of_the_group_by_their_first_report(past: Store) -> None:
    with past.write() as session:
        own = add_story(session, NOW, Label.CONFLICT, "63", "63.03")
        for hours in (1, 20, 30, 100):
            add_story(session, NOW - timedelta(hours=hours), Label.POLARIZATION, "63", "63.03")
        add_story(session, NOW - timedelta(hours=1), Label.DISASTER, "63", "63.03")
        add_story(session, NOW + timedelta(hours=1), Label.CONFLICT, "63", "63.03")
        windows = Volumes(NOW).windows(session, "63.03.05", Label.CONFLICT, own)
        calm = Volumes(NOW).windows(session, "63.71", Label.CONFLICT, 0)
    assert [(window.days, window.count) for window in windows] == [(1, 2), (3, 3), (7, 4)]
    assert [window.count for window in calm] == [0, 0, 0]
    assert windows[0].rate.days == 28 + PRIOR_DAYS
    assert windows[0].rate.shape == pytest.approx(PRIOR_DAYS * LEAST_PER_DAY + 4)
    assert windows[2].weight == pytest.approx(7, abs=0.01)
    assert most_surprising(windows)[0] > most_surprising(calm)[0] == 0


def test_what_is_filled_in_later_counts_in_its_own_time(past: Store) -> None:
    """Thirty articles of two weeks ago come in today: they are a past, and no burst."""
    with past.write() as session:
        before = Volumes(NOW).windows(session, "63.03", Label.CONFLICT, 0)
        for n in range(30):
            add_story(session, NOW - timedelta(days=14, hours=n), Label.CONFLICT, "63", "63.03")
        after = Volumes(NOW).windows(session, "63.03", Label.CONFLICT, 0)
    assert [window.count for window in after] == [window.count for window in before] == [0, 0, 0]
    assert after[0].expected > before[0].expected


def test_desk_without_a_past_knows_no_burst(store: Store) -> None:
    with store.write() as session:
        for hours in range(40):
            add_story(session, NOW - timedelta(hours=hours), Label.CONFLICT, "63", "63.03")
        assert Volumes(NOW).windows(session, "63.03", Label.CONFLICT, 0) == ()
        assert Volumes(NOW).windows(session, None, Label.CONFLICT, 0) == ()
        assert Volumes(NOW).windows(session, "91.01", Label.CONFLICT, 0) == ()


def test_twice_as_many_sources_are_expected_to_tell_twice_as_much(past: Store) -> None:
    with past.write() as session:
        usual = Volumes(NOW).windows(session, "63.03", Label.CONFLICT, 0)
        for n in range(4):
            name = add_source(session, f"media-{n}")
            month = 40 if n < 2 else 2  # the latter two are heard in the last seven days only
            session.add(SourceMentionRow(code="63.03", source_id=name, items_7_days=2, items_28_days=month))
        session.flush()
        more = Volumes(NOW).windows(session, "63.03", Label.CONFLICT, 0)
    twice = [2 * window.expected for window in usual]
    assert [window.expected for window in more] == pytest.approx(twice, rel=1e-5)


def test_window_is_weighted_by_the_hours_of_its_days(store: Store) -> None:
    """All that happens in a province happens on Sundays; at half past midnight on a Monday, a day ago is Sunday."""
    monday = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # 00:30 in the middle of the country
    with store.write() as session:
        for week in range(1, 7):
            for n in range(40):
                add_story(session, monday - timedelta(days=7 * week, hours=2, minutes=n), Label.CONFLICT, "63", "63.03")
        early, late = (
            Volumes(monday + later).windows(session, "63.03", Label.CONFLICT, 0)
            for later in (timedelta(), timedelta(hours=23))
        )
    assert early[0].weight > 2
    assert late[0].weight < 1
    assert early[2].weight == pytest.approx(7) == late[2].weight


def test_province_is_a_region_too(past: Store) -> None:
    with past.write() as session:
        add_story(session, NOW, Label.DISASTER, "63")
        windows = Volumes(NOW).windows(session, "63", Label.DISASTER, 0)
    assert windows[0].count == 1
    assert windows[0].expected == pytest.approx(0.8, abs=0.15)
