"""Rules between the outputs: levels agree with labels, and what is abroad raises nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nlp.heads import COLUMN, HEADS, OFF_WHEN_FOREIGN, AlertRule, Head, decide
from waspada.taxonomy import EVENT_LABELS, Label, MisinformationKind

THRESHOLDS = dict.fromkeys(HEADS, 0.5)


def _rule(needs_event: bool = True) -> AlertRule:
    weights = np.zeros((3, len(HEADS)))
    for step, head in enumerate((Head.ALERT_1, Head.ALERT_2, Head.ALERT_3)):
        weights[step, COLUMN[head]] = 1.0
    return AlertRule(weights, np.zeros(3), needs_event)


def _logits(*on: Head) -> NDArray[np.float64]:
    logits = np.full(len(HEADS), -3.0)
    logits[[COLUMN[head] for head in on]] = 3.0
    return logits


@given(st.lists(st.floats(-12, 12), min_size=len(HEADS), max_size=len(HEADS)), st.booleans())
def test_levels_agree_with_labels_whatever_the_heads_say(logits: list[float], needs_event: bool) -> None:
    decision = decide(np.array(logits), THRESHOLDS, _rule(needs_event))
    conflict = decision.labels[Label.CONFLICT]
    assert (decision.conflict_level == 0) is (not conflict.on)
    assert 0 <= decision.conflict_level <= 3
    assert 0 <= decision.alert_level <= 3
    assert all(0.0 <= tag.p <= 1.0 for tag in (*decision.labels.values(), *decision.aux.values()))
    if needs_event and decision.alert_level >= 2:
        assert any(decision.labels[label].on for label in EVENT_LABELS)
    misinformation = decision.labels[Label.MISINFORMATION]
    assert (misinformation.kind is not None) is misinformation.on


@given(st.lists(st.floats(-12, 12), min_size=len(HEADS), max_size=len(HEADS)), st.booleans())
def test_a_higher_level_is_never_more_likely(logits: list[float], needs_event: bool) -> None:
    decision = decide(np.array(logits), THRESHOLDS, _rule(needs_event))
    one, two, three = decision.alert_p
    assert 1 >= one >= two >= three >= 0
    if decision.alert_level:
        assert decision.alert_p[decision.alert_level - 1] >= THRESHOLDS[Head.ALERT_1] - 1e-6
    if needs_event and not any(decision.labels[label].on for label in EVENT_LABELS):
        assert (two, three) == (0, 0)


def test_what_is_abroad_is_likely_of_no_level() -> None:
    assert decide(_logits(*Head), THRESHOLDS, _rule()).alert_p == (0, 0, 0)


def test_a_higher_level_needs_the_lower_ones() -> None:
    decision = decide(_logits(Head.CONFLICT_1, Head.CONFLICT_3, Head.ALERT_1, Head.ALERT_3), THRESHOLDS, _rule())
    assert (decision.conflict_level, decision.alert_level) == (1, 1)


def test_all_heads_give_the_highest_levels() -> None:
    heads = [head for head in Head if head is not Head.FOREIGN]
    decision = decide(_logits(*heads), THRESHOLDS, _rule())
    assert (decision.conflict_level, decision.alert_level) == (3, 3)
    assert decision.labels[Label.MISINFORMATION].kind is MisinformationKind.CLAIM


def test_what_is_abroad_has_no_conflict_fraud_logistics_disaster_or_alert() -> None:
    decision = decide(_logits(*Head), THRESHOLDS, _rule())
    assert decision.alert_level == decision.conflict_level == 0
    for label in Label:
        assert decision.labels[label].on is (label not in OFF_WHEN_FOREIGN)
        assert decision.labels[label].on or decision.labels[label].p < 0.1


def test_a_report_of_a_hoax_is_told_from_a_claim() -> None:
    decision = decide(_logits(Head.MISINFORMATION), THRESHOLDS, _rule())
    assert decision.labels[Label.MISINFORMATION].kind is MisinformationKind.REPORT


def test_hate_alone_is_never_a_reason_for_level_2() -> None:
    decision = decide(_logits(Head.HATE, Head.ALERT_1, Head.ALERT_2, Head.ALERT_3), THRESHOLDS, _rule())
    assert decision.alert_level == 1
    assert decide(_logits(Head.ALERT_1, Head.ALERT_2), THRESHOLDS, replace(_rule(), needs_event=False)).alert_level == 2
