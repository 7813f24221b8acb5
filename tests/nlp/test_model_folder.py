"""A model folder comes back as it was written, and says plainly when it cannot be read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import nlp
from nlp.model_folder import dequantise, quantise, read_folder, write_folder
from waspada.errors import ModelError
from waspada.taxonomy import ItemText

SHIPPED = Path(__file__).resolve().parents[2] / "models" / nlp.BASELINE


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "model"))


def _edit(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text())
    change(config)
    path.write_text(json.dumps(config))


def test_a_folder_written_again_tags_alike(tmp_path: Path) -> None:
    write_folder(tmp_path / "new", read_folder(SHIPPED), {"seed": 1}, "# card\n")
    item = ItemText("1", "Warga bentrok di Gambut", "Dua orang luka-luka.")
    assert _tagged(tmp_path / "new", item) == _tagged(SHIPPED, item)
    assert (tmp_path / "new" / "weights.npz").read_bytes() == (SHIPPED / "weights.npz").read_bytes()


def _tagged(folder: Path, item: ItemText) -> dict[str, object]:
    return nlp.load(folder).classify([item])[0].as_contract()


def test_a_model_is_never_overwritten(copy: Path) -> None:
    with pytest.raises(ModelError, match="never overwritten"):
        write_folder(copy, read_folder(SHIPPED), {}, "")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model folder at .*nowhere"):
        nlp.load(tmp_path / "nowhere")


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no readable config\.json"):
        nlp.load(tmp_path)


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xfe", b""])
def test_a_broken_config_is_named(copy: Path, content: bytes) -> None:
    (copy / "config.json").write_bytes(content)
    with pytest.raises(ModelError, match=r"config\.json"):
        nlp.load(copy)


@pytest.mark.parametrize("change", [{"format": 2}, {"format": None}, {"kind": "transformer"}])
def test_another_format_is_refused(copy: Path, change: dict[str, object]) -> None:
    _edit(copy, lambda config: config.update(change))
    with pytest.raises(ModelError, match="this version reads format 1"):
        nlp.load(copy)


@pytest.mark.parametrize(
    "key", ["heads", "features", "view_weights", "calibration", "thresholds", "alert_rule", "sha256", "version"]
)
def test_a_config_that_lacks_a_part_is_refused(copy: Path, key: str) -> None:
    _edit(copy, lambda config: config.pop(key))
    with pytest.raises(ModelError, match="damaged"):
        nlp.load(copy)


def test_missing_weights_are_named(copy: Path) -> None:
    (copy / "weights.npz").unlink()
    with pytest.raises(ModelError, match=r"lacks weights\.npz"):
        nlp.load(copy)


def test_changed_weights_are_noticed(copy: Path) -> None:
    content = bytearray((copy / "weights.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (copy / "weights.npz").write_bytes(content)
    with pytest.raises(ModelError, match=r"weights\.npz is not the file"):
        nlp.load(copy)


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04cut"])
def test_weights_that_are_no_archive_are_refused_even_with_the_right_hash(copy: Path, content: bytes) -> None:
    import hashlib

    (copy / "weights.npz").write_bytes(content)
    _edit(copy, lambda config: config.update(sha256={"weights.npz": hashlib.sha256(content).hexdigest()}))
    with pytest.raises(ModelError, match="damaged"):
        nlp.load(copy)


def test_weights_of_another_size_are_refused(copy: Path) -> None:
    _edit(copy, lambda config: config["features"].update(words_bits=17))  # type: ignore[attr-defined]
    with pytest.raises(ModelError, match="do not fit"):
        nlp.load(copy)


@given(arrays(np.float64, (40, 3), elements=st.floats(-50, 50)))
def test_eight_bits_keep_a_weight_within_one_step(weights: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    codes, scale = quantise(weights)
    back = dequantise(codes, scale)
    # Half a step of the square root is 1/254 of the largest; squared, that is sqrt(w * scale) / 127 and a bit.
    allowed = np.sqrt(np.abs(weights) * scale) / 127 + scale / 127**2
    assert np.all(np.abs(back - weights) <= allowed + 1e-12)
