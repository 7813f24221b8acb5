"""The card says what was judged, and what was not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import nlp
from nlp.model_files import METRICS
from tests.nlp.conftest import MODELS

pytest.importorskip("torch", reason="not run: torch is not installed (extra: train)")

import json

from nlp.training.encoder.card import encoder_card


@pytest.fixture
def metrics() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((MODELS / nlp.ENCODER / METRICS).read_text(encoding="utf-8"))
    return found


def test_the_shipped_card_is_that_of_its_figures(metrics: dict[str, Any]) -> None:
    card = (Path(MODELS) / nlp.ENCODER / "MODEL_CARD.md").read_text(encoding="utf-8")
    version = card.partition("\n")[0].removeprefix("# Model card: ")
    assert card == encoder_card(version, metrics)


def test_a_model_that_was_not_judged_says_so(metrics: dict[str, Any]) -> None:
    del metrics["judged"]
    card = encoder_card("own+1", metrics)
    assert "were not judged yet" in card
    assert "The functional suite: not run." in card
    assert "gates, the functional suite and protected speech, are open" not in card


def test_a_closed_gate_and_a_weak_function_are_named(metrics: dict[str, Any]) -> None:
    metrics["judged"]["gates_open"] = False
    metrics["judged"]["functional"]["functions"] = {"satire": {"passed": 3, "n": 12}, "leet": {"passed": 12, "n": 12}}
    card = encoder_card("own+1", metrics)
    assert "**A release gate is closed**" in card
    assert "at 75 % or less: satire 25%." in card


@pytest.mark.parametrize("texts", [0, 5813])
def test_texts_said_again_are_named_where_there_were_any(metrics: dict[str, Any], texts: int) -> None:
    metrics["n_train"]["hate, said in Banjarese"] = texts
    assert ("said again in Banjarese word by word" in encoder_card("own+1", metrics)) is bool(texts)
