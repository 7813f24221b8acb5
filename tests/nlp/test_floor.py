"""The shipped baseline keeps its floor on gold dev, and the figures in its folder are those that it reaches.

The floors are the known figures of TF-IDF with logistic regression on items of the same kind; a flag to lower them does
not exist.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import nlp
from nlp.evaluation.evaluate import Evaluation, evaluate
from nlp.labelled import file_sha256, read_labelled
from nlp.tagger import BaselineTagger

MAIN_FLOOR, SECONDARY_FLOOR, KAPPA_FLOOR, QUIET_CEILING = 0.703, 0.715, 0.66, 0.03
METRICS = Path(__file__).resolve().parents[2] / "models" / nlp.DEFAULT_MODEL / "metrics.json"


@pytest.fixture(scope="module")
def dev(data_root: Path) -> Path:
    return data_root / "gold" / "dev.jsonl"


@pytest.fixture(scope="module")
def result(tagger: BaselineTagger, dev: Path) -> Evaluation:
    return evaluate(tagger, read_labelled(dev), replicates=200)


def test_it_keeps_its_floor_on_dev(result: Evaluation) -> None:
    assert result.main_f1.value >= MAIN_FLOOR
    assert result.secondary_f1.value >= SECONDARY_FLOOR
    assert result.alert_kappa.value >= KAPPA_FLOOR
    assert result.quiet_raised.value <= QUIET_CEILING


def test_the_figures_that_ship_are_those_that_it_reaches(result: Evaluation, dev: Path) -> None:
    shipped = json.loads(METRICS.read_text())
    assert shipped["data_sha256"]["gold/dev.jsonl"] == file_sha256(dev)
    assert shipped["dev"]["main_macro_f1"]["value"] == pytest.approx(result.main_f1.value, abs=1e-3)
    assert shipped["dev"]["alert_kappa"]["value"] == pytest.approx(result.alert_kappa.value, abs=1e-3)
    assert shipped["dev"]["alert_table"] == result.alert_table
