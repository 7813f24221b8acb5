"""The stage calendar: reading it, and how close a day is to a vote."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.calendar import Stage, closeness, load_stages
from waspada.errors import SettingsError

VOTE_DAY = date(2024, 11, 27)
VOTE = Stage("pilkada-2024", "Pemungutan suara", VOTE_DAY, VOTE_DAY)
AGAIN = Stage("psu-2025", "Pemungutan suara ulang", date(2025, 4, 19), date(2025, 4, 19), "63.72")


@pytest.mark.parametrize(
    ("days", "weight"),
    [(-60, 0.0), (-30, 0.0), (-15, 0.5), (-3, 0.9), (0, 1.0), (10, 0.5), (20, 0.0), (60, 0.0)],
)
def test_rises_thirty_days_before_and_falls_twenty_after(days: int, weight: float) -> None:
    assert closeness(VOTE_DAY + timedelta(days=days), "63", [VOTE]) == pytest.approx(weight)


def test_rests_between_elections() -> None:
    assert closeness(date(2026, 6, 1), "63", load_stages()) == 0
    assert closeness(VOTE_DAY, "63", []) == 0


def test_other_stages_are_no_votes() -> None:
    assert closeness(VOTE_DAY, "63", [Stage("pilkada-2024", "Masa tenang", VOTE_DAY, VOTE_DAY)]) == 0


@pytest.mark.parametrize(
    ("region", "weight"),
    [("63.72", 1.0), ("63.72.01", 1.0), ("63", 0.0), ("63.71", 0.0), ("63.7", 0.0), (None, 0.0)],
)
def test_vote_of_a_region_counts_within_it(region: str | None, weight: float) -> None:
    assert closeness(AGAIN.end, region, [AGAIN]) == weight


def test_national_vote_counts_everywhere() -> None:
    assert closeness(VOTE_DAY, None, [VOTE]) == closeness(VOTE_DAY, "91.01", [VOTE]) == 1


def test_nearest_vote_counts() -> None:
    assert closeness(AGAIN.end, "63.72", [VOTE, AGAIN]) == 1


def test_vote_of_several_days_is_full_on_each() -> None:
    days = Stage("x", "Pemungutan suara", VOTE_DAY, VOTE_DAY + timedelta(days=4))
    assert [closeness(VOTE_DAY + timedelta(days=n), None, [days]) for n in range(5)] == [1.0] * 5


@given(st.dates(date(1990, 1, 1), date(2050, 1, 1)))
def test_stays_between_nought_and_one(day: date) -> None:
    assert 0 <= closeness(day, "63.72", [VOTE, AGAIN]) <= 1


def test_shipped_calendar_holds_the_vote_of_2024() -> None:
    stages = load_stages()
    assert any(stage.is_vote and stage.end == VOTE_DAY and stage.region is None for stage in stages)
    assert all(stage.start is None or stage.start <= stage.end for stage in stages)
    assert [stage.end for stage in stages] == sorted(stage.end for stage in stages)
    assert all(stage.source for stage in stages)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("election,region,stage,start,end\nx,,Pemungutan suara,,2024-11-27\nx,,Lain,,27-11-2024\n", "line 3"),
        ("election,stage\nx,y\n", "line 2"),
        ("election,region,stage,start,end\nx\n", "line 2"),
    ],
)
def test_bad_line_is_named(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "stages.csv"
    path.write_text(content)
    with pytest.raises(SettingsError, match=said) as raised:
        load_stages(path)
    assert "YYYY-MM-DD" in str(raised.value)


def test_missing_file_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="WASPADA_CALENDAR_FILE"):
        load_stages(tmp_path / "none.csv")


def test_empty_calendar_rests(tmp_path: Path) -> None:
    path = tmp_path / "stages.csv"
    path.write_text("election,region,stage,start,end,status,source\n")
    assert load_stages(path) == ()
