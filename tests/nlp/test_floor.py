"""The shipped models keep their floors on gold dev, and the figures in their folders are those that they reach.

The baseline's floors are the known figures of TF-IDF with logistic regression on items of the same kind; a flag to
lower a floor does not exist.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

import nlp
from nlp.evaluation.evaluate import Evaluation, evaluate
from nlp.labelled import file_sha256, read_labelled
from waspada.taxonomy import Label

MODELS = Path(__file__).resolve().parents[2] / "models"


@dataclass(frozen=True, slots=True)
class Floor:
    """Least macro-F1 and kappa, and the highest share of quiet items at level 2 and calibration error of a label."""

    main: float
    secondary: float
    kappa: float
    quiet: float
    ece: float
    #: bf16 and f32 do not round alike, so figures may differ a little from processor to processor.
    tolerance: float


FLOORS = {
    nlp.BASELINE: Floor(main=0.703, secondary=0.715, kappa=0.66, quiet=0.03, ece=0.06, tolerance=1e-3),
    nlp.ENCODER: Floor(main=0.78, secondary=0.76, kappa=0.73, quiet=0.03, ece=0.06, tolerance=0.01),
}


@pytest.fixture(scope="module")
def dev(data_root: Path) -> Path:
    return data_root / "gold" / "dev.jsonl"


@pytest.fixture(scope="module", params=list(FLOORS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def result(name: str, dev: Path) -> Evaluation:
    return evaluate(nlp.load(MODELS / name), read_labelled(dev), replicates=200)


def test_it_keeps_its_floor_on_dev(name: str, result: Evaluation) -> None:
    floor = FLOORS[name]
    assert result.main_f1.value >= floor.main
    assert result.secondary_f1.value >= floor.secondary
    assert result.alert_kappa.value >= floor.kappa
    assert result.quiet_raised.value <= floor.quiet
    assert max(result.labels[label].ece for label in Label) <= floor.ece


def test_the_figures_that_ship_are_those_that_it_reaches(name: str, result: Evaluation, dev: Path) -> None:
    shipped = json.loads((MODELS / name / "metrics.json").read_text())
    assert shipped["data_sha256"]["gold/dev.jsonl"] == file_sha256(dev)
    tolerance = FLOORS[name].tolerance
    assert shipped["dev"]["main_macro_f1"]["value"] == pytest.approx(result.main_f1.value, abs=tolerance)
    assert shipped["dev"]["alert_kappa"]["value"] == pytest.approx(result.alert_kappa.value, abs=tolerance)
