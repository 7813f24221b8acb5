"""Two models for the tests: one of a few words, and one that makes more of a word than the first, or less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.jobs.tiny import TinyTagger
from waspada.taxonomy import ItemText, Label, LabelTag, Tags

OLD, NEW = "tiny-1", "tiny-2"


class SecondTagger:
    """As the first, but `pasar tani` is a conflict to it and a flood or a mixed-up box is nothing."""

    def __init__(self, model: str = NEW, fails_on: str = "") -> None:
        self.model, self._fails_on = model, fails_on
        self.read = 0

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        if self._fails_on and any(self._fails_on in item.text for item in items):
            raise RuntimeError("this text cannot be tagged")
        self.read += len(items)
        return [self._other(item, tags) for item, tags in zip(items, TinyTagger().classify(items), strict=True)]

    def _other(self, item: ItemText, tags: Tags) -> Tags:
        labels, level, conflict = dict(tags.labels), tags.alert_level, tags.conflict_level
        if "Pasar tani" in item.text:
            labels[Label.CONFLICT], level, conflict = LabelTag(0.9, True), 3, 2
        if "banjir" in item.text or "tertukar" in item.text:
            labels[Label.DISASTER] = labels[Label.LOGISTICS] = LabelTag(0.1, False)
            level = 0
        return replace(tags, model=self.model, labels=labels, alert_level=level, conflict_level=conflict, evidence=())
