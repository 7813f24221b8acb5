"""Confidence in words: one table, in step with the per cent beside it, in both languages and in the documentation."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from api.console import words
from api.console.i18n import language
from waspada.alerts.likelihood import STEPS, WORDS, Likelihood, confidence_words, likelihood
from waspada.alerts.wording import percent

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "desk.md"


def test_the_steps_are_those_of_the_field() -> None:
    told = [
        confidence_words(p) for p in (1.0, 0.95, 0.94, 0.8, 0.79, 0.55, 0.54, 0.45, 0.44, 0.2, 0.19, 0.05, 0.04, 0.0)
    ]
    assert told == [words for _, _, words in STEPS for _ in range(2)]


@given(st.floats(0, 1))
def test_words_and_per_cent_never_disagree(p: float) -> None:
    assert likelihood(p) is likelihood(percent(p) / 100)


def test_the_steps_fall_and_each_has_its_words_everywhere() -> None:
    assert all(upper[0] > lower[0] for upper, lower in pairwise(STEPS))
    assert {step for _, step, _ in STEPS} == set(Likelihood)
    assert {step: language("id").say(words.LIKELIHOODS[step]) for step in Likelihood} == WORDS
    assert all(language("en").say(words.LIKELIHOODS[step]) == step.value for step in Likelihood)


def test_the_documentation_has_the_same_table() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for least, step, said in STEPS:
        assert f"| {least} % | {said} | {step.value} |" in text
