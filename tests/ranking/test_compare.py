"""Why one alert stands above another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import NOW
from waspada.alerts.compare import compare
from waspada.alerts.types import AlertState, AlertSummary
from waspada.alerts.weights import PARTS

PARTS_OF_A_SCORE = st.fixed_dictionaries({part: st.integers(-24, 200).map(lambda n: n / 4) for part in PARTS})


def alert(id_: int, parts: dict[str, float], **given: Any) -> AlertSummary:
    fields: dict[str, Any] = {
        "id": id_, "story_id": id_, "state": AlertState.NEW, "label": "conflict", "level": 2,
        "score": sum(parts.values()), "parts": parts, "confidence": 0.9, "labels": {}, "headline": "Pasar terbakar",
        "why": "", "item_count": 1, "outlet_count": 1, "voice_count": 0, "opened_at": NOW, "changed_at": NOW,
        "last_item_at": NOW - timedelta(hours=1), "ranked_at": NOW, "reason": None, "revision": 1, **given,
    }  # fmt: skip
    return AlertSummary(**fields)


def parts(**given: float) -> dict[str, float]:
    return dict.fromkeys(PARTS, 0.0) | given


@given(PARTS_OF_A_SCORE, PARTS_OF_A_SCORE)
def test_differences_add_up_and_the_largest_comes_first(a: dict[str, float], b: dict[str, float]) -> None:
    found = compare(alert(1, a), alert(2, b))
    assert found == compare(alert(2, b), alert(1, a))
    assert sum(one.difference for one in found.parts) == found.difference >= 0
    sizes = [abs(one.difference) for one in found.parts]
    assert sizes == sorted(sizes, reverse=True)
    assert {one.part for one in found.parts} == set(PARTS)
    assert all(one.sentence.endswith(".") for one in found.parts)
    assert found.sentence.startswith(f"Peringatan {found.upper.id} ")


def test_sentence_names_what_speaks_for_it_and_what_against() -> None:
    upper = alert(12, parts(level=38, outlets=2.5, novelty=1), notes={"stage": "Masa tenang (pilkada-2024)"})
    lower = alert(9, parts(level=22, outlets=0.5, novelty=5.5, stage=3.5))
    found = compare(lower, upper)
    assert found.sentence == (
        "Peringatan 12 (41,5 poin) di atas peringatan 9 (31,5 poin) dengan selisih 10, terutama karena tingkat "
        "peringatan (+16) dan media independen (+2); peringatan 9 lebih unggul pada kebaruan (−4,5) dan tahapan "
        "pemilihan (−3,5)."
    )
    assert [one.part for one in found.parts][:4] == ["level", "novelty", "stage", "outlets"]
    assert found.parts[0].sentence == "Tingkat peringatan: 38 melawan 22 poin (+16)."
    assert found.parts[2].notes == ("peringatan 12: Masa tenang (pilkada-2024)",)
    assert found.parts[-1].sentence.endswith(": sama, 0 poin.")


def test_no_private_name_leaves_in_a_note() -> None:
    """An operator writes the calendar: a stage may be called after somebody."""
    upper = alert(2, parts(stage=4), notes={"stage": "Pilkades ulang; korban bernama Siti Rahmini (34)"})
    found = compare(upper, alert(1, parts()))
    (stage,) = (one for one in found.parts if one.part == "stage")
    assert "[nama]" in stage.notes[0]
    assert "Rahmini" not in stage.sentence + found.sentence + stage.notes[0]


def test_equal_scores_are_told_apart_by_which_is_newer() -> None:
    found = compare(alert(3, parts(level=22)), alert(7, parts(level=22)))
    assert (found.upper.id, found.difference) == (7, 0)
    assert found.sentence == "Peringatan 7 dan peringatan 3 sama poinnya (22); yang lebih baru di atas."


def test_alert_beside_itself_does_not_differ() -> None:
    one = alert(3, parts(level=22))
    assert compare(one, one).difference == 0


def test_withdrawn_alert_without_parts_and_one_of_an_older_version() -> None:
    found = compare(alert(3, {}, score=0.0), alert(7, {"level": 28.0, "luck": 1.0}))
    assert (found.upper.id, found.difference) == (7, 29.0)
    assert [one.part for one in found.parts] == ["level", "luck"]


@pytest.mark.parametrize(("version", "said"), [(None, False), (4, True)])
def test_different_weights_are_said(version: int | None, said: bool) -> None:
    found = compare(alert(3, parts(level=22)), alert(7, parts(level=38), weights_version=version))
    assert ("bobot yang berbeda" in found.sentence) is said
