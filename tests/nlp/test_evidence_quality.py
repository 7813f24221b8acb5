"""Evidence that carries the label is told from evidence that does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from nlp.evaluation.evidence import evidence_quality
from nlp.heads import COLUMN, HEADS, Head
from waspada.taxonomy import Aux, Evidence, ItemText, Label, LabelTag, Tags, TextField

ITEMS = [
    ItemText("1", "Kabar desa", "Panen baik. Warga bentrok di pasar. Cuaca cerah. Jalan ramai."),
    ItemText("2", "Warga bentrok", "Panen baik."),
    ItemText("3", "Panen baik", "Cuaca cerah."),
]


@dataclass(frozen=True)
class OneWord:
    """Conflict is on where "bentrok" stands; its evidence is the sentence that holds `shown`."""

    shown: str
    model: str = "one word"

    def log_odds(self, items: Sequence[ItemText]) -> NDArray[np.float64]:
        rows = np.full((len(items), len(HEADS)), -4.0)
        rows[:, COLUMN[Head.CONFLICT_1]] = [4.0 if "bentrok" in f"{i.title} {i.text}" else -4.0 for i in items]
        return rows

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        return [
            self._tags(item, on=bool(row[COLUMN[Head.CONFLICT_1]] > 0))
            for item, row in zip(items, self.log_odds(items), strict=True)
        ]

    def _tags(self, item: ItemText, *, on: bool) -> Tags:
        labels = {label: LabelTag(0.9, on and label is Label.CONFLICT) for label in Label}
        return Tags(
            item.id,
            self.model,
            labels,
            {Aux.HATE: LabelTag(0.0, False)},
            int(on),
            0,
            self._evidence(item) if on else (),
        )

    def _evidence(self, item: ItemText) -> tuple[Evidence, ...]:
        for field, text in ((TextField.TITLE, item.title), (TextField.TEXT, item.text)):
            for sentence in text.split(". "):
                if self.shown in sentence:
                    start = text.index(sentence)
                    return (Evidence(Label.CONFLICT, field, sentence, start, start + len(sentence)),)
        return ()


def test_the_sentence_that_carries_a_label_is_needed_and_enough() -> None:
    tagger = OneWord("bentrok")
    found = evidence_quality(tagger, tagger.log_odds, ITEMS, 1000)
    assert found.n == 2
    assert found.comprehensiveness == pytest.approx(0.964, abs=1e-3)
    assert found.sufficiency == pytest.approx(0.0, abs=1e-9)


def test_another_sentence_is_neither() -> None:
    tagger = OneWord("Panen")
    found = evidence_quality(tagger, tagger.log_odds, ITEMS, 1000)
    assert found.comprehensiveness == pytest.approx(0.0, abs=1e-9)
    assert found.sufficiency == pytest.approx(0.964, abs=1e-3)


def test_items_without_a_label_or_with_one_sentence_say_nothing() -> None:
    tagger = OneWord("bentrok")
    found = evidence_quality(tagger, tagger.log_odds, [ITEMS[2], ItemText("4", "Warga bentrok")], 1000)
    assert found.as_dict() == dict.fromkeys(found.as_dict(), 0)
