"""The person-name tagger: a linear chain over hashed features, all in integers, so that every machine decides alike.

What it gives for a word is a *margin*: how much better (in the file's units) the best reading of the sentence that
takes the word for part of a person's name is than the best reading that does not. Trained by
`python -m benchmarks.train_masker`.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from waspada.errors import ModelError
from waspada.privacy.features import FEATURES, MODES, SLOT_BITS, RowCache, WordTable, slots
from waspada.privacy.tokens import is_mask

TAGS: Final = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC", "B-ORG", "I-ORG")
PERSON: Final = (1, 2)
OTHERS: Final = (0, 3, 4, 5, 6)
NAME_MASK: Final = "[nama]"
NEVER: Final = -(1 << 20)  # a step or tag that is not allowed
WEIGHTS_PATH: Final = Path(__file__).parent / "data" / "person_tagger.npz"
_WORDS_AT_ONCE: Final = 4096

Scores = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Weights:
    """`emit` int8 (2**SLOT_BITS, 7), `step` int32 (7, 7) from-to, `first` int32 (7,); `slack`, by the way
    a sentence is written, is how far below zero a margin may lie for the word still to count as a name."""

    emit: npt.NDArray[np.int8]
    step: Scores
    first: Scores
    table: WordTable
    slack: dict[str, int]


def allowed_steps() -> npt.NDArray[np.bool_]:
    """(7, 7) from-to: an I- tag only follows the B- or I- tag of the same kind."""
    allowed = np.ones((len(TAGS), len(TAGS)), dtype=bool)
    for to, tag in enumerate(TAGS):
        if tag.startswith("I-"):
            allowed[:, to] = [before[1:] == tag[1:] for before in TAGS]
    return allowed


class PersonTagger:
    """Names persons in sentences. Safe to share between threads: its only state is a cache of hashes."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self._cache = RowCache(weights.table)

    def case_of(self, word: str) -> int:
        """How news writes a word inside a sentence: 0 unknown, 1 small, 2 mixed, 3 mostly capital, 4 all capitals."""
        return self.weights.table.look_up(word.lower())[2]

    def margins(self, sentences: list[list[str]]) -> list[Scores]:
        """One int32 array a sentence, one margin a word; masks in the text are taken for names."""
        return [best[:, PERSON].max(axis=1) - best[:, OTHERS].max(axis=1) for best in self.best(sentences)]

    def best(self, sentences: list[list[str]]) -> list[Scores]:
        """For each sentence, int32 (words, tags): the score of the best whole reading that gives a word a tag."""
        out: list[Scores] = []
        batch: list[list[str]] = []
        held = 0
        for sentence in sentences:
            if batch and held + len(sentence) > _WORDS_AT_ONCE:
                out += self._batch_best(batch)
                batch, held = [], 0
            batch.append(sentence)
            held += len(sentence)
        return out + (self._batch_best(batch) if batch else [])

    def _batch_best(self, sentences: list[list[str]]) -> list[Scores]:
        lengths = np.array([len(sentence) for sentence in sentences])
        emitted = self._emit(sentences)
        padded = np.zeros((len(sentences), int(lengths.max(initial=0)), len(TAGS)), dtype=np.int32)
        inside = np.arange(padded.shape[1])[None, :] < lengths[:, None]
        padded[inside] = emitted
        best = best_through(padded, lengths, self.weights.step, self.weights.first)
        return [row[:length] for row, length in zip(best, lengths, strict=True)]

    def _emit(self, sentences: list[list[str]]) -> Scores:
        """Scores of each tag for each word, sentences one after another: int32 (words, 7)."""
        flat = [word for sentence in sentences for word in sentence]
        if not flat:
            return np.zeros((0, len(TAGS)), dtype=np.int32)
        found: Scores = self.weights.emit[slots(sentences, self._cache)].sum(axis=1, dtype=np.int32)
        for place, word in enumerate(flat):
            if word[0] == "[" and is_mask(word):
                found[place] = NEVER
                found[place, PERSON[0] if word == NAME_MASK else 0] = 0
        return found


def best_through(emitted: Scores, lengths: npt.NDArray[np.int64], step: Scores, first: Scores) -> Scores:
    """The score of the best whole tagging that gives a word a tag: int32 (sentences, words, tags).

    Max-product forward and backward passes over the chain; integer sums, hence exact.
    """
    longest = emitted.shape[1]
    forward = np.zeros_like(emitted)
    backward = np.zeros_like(emitted)
    if longest == 0:
        return forward
    forward[:, 0] = emitted[:, 0] + first
    for place in range(1, longest):
        forward[:, place] = (forward[:, place - 1, :, None] + step).max(axis=1) + emitted[:, place]
    for place in range(longest - 2, -1, -1):
        onward = (step + (backward[:, place + 1] + emitted[:, place + 1])[:, None, :]).max(axis=2)
        more = (place + 1 < lengths)[:, None]
        backward[:, place] = np.where(more, onward, 0)
    return forward + backward


@lru_cache(maxsize=1)
def shipped() -> PersonTagger:
    """The tagger that comes with the package.

    Raises:
        ModelError: the weights file is missing or does not fit this version.
    """
    return PersonTagger(read_weights(WEIGHTS_PATH))


def read_weights(path: Path) -> Weights:
    """Read a weights file; `ModelError` when it is missing, broken or of another layout."""
    hint = "Install the package again, or train with `python -m benchmarks.train_masker`."
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            weights = Weights(
                emit=stored["emit"],
                step=stored["step"],
                first=stored["first"],
                table=WordTable(*(stored[name] for name in ("fine", "case", "mark", "use", "coarse_of"))),
                slack=dict(zip(MODES, stored["slack"].tolist(), strict=True)),
            )
            layout = int(stored["features"][0])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"The name tagger's weights cannot be read from {path}: {error}.", hint=hint) from error
    if layout != FEATURES or weights.emit.shape != (1 << SLOT_BITS, len(TAGS)):
        raise ModelError(f"The name tagger's weights in {path} are of another version.", hint=hint)
    return weights
