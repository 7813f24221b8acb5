"""A finished stage is whole, counts only for what it was made of, and is written by one training at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlp.training.encoder.store import fingerprint, is_made_of, only_one, save_arrays
from waspada.errors import ModelError


def test_a_stage_made_of_something_else_does_not_count(tmp_path: Path) -> None:
    path, made_of = tmp_path / "stage.npz", fingerprint({"a": np.zeros(2)}, "recipe")
    assert not is_made_of(path, made_of)
    save_arrays(path, made_of, values=np.zeros(3))
    assert is_made_of(path, fingerprint({"a": np.zeros(2)}, "recipe"))
    others = ({"a": np.ones(2)}, "recipe"), ({"b": np.zeros(2)}, "recipe"), ({"a": np.zeros(2)}, "other")
    assert [is_made_of(path, fingerprint(*parts)) for parts in others] == [False, False, False]


def test_a_stage_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "stage.npz"
    save_arrays(path, "this", values=np.zeros(3))

    def killed(_file: object, **_arrays: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", killed)
    with pytest.raises(KeyboardInterrupt):
        save_arrays(path, "this", values=np.ones(3))
    with np.load(path) as archive:
        assert not archive["values"].any()


def test_two_trainings_do_not_share_a_work_folder(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(ModelError, match="Another training"), only_one(tmp_path):
        raise AssertionError("both were let in")
    with only_one(tmp_path):
        pass
