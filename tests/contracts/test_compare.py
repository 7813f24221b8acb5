"""`waspada backtest --compare`: a table beside the alerts, which stay what they are without it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.contracts.command import CONTRACTS, read_jsonl, waspada
from waspada.jobs.baselines import BASELINES

ITEMS = CONTRACTS / "item.example.jsonl"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("compare") / "table.csv"
    alone, beside = waspada("backtest", ITEMS), waspada("backtest", ITEMS, "--compare", path)
    assert beside.code == alone.code == 0
    assert beside.out == alone.out
    assert beside.errors.startswith(alone.errors)
    said = beside.errors.removeprefix(alone.errors).splitlines()
    assert said[0] == "compared on 3 days, at most 10 lines a day: waspada shows 6 items"
    assert [line.strip().split(":")[0] for line in said[1:]] == list(BASELINES)
    return path


def test_alerts_are_unchanged_and_each_way_has_a_column(table: Path) -> None:
    rows = rows_of(table)
    assert list(rows[0]) == ["day", "rank", "waspada", *BASELINES]
    alerts = {
        (line["day"], str(line["rank"])): list(map(str, line["items"]))
        for line in read_jsonl(CONTRACTS / "backtest.example.jsonl")
    }
    assert {(row["day"], row["rank"]): row["waspada"].split() for row in rows if row["waspada"]} == alerts


def test_every_way_orders_the_same_items_of_a_day(table: Path) -> None:
    dated = {str(item["id"]): item for item in read_jsonl(ITEMS) if item.get("published_at")}
    for way in BASELINES:
        shown = [row[way] for row in rows_of(table) if row[way]]
        assert sorted(shown) == sorted(dated)


def test_top_bounds_the_table_and_no_text_stands_in_it(tmp_path: Path, table: Path) -> None:
    short = tmp_path / "top.csv"
    assert waspada("backtest", ITEMS, "--top", "1", "--compare", short).code == 0
    assert rows_of(short) == [row for row in rows_of(table) if row["rank"] == "1"]
    words = {word for item in read_jsonl(ITEMS) for word in (item.get("title") or "").split() if len(word) > 5}
    assert not words & set(table.read_text(encoding="utf-8").replace(",", " ").split())


def test_bad_lines_are_reported_and_the_table_is_written(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    good = {
        "title": "Bentrok di Martapura",
        "text": "Dua kelompok bentrok.",
        "published_at": "2024-11-20T09:00:00+08:00",
    }
    odd = [
        {**good, "id": "=HYPERLINK(1)"},
        {**good, "id": None, "text": "Banjir di Barabai."},
        {**good, "id": "dua kata\n", "text": "Longsor di Loksado."},
        {**good, "id": "\ud800", "text": "Panen di Anjir."},
    ]
    lines = b"".join(json.dumps(one).encode() + b"\n" for one in odd)  # a lone surrogate must be escaped
    answer = waspada("backtest", "-", "--compare", path, stdin=b"bukan JSON\n" + lines)
    assert answer.code == 1
    assert "line 1: the line is not JSON" in answer.errors
    assert "Traceback" not in answer.errors
    cells = {row["newest first"] for row in rows_of(path)}
    assert cells == {"'=HYPERLINK(1)", "null", '"dua kata\\n"', "\\ud800"}


def test_empty_file_is_a_table_of_no_day(tmp_path: Path) -> None:
    empty, path = tmp_path / "empty.jsonl", tmp_path / "table.csv"
    empty.write_bytes(b"")
    answer = waspada("backtest", empty, "--compare", path)
    assert (answer.code, answer.out) == (0, b"")
    assert rows_of(path) == []
    assert "compared on 0 days" in answer.errors


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (".", "cannot be written: Is a directory"),
        ("none/table.csv", "cannot be written: No such file or directory"),
        ("own.jsonl", "would write over"),
        ("-", "needs a file"),
    ],
)
def test_a_table_that_cannot_be_written_stops_it_before_the_first_day(tmp_path: Path, name: str, said: str) -> None:
    items = tmp_path / "own.jsonl"
    items.write_bytes(ITEMS.read_bytes())
    answer = waspada("backtest", items, "--compare", name if name == "-" else tmp_path / name)
    assert (answer.code, answer.out) == (2, b"")
    assert said in answer.errors.replace("\n", " ")
    assert "Traceback" not in answer.errors
    assert items.read_bytes() == ITEMS.read_bytes()
