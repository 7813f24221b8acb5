"""`waspada backfill`: its dates and its table; what it does is tested with the crawler."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from crawler.types import BackfillReport, FilledSource
from waspada.cli.backfill_command import days_of, table_of, time_left
from waspada.cli.main import app
from waspada.clock import Days
from waspada.errors import AlreadyRunningError, InputError
from waspada.jobs.lock import data_dir_lock

TODAY = date(2025, 3, 1)
run = CliRunner()


def test_a_span_holds_both_its_days() -> None:
    assert days_of("2025-02-01", " 2025-03-01 ", TODAY) == Days(date(2025, 2, 1), TODAY)


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2025-02-30", "2025-03-01", "no date"),
        ("kemarin", "2025-03-01", "no date"),
        ("2025-02-14T10:00", "2025-03-01", "no date"),
        ("", "2025-03-01", "no date"),
        ("2025-02-02", "2025-02-01", "ends .* before it begins"),
        ("2025-02-02", "2025-03-02", "still ahead"),
        ("1999-01-01", "2025-03-01", "longer than ten years"),
    ],
)
def test_days_that_are_no_span(first: str, last: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        days_of(first, last, TODAY)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (0.2, "kira-kira 1 detik lagi"), (600.0, "kira-kira 10 menit lagi"), (9000.0, "kira-kira 2 jam lagi")],
)
def test_the_time_left_in_words(seconds: float | None, words: str) -> None:
    assert time_left(seconds) == words


def test_the_table_has_a_row_a_source_with_its_reason() -> None:
    rows = (
        FilledSource(
            "kabar", "Kabar", "sitemap", announced=7, new=5, known=2, outside=9, failed=1, why="[404] di sana"
        ),
        FilledSource("warta", "Warta", why="no sitemap, and no feed with older pages"),
    )
    console = Console(width=200, record=True, file=None, quiet=False)
    with console.capture() as shown:
        console.print(table_of(BackfillReport(rows, 12.0), Days(date(2025, 2, 1), date(2025, 2, 28))))
    text = shown.get()
    assert "5 new items of 2025-02-01 to 2025-02-28 from 2 sources in 12 s" in text
    assert "[404] di sana" in text
    assert "no sitemap" in text


def test_a_folder_that_is_in_use_is_left_alone(tmp_path: Path) -> None:
    run.invoke(app, ["sources", "list", "--data", str(tmp_path)])
    with data_dir_lock(tmp_path):
        given = ["backfill", "--from", "2025-02-01", "--to", "2025-02-02", "--data", str(tmp_path)]
        refused = run.invoke(app, given).exception
    assert isinstance(refused, AlreadyRunningError)
    assert "--walk-only" in refused.hint
