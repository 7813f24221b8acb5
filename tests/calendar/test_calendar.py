"""The stage calendar: reading it, and what a day counts as."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.calendar import Stage, load_stages, stage_at
from waspada.errors import SettingsError

VOTE_DAY = date(2024, 11, 27)
VOTE = Stage("pilkada-2024", "Pemungutan suara", VOTE_DAY, VOTE_DAY)
AGAIN = Stage("psu-2025", "Pemungutan suara ulang", date(2025, 4, 19), date(2025, 4, 19), "63.72")


def closeness(day: date, region: str | None, stages: list[Stage] | tuple[Stage, ...]) -> float:
    return stage_at(day, region, stages).weight


@pytest.mark.parametrize(
    ("days", "weight"),
    [(-60, 0.0), (-30, 0.0), (-15, 0.5), (-3, 0.9), (0, 1.0), (10, 0.5), (20, 0.0), (60, 0.0)],
)
def test_rises_thirty_days_before_and_falls_twenty_after(days: int, weight: float) -> None:
    assert closeness(VOTE_DAY + timedelta(days=days), "63", [VOTE]) == pytest.approx(weight)


def test_rests_between_elections() -> None:
    assert closeness(date(2026, 6, 1), "63", load_stages()) == 0
    assert closeness(VOTE_DAY, "63", []) == 0


def test_file_without_weights_knows_votes_only() -> None:
    assert closeness(VOTE_DAY, "63", [Stage("pilkada-2024", "Masa tenang", VOTE_DAY, VOTE_DAY)]) == 0


@pytest.mark.parametrize(
    ("day", "region", "weight", "words"),
    [
        (date(2024, 8, 28), "63", 0.5, "Pendaftaran pasangan calon (pilkada-2024)"),
        (date(2024, 10, 10), "63", 0.6, "Kampanye (pilkada-2024)"),
        (date(2024, 11, 24), "63", 0.9, "Masa tenang (pilkada-2024)"),
        (VOTE_DAY, "63", 1.0, "Pemungutan suara (pilkada-2024)"),
        (date(2024, 12, 10), "63", 0.8, "Penghitungan dan rekapitulasi (pilkada-2024)"),
        (date(2025, 2, 1), "63", 0.4, "Sengketa hasil di Mahkamah Konstitusi (pilkada-2024)"),
        (date(2025, 4, 13), "63.72", 0.8, "6 hari menjelang Pemungutan suara ulang (psu-banjarbaru-2025)"),
        (date(2025, 4, 24), "63.72", 0.75, "5 hari setelah Pemungutan suara ulang (psu-banjarbaru-2025)"),
        (date(2025, 4, 13), "63.71", 0.0, ""),
    ],
)
def test_every_stage_has_a_weight_and_is_named(day: date, region: str, weight: float, words: str) -> None:
    found = stage_at(day, region, load_stages())
    assert found.weight == pytest.approx(weight)
    assert found.words == words


def test_provisional_dates_count_half_and_say_so() -> None:
    found = stage_at(date(2026, 7, 22), "63.03.05", load_stages())
    assert found.weight == pytest.approx(0.35)
    assert found.words == "Pemungutan suara (rencana) (pilkades-banjar-2026; jadwal sementara)"


def test_calendar_rests_in_2027_until_an_operator_writes_a_village_election_into_it(tmp_path: Path) -> None:
    days = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]
    assert {stage_at(day, region, load_stages()).weight for day in days for region in ("63", "63.03", None)} == {0.0}
    path = tmp_path / "stages.csv"
    path.write_text(
        "election,region,stage,start,end,weight,status,source\n"
        "pilkades-2027,63.03.05,Pemungutan suara,2027-05-20,2027-05-20,0.7,final,perbup\n"
        "sela-2027,63.71,Kampanye,2027-05-01,2027-05-16,0.6,provisional,KPU\n"
    )
    stages = load_stages(path)
    assert closeness(date(2027, 5, 20), "63.03.05.2001", stages) == pytest.approx(0.7)
    assert closeness(date(2027, 5, 20), "63.03.06", stages) == 0
    assert closeness(date(2027, 5, 2), "63.71", stages) == pytest.approx(0.3)


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
        ("election,region,stage,start,end,weight\nx,,Kampanye,,2024-11-27,2\n", "line 2"),
        ("election,region,stage,start,end,weight\nx,,Kampanye,,2024-11-27,berat\n", "line 2"),
        ("election,region,stage,start,end,weight\nx,,Kampanye,,2024-11-27,nan\n", "line 2"),
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
