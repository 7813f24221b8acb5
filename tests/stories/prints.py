"""Fingerprints for tests, made of a title and a text as the store makes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tests.rows import NOW
from waspada.stories.facts import Facts, facts_of
from waspada.stories.fingerprint import shingles
from waspada.stories.terms import terms
from waspada.stories.types import Fingerprint
from waspada.taxonomy import EMBEDDING_DIM, ItemKind

MODEL = "waspada-id-v1"


def fingerprint(title: str, text: str, **given: Any) -> Fingerprint:
    """Without a vector, of Kabupaten Banjar, at NOW, unless told otherwise."""
    columns: dict[str, Any] = {
        "item_id": 1,
        "kind": ItemKind.ARTICLE,
        "at": NOW,
        "shingles": shingles(title, text),
        "terms": terms(title, text),
        "regions": ("63.03",),
        "labels": frozenset(),
        "facts": facts_of(title, text),
        "model": MODEL,
        **given,
    }
    return replace(Fingerprint(**columns), dense=given.get("dense", vector(0)))


def vector(towards: int, cosine: float = 0.0) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A unit vector whose cosine to `vector(0)` is `cosine` (for `towards` above 0)."""
    made = np.zeros(EMBEDDING_DIM, dtype=np.float32)
    made[0] = 1.0 if towards == 0 else cosine
    if towards:
        made[towards] = np.sqrt(1 - made[0] ** 2)
    return made


def with_likeness(item: Fingerprint, dense: float, item_id: int) -> Fingerprint:
    """Another item with half of the words of the first, a title of its own, and a vector so much alike."""
    half = dict(sorted(item.terms.items())[::2])
    return replace(item, item_id=item_id, terms=half, facts=Facts(), dense=vector(item_id, dense))
