"""The embeddings that claims are matched by: whose they are, and of which texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from waspada.claims.deciding import FAMILIES
from waspada.claims.dense import Embedder
from waspada.claims.types import way_of
from waspada.taxonomy import ItemText, Tagger, embedding_of

_BATCH_TEXTS = 64

_Batches = Sequence[Sequence[ItemText]]


class _Model(Tagger, Protocol):
    def embed(self, items: Sequence[ItemText]) -> NDArray[np.float32]:
        """Unit vectors (n, d) in the order of the items."""


def _as_they_come(batches: _Batches) -> Iterable[Sequence[ItemText]]:
    return batches


def embedder_of(
    tagger: Tagger | None, track: Callable[[_Batches], Iterable[Sequence[ItemText]]] = _as_they_come
) -> Embedder | None:
    """The embeddings of a model of a family that the matching was fitted on; None for any other: words count alone.

    `track` is told the batches before they are embedded, for a bar of progress.
    """
    if tagger is None or not hasattr(tagger, "embed") or not tagger.model.startswith(FAMILIES):
        return None
    model = cast(_Model, tagger)

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        items = [ItemText(str(number), text=text) for number, text in enumerate(texts)]
        batches = [items[at : at + _BATCH_TEXTS] for at in range(0, len(items), _BATCH_TEXTS)]
        return np.concatenate([model.embed(batch) for batch in (track(batches) if len(batches) > 1 else batches)])

    return embed


def way_with(model: str) -> str:
    """The name of the way of scoring that a model of this name makes."""
    return way_of(embedding_of(model) if model.startswith(FAMILIES) else None)
