"""What every tagger owes for any text, whatever its kind."""

from __future__ import annotations

import numpy as np
import pytest

from waspada.taxonomy import EMBEDDING_DIM, Aux, ItemText, Label, Tags, TextField


def check_contract(item: ItemText, tags: Tags) -> None:
    """Fails where the tags of an item do not keep to docs/contracts."""
    assert tags.id == item.id
    assert set(tags.labels) == set(Label)
    assert set(tags.aux) == set(Aux)
    assert all(0.0 <= tag.p <= 1.0 for tag in (*tags.labels.values(), *tags.aux.values()))
    assert (tags.conflict_level == 0) is (not tags.labels[Label.CONFLICT].on)
    assert 0 <= tags.conflict_level <= 3
    assert 0 <= tags.alert_level <= 3
    for label in Label:
        found = [e for e in tags.evidence if e.label is label]
        assert len(found) <= 3
        assert not found or tags.labels[label].on
    for e in tags.evidence:
        source = item.title if e.field is TextField.TITLE else item.text
        assert source[e.start : e.end] == e.sentence != ""
    assert tags.embedding.shape == (EMBEDDING_DIM,)
    assert tags.embedding.dtype == np.float32
    assert float(np.linalg.norm(tags.embedding)) == pytest.approx(1.0, abs=1e-5)
