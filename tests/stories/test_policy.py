"""Which story an item joins: the table of decisions, and that the order of candidates does not matter."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import NOW
from tests.stories.texts import FLOOD, WIRE
from waspada.stories.fingerprint import jaccard, shingles
from waspada.stories.policy import (
    COPY_JACCARD,
    COPY_WINDOW,
    EVENT_COSINE,
    EVENT_COSINE_UNDATED,
    EVENT_WINDOW,
    LABELS_PENALTY,
    POST_ALLOWANCE,
    PROVINCE_PENALTY,
    SURE_JACCARD,
    decide,
    event_likeness,
)
from waspada.stories.types import Candidate, Fingerprint, How, Join
from waspada.taxonomy import ItemKind, Label

ITEM = Fingerprint(
    item_id=100,
    kind=ItemKind.ARTICLE,
    at=NOW,
    shingles=shingles("", WIRE),
    terms={1: 1.0},
    regions=("63.03",),
    labels=frozenset({Label.CONFLICT}),
)
NEW_STORY = Join(None, How.FIRST, 1.0)


def member(story: int, *, cosine: float = 0.9, **changes: object) -> Candidate:
    """A member of another story in words of its own, alike by `cosine`."""
    other = replace(
        ITEM,
        item_id=story,
        shingles=shingles("", f"{FLOOD} {story}"),
        terms={1: cosine, 1000 + story: math.sqrt(1 - cosine**2)},
        **changes,  # type: ignore[arg-type]
    )
    return Candidate(story, other)


def copy_in(story: int, **changes: object) -> Candidate:
    return Candidate(story, replace(ITEM, item_id=story, **changes))  # type: ignore[arg-type]


def test_first_of_its_kind_opens_a_story() -> None:
    assert decide(ITEM, []) == NEW_STORY


def test_copy_joins_whatever_place_it_has() -> None:
    far = copy_in(5, regions=("31.71",), at=NOW - COPY_WINDOW, labels=frozenset())
    assert decide(ITEM, [far]) == Join(5, How.COPY, 1.0)
    undated = copy_in(6, at=None)
    assert decide(ITEM, [undated]) == Join(6, How.COPY, 1.0)


def _notice(own: str, *numbers: int) -> frozenset[str]:
    """100 shingles, 57 of them those of every other notice: a Jaccard of 0.4."""
    common = {f"bersama {one} {other}" for one in "abcdefghijklmnopqrs" for other in "abc"}
    figures = {f"{own} sebanyak {number}" for number in numbers}
    words = sorted(f"{own} {one} {other}" for one in "abcdefghijk" for other in "abcd")[: 43 - len(figures)]
    return frozenset(common | figures | set(words))


@pytest.mark.parametrize(
    ("is_copy", "numbers", "changes"),
    [
        (True, (412, 87), {}),
        (True, (412, 9), {"regions": ("63.71", "63.03")}),
        (True, (), {"regions": ("63",)}),
        (True, (412, 87, 5, 6, 7), {"regions": ()}),
        (True, (412, 87), {"regions": ("63.71",), "is_placed": False}),
        (False, (5, 9), {}),
        (False, (5, 6, 9), {"regions": ()}),
        (False, (412, 87), {"regions": ("63.71",)}),
        (False, (), {"regions": ("63.71", "63.04")}),
    ],
)
def test_notices_in_one_wording_are_copies_only_with_place_and_figures(
    is_copy: bool, numbers: tuple[int, ...], changes: dict[str, object]
) -> None:
    item = replace(ITEM, shingles=_notice("satu", 412, 87), terms={})
    other = replace(item, shingles=_notice("lain", *numbers), **changes)  # type: ignore[arg-type]
    assert COPY_JACCARD < jaccard(item.shingles, other.shingles) < SURE_JACCARD
    expected = How.COPY if is_copy else How.FIRST
    assert decide(item, [Candidate(5, other)]).how is expected
    assert decide(other, [Candidate(5, item)]).how is expected


def test_the_same_words_a_season_later_are_about_something_else() -> None:
    assert decide(ITEM, [copy_in(5, at=NOW - COPY_WINDOW - timedelta(seconds=1))]) == NEW_STORY


def test_without_a_date_content_alone_decides() -> None:
    elsewhere = member(7, at=None, regions=(), cosine=EVENT_COSINE_UNDATED + 0.02)
    assert decide(ITEM, [elsewhere]).story_id == 7


def test_copy_wins_over_a_closer_event() -> None:
    assert decide(ITEM, [member(4, cosine=0.99), copy_in(9)]).story_id == 9


def test_closest_copy_wins() -> None:
    half = Candidate(3, replace(ITEM, shingles=frozenset(sorted(ITEM.shingles)[: len(ITEM.shingles) * 2 // 3])))
    assert decide(ITEM, [half, copy_in(8)]).story_id == 8


def test_same_event_in_other_words_joins() -> None:
    joined = decide(ITEM, [member(7, cosine=0.8)])
    assert (joined.story_id, joined.how) == (7, How.EVENT)
    assert joined.likeness == pytest.approx(0.8, abs=0.01)


def test_most_alike_story_wins() -> None:
    assert decide(ITEM, [member(7, cosine=0.6), member(8, cosine=0.8), member(9, cosine=0.7)]).story_id == 8


def test_tie_goes_to_the_older_story() -> None:
    tied = [Candidate(story, replace(ITEM, shingles=frozenset({"x"}))) for story in (12, 5, 9)]
    assert decide(replace(ITEM, shingles=frozenset({"y"})), tied).story_id == 5
    assert decide(ITEM, [copy_in(12), copy_in(5)]).story_id == 5


@pytest.mark.parametrize(
    ("why_not", "candidate"),
    [
        ("another region", member(7, regions=("63.71",))),
        ("no region at all", member(7, regions=())),
        ("too long ago", member(7, at=NOW - EVENT_WINDOW - timedelta(seconds=1))),
        ("too far ahead", member(7, at=NOW + EVENT_WINDOW + timedelta(seconds=1))),
        ("an appeal after the clash", member(7, labels=frozenset(), cosine=EVENT_COSINE + LABELS_PENALTY / 2)),
        ("a flood", member(7, labels=frozenset({Label.DISASTER}), cosine=EVENT_COSINE + LABELS_PENALTY / 2)),
        ("a village of another regency", member(7, regions=("63.04",), cosine=0.9)),
        ("only the province", member(7, regions=("63",), cosine=EVENT_COSINE + PROVINCE_PENALTY / 2)),
        ("not alike enough", member(7, cosine=EVENT_COSINE - 0.02)),
    ],
)
def test_other_event_stays_apart(why_not: str, candidate: Candidate) -> None:
    assert decide(ITEM, [candidate]) == NEW_STORY, why_not


@pytest.mark.parametrize(
    "candidate",
    [
        member(7, at=NOW - EVENT_WINDOW),
        member(7, regions=("63.71", "63.03")),
        member(7, labels=frozenset({Label.CONFLICT, Label.FRAUD})),
        member(7, cosine=EVENT_COSINE + 0.02),
        member(7, at=None, cosine=EVENT_COSINE_UNDATED + 0.02),
    ],
)
def test_same_event_joins(candidate: Candidate) -> None:
    assert decide(ITEM, [candidate]).story_id == 7


def test_without_a_date_content_must_say_more() -> None:
    between = (EVENT_COSINE + EVENT_COSINE_UNDATED) / 2
    assert decide(ITEM, [member(7, cosine=between)]).story_id == 7
    assert decide(ITEM, [member(7, cosine=between, at=None)]) == NEW_STORY
    assert decide(replace(ITEM, at=None), [member(7, cosine=between)]) == NEW_STORY


def test_a_post_may_say_less() -> None:
    between = EVENT_COSINE - POST_ALLOWANCE / 2
    assert decide(ITEM, [member(7, cosine=between)]) == NEW_STORY
    assert decide(ITEM, [member(7, cosine=between, kind=ItemKind.POST)]).story_id == 7


def test_province_alone_is_enough_when_the_content_is_alike() -> None:
    assert decide(ITEM, [member(7, regions=("63",), cosine=EVENT_COSINE + PROVINCE_PENALTY + 0.02)]).story_id == 7


_CANDIDATES = st.lists(
    st.builds(
        lambda story, cosine, region, hours, kind: (
            copy_in(story)
            if kind == "copy"
            else member(
                story,
                cosine=cosine,
                regions=(region,),
                at=None if kind == "undated" else NOW + timedelta(hours=hours),
                labels=frozenset() if kind == "quiet" else ITEM.labels,
            )
        ),
        st.integers(1, 6),
        st.sampled_from([0.1, 0.33, 0.4, 0.55, 0.9]),
        st.sampled_from(["63.03", "63.71", "63"]),
        st.integers(-100, 100),
        st.sampled_from(["copy", "event", "event", "undated", "quiet"]),
    ),
    max_size=8,
)


@given(_CANDIDATES, st.randoms(use_true_random=False))
def test_order_of_candidates_does_not_matter(candidates: list[Candidate], rng: object) -> None:
    shuffled = list(candidates)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert decide(ITEM, shuffled) == decide(ITEM, candidates)


@given(_CANDIDATES)
def test_only_a_candidate_story_is_joined(candidates: list[Candidate]) -> None:
    joined = decide(ITEM, candidates)
    assert joined == NEW_STORY or joined.story_id in {c.story_id for c in candidates}
    assert 0 <= joined.likeness <= 1


@given(_CANDIDATES)
def test_likeness_is_symmetric(candidates: list[Candidate]) -> None:
    for candidate in candidates:
        one, other = event_likeness(ITEM, candidate.fingerprint), event_likeness(candidate.fingerprint, ITEM)
        assert (one is None) == (other is None)
        assert one is None or one == pytest.approx(other)
