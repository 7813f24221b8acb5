"""The two release gates of a model in one call, on the texts of our own that come with the package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nlp.evaluation.functional import CASES, FunctionalResult, read_cases, run_cases
from nlp.evaluation.protected import GateResult, measure, read_items
from waspada.taxonomy import ItemText, Tagger, Tags

#: (items read, of how many)
Progress = Callable[[int, int], None]
_BATCH = 32


@dataclass(frozen=True, slots=True)
class GateFigures:
    """What a model does to the functional suite and to protected speech."""

    functional: FunctionalResult
    protected: GateResult

    @property
    def is_open(self) -> bool:
        return self.functional.passes() and self.protected.passes()


def gates_of(tagger: Tagger, progress: Progress = lambda _done, _total: None) -> GateFigures:
    """Holds a model against both gates."""
    cases, speech = read_cases(CASES), read_items()
    counted = _Counted(tagger, len(cases) + len(speech), progress)
    return GateFigures(run_cases(counted, cases), measure(counted, speech))


class _Counted:
    """A tagger that reads in batches and says how far it came."""

    def __init__(self, tagger: Tagger, total: int, progress: Progress) -> None:
        self._tagger, self._total, self._progress, self._done = tagger, total, progress, 0

    @property
    def model(self) -> str:
        return self._tagger.model

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        tags: list[Tags] = []
        for start in range(0, len(items), _BATCH):
            batch = items[start : start + _BATCH]
            tags.extend(self._tagger.classify(batch))
            self._done += len(batch)
            self._progress(self._done, self._total)
        return tags
