"""The benchmark of the ranking, run on a handful of made-up items with the small model."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import nlp
from benchmarks import ranking
from benchmarks.ranking_measures import Line, ndcg, precision_of_shown
from benchmarks.shared import results
from benchmarks.tag_cache import CachedTagger
from tests.benchmarks.test_ranking_items import gold_file, row
from waspada.taxonomy import ItemText

MODEL = nlp.shipped(nlp.BASELINE)
ITEMS = [
    ItemText("1", "Bentrok di Martapura", "Dua kelompok pemuda bentrok di Martapura, tiga orang luka."),
    ItemText("2", "", "Panen raya di Anjir Pasar, Kabupaten Barito Kuala."),
]


def test_kept_tags_are_those_of_the_model_with_places_found_anew(tmp_path: Path) -> None:
    first = CachedTagger(MODEL, tmp_path)
    read = first.classify(ITEMS)
    first.close()
    again = CachedTagger(MODEL, tmp_path)
    kept = again.classify([ITEMS[1], ITEMS[0], ITEMS[0]])
    again.close()
    direct = nlp.load(MODEL).classify(ITEMS)
    assert [tags.as_contract() for tags in read] == [tags.as_contract() for tags in direct]
    assert [tags.as_contract() for tags in kept] == [direct[n].as_contract() for n in (1, 0, 0)]
    assert np.array_equal(kept[1].embedding, direct[0].embedding)


def test_what_was_read_before_a_stop_is_not_read_again(tmp_path: Path) -> None:
    stopped = CachedTagger(MODEL, tmp_path)
    stopped.read_ahead(ITEMS[:1], lambda _n: None)  # never closed, as after a kill
    again = CachedTagger(MODEL, tmp_path)
    assert again.missing(ITEMS) == [ITEMS[1]]
    again.read_ahead(ITEMS, lambda _n: None)
    assert again.missing(ITEMS) == []


def day(*lines: Line, items: str = "abc") -> ranking.Day:
    from datetime import date

    shown = dict.fromkeys(ranking.WAYS, tuple(lines)) | {"newest first": tuple(reversed(lines))}
    return ranking.Day(date(2026, 2, 1), tuple(items), shown, ())


def test_means_leave_out_days_on_which_a_measure_says_nothing() -> None:
    judged = ranking.Judged({"a": 3, "b": 0, "x": 0}, frozenset("b"))
    days = [day(Line(("a",), 3), Line(("b",), 1)), day(Line(("x",), 1), items="x")]
    figures = ranking.Figures(ndcg, days, judged)
    ours, above = figures.of(ranking.OURS), figures.above(ranking.OURS, "newest first")
    assert ours is not None
    assert above is not None
    assert ours.value == 1.0
    assert above.value == pytest.approx(1 - 1 / np.log2(3))
    assert ranking.Figures(precision_of_shown, days[1:], judged).of(ranking.OURS) is None
    assert ranking.preventions(days, ranking.OURS, judged) == "1 of 1 (3 lines)"


def test_a_run_prints_every_way_and_writes_faults_without_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WASPADA_BENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(results, "width", 400)
    places = ("Martapura", "Barabai", "Kandangan", "Amuntai", "Rantau")
    rows = [
        row(f"k{n}", f"Dua kelompok warga bentrok di {p}, {n + 3} luka dan kios dibakar massa.", alert=3, conflict=2)
        for n, p in enumerate(places)
    ] + [row(f"p{n}", f"Lomba perahu di {p} diikuti {n + 9} regu.") for n, p in enumerate(places)]
    gold, errors = gold_file(tmp_path / "gold.jsonl", rows), tmp_path / "errors.md"
    arguments = ["ranking", "--gold", str(gold), "--times", "0", "--model", str(MODEL), "--errors", str(errors)]
    monkeypatch.setattr(sys, "argv", arguments)
    ranking.main()
    said = capsys.readouterr().out
    assert all(way in said for way in ranking.WAYS)
    assert "NDCG@10" in said
    assert "0 of 0" in said
    text = errors.read_text(encoding="utf-8")
    assert "What the ranking gets wrong" in text
    assert "bentrok" not in text


def test_without_data_it_says_why(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["ranking", "--gold", "/nowhere/gold.jsonl"])
    ranking.main()
    assert "not run: /nowhere/gold.jsonl is not there" in capsys.readouterr().out


def test_verdicts_are_hashes_and_levels_each_once() -> None:
    text = Path(ranking.__file__).with_name("data") / "distractors.csv"
    lines = text.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "sha1,level"
    verdicts = ranking.read_verdicts()
    assert len(verdicts) == len(lines) - 1
    assert all(len(key) == 40 and set(key) <= set("0123456789abcdef") for key in verdicts)
    assert set(verdicts.values()) <= {0, 1, 2, 3}
