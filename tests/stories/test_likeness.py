"""The pair score: readable parts, and vectors that are compared only where they can be."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.stories.prints import fingerprint, vector, with_likeness
from tests.stories.texts import DRILL, FLOOD, FLOOD_ELSEWHERE, FLOOD_RETOLD
from waspada.stories.likeness import (
    OF_ARTICLES,
    OF_ARTICLES_SPARSE,
    OF_POSTS,
    OF_POSTS_SPARSE,
    Part,
    Weights,
    dense_likeness,
    elsewhere,
    pair_score,
    parts_of,
)
from waspada.stories.repository import unit_vector
from waspada.stories.types import Fingerprint
from waspada.stories.vetoes import Veto, veto
from waspada.taxonomy import ItemKind, Label

FIRST = fingerprint("Banjir Rendam Ratusan Rumah di Astambul", FLOOD)
RETOLD = fingerprint("Astambul Terendam, Dapur Umum Dibuka", FLOOD_RETOLD, item_id=2)


def test_log_odds_are_the_sum_of_the_parts() -> None:
    score = pair_score(FIRST, RETOLD)
    summed = OF_ARTICLES.bias + sum(weight * score.parts[part] for part, weight in OF_ARTICLES.of.items())
    assert score.log_odds == pytest.approx(summed)
    assert score.p == pytest.approx(1 / (1 + math.exp(-summed)))


@pytest.mark.parametrize("weights", [OF_ARTICLES, OF_ARTICLES_SPARSE, OF_POSTS, OF_POSTS_SPARSE])
def test_what_speaks_against_weighs_less_than_nothing(weights: Weights) -> None:
    against = {Part.ELSEWHERE, Part.GAP, Part.LABELS}
    assert all((value < 0) is (part in against) for part, value in weights.of.items())


def test_parts_lie_between_nothing_and_all() -> None:
    for other in (RETOLD, fingerprint("", DRILL), fingerprint("", "", at=None, regions=())):
        assert all(0 <= value <= 1 + 1e-6 for value in parts_of(FIRST, other).values())


def test_a_retold_event_is_likelier_than_one_of_its_kind_elsewhere() -> None:
    plain = replace(FIRST, dense=None)
    elsewhere_ = fingerprint("Sungai Meluap", FLOOD_ELSEWHERE, regions=("62.07",), dense=None)
    assert pair_score(plain, replace(RETOLD, dense=None)).p > pair_score(plain, elsewhere_).p


@pytest.mark.parametrize(
    "other",
    [
        replace(RETOLD, model="waspada-id-v2"),
        replace(RETOLD, dense=None),
        replace(RETOLD, model=""),
    ],
)
def test_vectors_of_other_models_are_not_compared(other: Fingerprint) -> None:
    assert dense_likeness(FIRST, other) is None
    assert Part.DENSE not in parts_of(FIRST, other)
    assert pair_score(FIRST, other).log_odds == pytest.approx(
        pair_score(replace(FIRST, dense=None), replace(RETOLD, dense=None)).log_odds
    )


def test_a_model_of_unknown_scale_is_not_compared() -> None:
    assert dense_likeness(replace(FIRST, model="baseline-id-v1"), replace(RETOLD, model="baseline-id-v1")) is None


@pytest.mark.parametrize(
    "odd", [np.zeros(384), np.full(384, np.nan), np.full(384, np.inf), np.array([]), np.array([np.nan] + [1.0] * 383)]
)
def test_vector_that_says_nothing_is_none(odd: NDArray[np.float64]) -> None:
    assert unit_vector(odd.astype(np.float32)) is None


def test_vectors_get_norm_one() -> None:
    made = unit_vector(np.full(384, 3.0, dtype=np.float32))
    assert made is not None
    assert float(np.linalg.norm(made)) == pytest.approx(1.0, abs=1e-5)


def test_likeness_counts_from_that_of_unrelated_texts() -> None:
    assert dense_likeness(FIRST, replace(RETOLD, dense=vector(5, 0.4))) == 0
    assert dense_likeness(FIRST, replace(RETOLD, dense=vector(5, 0.75))) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("ours", "theirs", "part"),
    [
        (("63.03.05", "63.03"), ("63.03.05", "63.03"), 1.0),
        (("63.03.05", "63.03"), ("63.03.07", "63.03"), 0.8),
        (("63.03",), ("63.03",), 0.8),
        (("63.03",), ("63.71", "63.03"), 0.4),
        (("63.03",), ("63",), 0.4),
        (("63.03",), ("63.71",), 0.0),
        (("63.03",), (), 0.0),
    ],
)
def test_place_counts_by_how_fine_it_agrees(ours: tuple[str, ...], theirs: tuple[str, ...], part: float) -> None:
    a, b = replace(FIRST, regions=ours), replace(RETOLD, regions=theirs)
    assert parts_of(a, b)[Part.PLACE] == parts_of(b, a)[Part.PLACE] == part
    assert elsewhere(a, b) is (theirs == ("63.71",))


def test_home_of_an_outlet_contradicts_no_place() -> None:
    assert not elsewhere(FIRST, replace(RETOLD, regions=("63.71",), is_placed=False))


def test_posts_have_a_table_of_their_own() -> None:
    post = replace(with_likeness(FIRST, 0.9, 3), kind=ItemKind.POST)
    score = pair_score(FIRST, post)
    assert score.log_odds == pytest.approx(
        OF_POSTS.bias + sum(weight * score.parts[part] for part, weight in OF_POSTS.of.items())
    )


def test_another_polling_station_is_another_event() -> None:
    words = "Warga memprotes penghitungan di TPS {} Desa Sungai Batang karena kotak suara dibuka lebih awal."
    one, other = (fingerprint("Protes di TPS", words.format(number), item_id=number) for number in (3, 7))
    assert veto(one, other) is Veto.STATION
    assert veto(one, fingerprint("Protes di TPS", words.format("3 dan TPS 7"))) is None


def test_appeal_is_not_the_event() -> None:
    event = replace(fingerprint("Bentrok di Astambul", FLOOD), labels=frozenset({Label.CONFLICT}))
    appeal = fingerprint("Polisi Imbau Warga Tidak Terprovokasi", DRILL)
    assert veto(event, appeal) is veto(appeal, event) is Veto.PREVENTION
    assert veto(event, replace(appeal, labels=frozenset({Label.CONFLICT}))) is None
    assert veto(event, replace(appeal, kind=ItemKind.POST)) is None


def test_what_only_one_says_is_no_veto() -> None:
    assert veto(fingerprint("", FLOOD), fingerprint("", f"{FLOOD} Sebanyak 12 orang luka-luka di TPS 03.")) is None
