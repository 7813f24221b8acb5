"""Which rows an encoder learns from, and which may judge it."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="not run: torch is not installed (extra: train)")

from nlp.heads import Head
from nlp.labelled import LabelledItem
from nlp.training.encoder.data import EncoderData
from nlp.training.hate import HateRow
from waspada.taxonomy import FIELDS, ItemKind, ItemText


def _labelled(name: str) -> LabelledItem:
    item = ItemText(name, "Bentrok di pasar", "", ItemKind.ARTICLE)
    return LabelledItem(item, dict.fromkeys(FIELDS, 0), name, "-")


def _hate(name: str, source: str) -> HateRow:
    return HateRow(ItemText(name, "", "kada tahu supan", ItemKind.POST), True, name, source)


_DATA = EncoderData(
    gold=[_labelled("gold")],
    silver=[_labelled("silver")],
    authored=[_labelled("authored")],
    public_hate=[_hate("public", "public")],
    own_hate=[_hate("own", "own")],
    banjar_hate=[_hate("public-bjn", "public"), _hate("own-bjn", "own")],
    judging_hate=[],
    authored_weight=0.7,
)


def _named(mask: np.ndarray) -> list[str]:
    return [item.id for item, chosen in zip(_DATA.items, mask, strict=True) if chosen]


def test_public_sets_and_what_is_said_again_are_drawn_anew_each_epoch() -> None:
    assert _named(_DATA.auxiliary) == ["public", "public-bjn", "own-bjn"]


def test_no_cut_is_fitted_on_what_is_said_again() -> None:
    assert _named(_DATA.judged(Head.HATE)) == ["public", "own"]
    assert _named(_DATA.judged(Head.FRAUD)) == ["gold"]


def test_what_is_said_again_teaches_the_head_hate_alone() -> None:
    assert _DATA.target(Head.HATE)[-2:].tolist() == [1, 1]
    assert _DATA.target(Head.FRAUD)[-4:].tolist() == [-1, -1, -1, -1]
    assert len(_DATA.groups) == len(_DATA.weights) == len(_DATA.items)
