"""Networks of an earlier training, kept as they are while all that comes after them is learned anew.

Texts and labels come faster than nights to train in. What was written since is learned by the linear half, the joining,
the cuts and the alert rule, in ten minutes; a network scores the texts of its own fold, which it did not learn from,
and texts that came later. Which text belongs to which fold stays as it was.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlp.encoder.batching import Encoded
from nlp.heads import HEADS
from nlp.training.encoder.finetune import predict
from nlp.training.encoder.stages import network_of, read_tuned
from nlp.training.inputs import Progress
from waspada.errors import ModelError

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Kept:
    """The work folder (`OUT.work`) of a finished training; `last` is what its last stages are called after."""

    folder: Path
    last: str

    def begin(self, work: Path, folds_file: str) -> None:
        """Copies what the stages of another work folder stand on, the base and the folds of the texts, over what is
        there. Raises ModelError where one is missing."""
        for name in ("base.npz", folds_file):
            shutil.copy(self._existing(name), work / name)

    def scores(self, rows: Sequence[Encoded], held: NDArray[np.bool_], fold: int, progress: Progress) -> Array:
        """What the network of a fold says (n, heads) of the texts that are held; 0 for the others."""
        network = network_of(read_tuned(self._existing(f"fold-{fold}{self.last}.npz")))
        found = np.zeros((len(rows), len(HEADS)), dtype=np.float32)
        own = [row for row, is_held in zip(rows, held, strict=True) if is_held]
        found[held] = predict(network, own, progress, f"scoring fold-{fold}")[0]
        return found

    def final(self) -> dict[str, Array]:
        """The tensors of the network that shipped."""
        tuned = read_tuned(self._existing(f"final{self.last}.npz"))
        return {**tuned.base.tensors, **tuned.heads}

    def _existing(self, name: str) -> Path:
        path = self.folder / name
        if not path.exists():
            raise ModelError(
                f"{self.folder} has no {name}.", hint="Name the work folder (OUT.work) of a finished training."
            )
        return path
