"""The design's rules 3 and 4: whose word may make an alert, and for what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ranking.members import ANY_MEMBERS, post, report
from tests.rows import NOW
from waspada.alerts.eligibility import Member, countable, independent_voices, is_news
from waspada.alerts.scoring import Assessment, Surroundings, assess
from waspada.sources.types import SourceRole
from waspada.stories.types import How
from waspada.taxonomy import ItemKind, Label

CONFLICT = {Label.CONFLICT: 0.9}
NEUTRALITY = {Label.NEUTRALITY: 0.9}


def alert_of(members: list[Member], min_voices: int = 5) -> Assessment | None:
    return assess(members, Surroundings(now=NOW, min_voices=min_voices))


class TestRule3NeutralityNeverFromAPost:
    @pytest.mark.parametrize("count", [1, 5, 50])
    def test_however_many_post_it(self, count: int) -> None:
        assert alert_of([post(n, NEUTRALITY) for n in range(count)]) is None

    @pytest.mark.parametrize("role", [SourceRole.NEWS, SourceRole.OFFICIAL])
    def test_outlets_and_official_releases_may(self, role: SourceRole) -> None:
        found = alert_of([report(1, NEUTRALITY, role=role)])
        assert found is not None
        assert found.label is Label.NEUTRALITY

    def test_a_fact_checker_may_not(self) -> None:
        assert alert_of([report(1, NEUTRALITY, role=SourceRole.FACTCHECK)]) is None

    def test_posts_beside_a_report_add_nothing_to_neutrality(self) -> None:
        alone = [report(1, {Label.NEUTRALITY: 0.6})]
        posts = [post(n, {Label.NEUTRALITY: 0.99}, alert_level=3) for n in range(2, 9)]
        together, by_itself = alert_of([*alone, *posts]), alert_of(alone)
        assert together is not None
        assert by_itself is not None
        assert together == by_itself

    def test_post_about_a_clash_does_not_bring_its_neutrality_along(self) -> None:
        mixed = [post(n, {Label.NEUTRALITY: 0.95, Label.CONFLICT: 0.7}) for n in range(6)]
        found = alert_of(mixed)
        assert found is not None
        assert found.labels == {Label.CONFLICT: 0.7}

    def test_post_by_the_account_of_an_outlet_is_still_a_post(self) -> None:
        """The writer gives every item of the kind `post` the role of a post, whatever its source is."""
        assert alert_of([post(n, NEUTRALITY, outlet="Kabar Banjar", reliability=1.0) for n in range(9)]) is None

    @given(ANY_MEMBERS)
    def test_whatever_the_story_holds(self, members: list[Member]) -> None:
        for member in countable(members, 5):
            if Label.NEUTRALITY in member.labels:
                assert member.role in (SourceRole.NEWS, SourceRole.OFFICIAL)

    @given(ANY_MEMBERS)
    def test_no_neutrality_alert_without_an_outlet_or_a_release_that_says_so(self, members: list[Member]) -> None:
        found = alert_of(members)
        if found is not None and found.label is Label.NEUTRALITY:
            assert any(
                m.role in (SourceRole.NEWS, SourceRole.OFFICIAL) and Label.NEUTRALITY in m.labels for m in members
            )


class TestRule4FiveIndependentVoices:
    @pytest.mark.parametrize(("voices", "alerted"), [(1, False), (4, False), (5, True), (12, True)])
    def test_posts_by_themselves(self, voices: int, alerted: bool) -> None:
        assert (alert_of([post(n, CONFLICT) for n in range(voices)]) is not None) is alerted

    def test_number_is_a_setting(self) -> None:
        posts = [post(n, CONFLICT) for n in range(7)]
        assert alert_of(posts, min_voices=8) is None
        assert alert_of(posts, min_voices=7) is not None

    def test_one_account_posting_often_is_one_voice(self) -> None:
        assert alert_of([post(n, CONFLICT, voice="v") for n in range(20)]) is None

    def test_copies_of_one_text_are_one_voice(self) -> None:
        copies = [post(1, CONFLICT, how=How.FIRST), *(post(n, CONFLICT, how=How.COPY) for n in range(2, 30))]
        assert independent_voices(copies) == 1
        assert alert_of(copies) is None

    def test_post_without_a_pseudonym_is_nobodys_voice(self) -> None:
        assert alert_of([post(n, CONFLICT, voice=None) for n in range(20)]) is None

    def test_three_authors_on_both_sides_of_a_month_s_end_are_three_voices(self) -> None:
        """The key of their pseudonyms rotates between the two days, so that six pseudonyms stand for three people."""
        first = [post(n, CONFLICT, voice=f"november {n}", at=utc(11, 30)) for n in range(3)]
        again = [post(10 + n, CONFLICT, voice=f"december {n}", at=utc(12, 1)) for n in range(3)]
        assert independent_voices([*first, *again]) == 3
        assert alert_of([*first, *again], min_voices=5) is None
        assert independent_voices([*first, *again, post(20, CONFLICT, voice="december new", at=utc(12, 1))]) == 4

    def test_month_of_a_voice_is_that_of_the_collection(self) -> None:
        """What was posted in one month and collected in the next has the next month's key."""
        late = [post(n, CONFLICT, voice=f"december {n}", at=utc(11, 30), found_at=utc(12, 1)) for n in range(3)]
        before = [post(10 + n, CONFLICT, voice=f"november {n}", at=utc(11, 30), found_at=utc(11, 30)) for n in range(3)]
        assert independent_voices([*late, *before]) == 3

    @given(ANY_MEMBERS)
    def test_months_never_add_voices(self, members: list[Member]) -> None:
        posts = [m for m in members if m.role is SourceRole.POST and m.how is not How.COPY]
        assert independent_voices(members) <= len({m.voice for m in posts if m.voice})

    def test_voices_count_for_the_label_they_speak_of(self) -> None:
        posts = [post(n, CONFLICT) for n in range(4)] + [post(n, {Label.DISASTER: 0.9}) for n in range(10, 14)]
        assert alert_of(posts) is None
        found = alert_of([*posts, post(20, {Label.DISASTER: 0.8})])
        assert found is not None
        assert set(found.labels) == {Label.DISASTER}

    @pytest.mark.parametrize("role", [SourceRole.NEWS, SourceRole.OFFICIAL])
    def test_one_is_enough_where_an_outlet_reports_the_same(self, role: SourceRole) -> None:
        found = alert_of([report(1, CONFLICT, role=role), post(2, CONFLICT)])
        assert found is not None
        assert found.items == (1, 2)
        assert found.voice_count == 1

    def test_outlet_that_reports_something_else_does_not_help(self) -> None:
        found = alert_of([report(1, {Label.DISASTER: 0.8}), post(2, CONFLICT, alert_level=3)])
        assert found is not None
        assert found.items == (1,)
        assert (found.label, found.level, found.voice_count) == (Label.DISASTER, 2, 0)

    @given(ANY_MEMBERS, st.integers(5, 8))
    def test_whatever_the_story_holds(self, members: list[Member], min_voices: int) -> None:
        reported = {label for m in members if m.role is not SourceRole.POST for label in m.labels}
        for member in countable(members, min_voices):
            if member.role is SourceRole.POST:
                for label in member.labels:
                    saying = [m for m in members if label in m.labels and m.kind is ItemKind.POST]
                    voices = {m.voice for m in saying if m.voice and m.how is not How.COPY}
                    assert label in reported or len(voices) >= min_voices

    @given(ANY_MEMBERS)
    def test_counting_never_invents(self, members: list[Member]) -> None:
        given_members = {(m.item_id, m.at): m for m in members}
        for seen in countable(members, 5):
            member = given_members[seen.item_id, seen.at]
            assert seen.labels.items() <= member.labels.items() or seen.item_id in _twice(members)
            assert seen.alert_level <= max(m.alert_level for m in members)
            assert (seen.conflict_level == 0) or Label.CONFLICT in seen.labels


def test_level_falls_with_the_label_that_carried_it() -> None:
    """A post about a civil servant's neutrality at level 3 that also mentions the election lifts nothing."""
    mixed = {Label.NEUTRALITY: 0.9, Label.ELECTION: 0.9}
    seen = countable([report(1, {Label.ELECTION: 0.9}, alert_level=0), post(2, mixed, alert_level=3)], 5)
    assert [m.alert_level for m in seen] == [0, 1]


def test_fact_check_reports_a_claim_without_raising_neutrality() -> None:
    check = report(1, {Label.MISINFORMATION: 0.8, Label.NEUTRALITY: 0.8}, role=SourceRole.FACTCHECK)
    (seen,) = countable([check], 5)
    assert seen == replace(check, labels={Label.MISINFORMATION: 0.8})


def utc(month: int, day: int) -> datetime:
    return datetime(2024, month, day, 12, tzinfo=UTC)


def _twice(members: list[Member]) -> set[int]:
    ids = [m.item_id for m in members]
    return {id_ for id_ in ids if ids.count(id_) > 1}


@pytest.mark.parametrize(
    ("age", "expected"), [(timedelta(0), True), (timedelta(days=7), False), (timedelta(days=60), False)]
)
def test_only_what_was_published_lately_is_news(age: timedelta, expected: bool) -> None:
    assert is_news(NOW - age, NOW, timedelta(days=7)) is expected
