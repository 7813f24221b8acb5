"""An encoder's folder comes back as it was written, and says plainly when it cannot be read."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

import nlp
from nlp.encoder.folder import (
    ENCODER,
    LINEAR,
    PIECES,
    EncoderFolder,
    read_encoder_folder,
    write_encoder_folder,
)
from nlp.encoder.tagger import EncoderTagger
from nlp.encoder.weights import check_encoder, pack, quantise, quantise_all, unpack
from nlp.heads import HEADS
from nlp.model_folder import read_folder
from tests.nlp.encoder.tiny import tiny_tensors
from waspada.errors import ModelError
from waspada.taxonomy import ItemText

ITEM = ItemText("1", "Warga bentrok di Gambut", "Dua orang luka. Pasar ramai sejak pagi.")
FILES = (ENCODER, PIECES, LINEAR)


def _edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text())
    change(config)
    path.write_text(json.dumps(config))


def _put(folder: Path, name: str, content: bytes) -> None:
    """Another file, with its hash in the configuration: what only a look inside can notice."""
    (folder / name).write_bytes(content)
    _edit(folder, lambda config: config["sha256"].update({name: hashlib.sha256(content).hexdigest()}))


def _with_arrays(content: bytes, change: Callable[[dict[str, NDArray[Any]]], object]) -> bytes:
    with np.load(io.BytesIO(content)) as archive:
        arrays_by_name = {name: archive[name] for name in archive.files}
    change(arrays_by_name)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays_by_name)
    return buffer.getvalue()


def _refused(folder: Path, match: str) -> None:
    with pytest.raises(ModelError, match=match) as caught:
        nlp.load(folder)
    assert caught.value.hint


def test_a_folder_comes_back_with_the_same_numbers(tiny: EncoderFolder, written: Path) -> None:
    found = read_encoder_folder(written)
    for part in ("version", "pieces", "max_tokens", "features", "view_weights", "blends", "thresholds"):
        assert getattr(found, part) == getattr(tiny, part), part
    assert found.encoder.shape == tiny.encoder.shape
    assert set(found.encoder.matrices) == set(tiny.encoder.matrices)
    for name, matrix in tiny.encoder.matrices.items():
        np.testing.assert_array_equal(found.encoder.matrices[name].codes, matrix.codes)
        np.testing.assert_array_equal(found.encoder.matrices[name].scale, matrix.scale)
    assert set(found.encoder.vectors) == set(tiny.encoder.vectors)
    for name, values in tiny.encoder.vectors.items():
        np.testing.assert_array_equal(found.encoder.vectors[name], values)
    for name in tiny.linear.__slots__:
        np.testing.assert_array_equal(getattr(found.linear, name), getattr(tiny.linear, name))
    np.testing.assert_array_equal(found.alert_rule.weights, tiny.alert_rule.weights)
    np.testing.assert_array_equal(found.alert_rule.bias, tiny.alert_rule.bias)
    assert found.alert_rule.needs_event is tiny.alert_rule.needs_event


def test_it_tags_as_before_it_was_written(encoder_tagger: EncoderTagger, written: Path) -> None:
    loaded = nlp.load(written)
    assert isinstance(loaded, EncoderTagger)
    assert loaded.classify([ITEM])[0].as_contract() == encoder_tagger.classify([ITEM])[0].as_contract()


def test_the_same_model_gives_the_same_bytes(tiny: EncoderFolder, written: Path, tmp_path: Path) -> None:
    write_encoder_folder(tmp_path / "again", read_encoder_folder(written), {"seed": 5}, "# card\n")
    names = {path.name for path in written.iterdir()}
    assert names == {*FILES, "config.json", "metrics.json", "MODEL_CARD.md"}
    for name in names:
        assert (tmp_path / "again" / name).read_bytes() == (written / name).read_bytes(), name


def test_a_model_is_never_overwritten(tiny: EncoderFolder, copy: Path) -> None:
    before = {path.name: path.read_bytes() for path in copy.iterdir()}
    with pytest.raises(ModelError, match="never overwritten"):
        write_encoder_folder(copy, tiny, {}, "")
    assert {path.name: path.read_bytes() for path in copy.iterdir()} == before
    empty = copy.parent / "empty"
    empty.mkdir()
    with pytest.raises(ModelError, match="never overwritten"):
        write_encoder_folder(empty, tiny, {}, "")


def test_a_missing_or_empty_folder_is_named(tmp_path: Path) -> None:
    _refused(tmp_path / "nowhere", r"no model folder at .*nowhere")
    _refused(tmp_path, r"no readable config\.json")


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xfe", b"", b"null"])
def test_a_broken_config_is_named(copy: Path, content: bytes) -> None:
    (copy / "config.json").write_bytes(content)
    _refused(copy, r"config\.json")


@pytest.mark.parametrize("change", [{"format": 2}, {"format": None}, {"kind": "transformer"}, {"kind": None}])
def test_another_format_or_kind_is_refused(copy: Path, change: dict[str, object]) -> None:
    _edit(copy, lambda config: config.update(change))
    _refused(copy, "this version reads format 1")


def test_neither_reader_takes_a_folder_of_the_other_kind(written: Path) -> None:
    with pytest.raises(ModelError, match="kind 'encoder'; this version reads format 1, kind 'hashed-linear'"):
        read_folder(written)
    baseline = Path(nlp.__file__).parents[1] / "models" / nlp.BASELINE
    with pytest.raises(ModelError, match="kind 'hashed-linear'; this version reads format 1, kind 'encoder'"):
        read_encoder_folder(baseline)


@pytest.mark.parametrize(
    "key",
    ["heads", "encoder", "max_tokens", "features", "view_weights", "blends", "thresholds", "alert_rule", "sha256",
     "version"],
)  # fmt: skip
def test_a_config_that_lacks_a_part_is_refused(copy: Path, key: str) -> None:
    _edit(copy, lambda config: config.pop(key))
    _refused(copy, "damaged")


@pytest.mark.parametrize(
    ("part", "key"), [("blends", "conflict_1"), ("thresholds", "hate"), ("encoder", "eps"), ("sha256", ENCODER)]
)
def test_a_part_that_lacks_an_entry_is_refused(copy: Path, part: str, key: str) -> None:
    _edit(copy, lambda config: config[part].pop(key))
    _refused(copy, "damaged")


@pytest.mark.parametrize(
    ("part", "value"),
    [("max_tokens", "many"), ("blends", []), ("encoder", 5), ("encoder", {"hidden": 384}), ("view_weights", [1.0]),
     ("heads", ["conflict_1"]), ("alert_rule", {"weights": [[0.0]], "bias": [0.0], "needs_event": False})],
)  # fmt: skip
def test_a_part_of_another_form_is_refused(copy: Path, part: str, value: object) -> None:
    _edit(copy, lambda config: config.update({part: value}))
    _refused(copy, "damaged")


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("thresholds", {HEADS[0].value: float("nan")}),
        ("thresholds", {HEADS[0].value: 1.5}),
        ("blends", {HEADS[0].value: {"encoder": float("inf"), "linear": 0.0, "offset": 0.0}}),
    ],
)
def test_numbers_with_which_nothing_can_be_decided_are_refused(copy: Path, part: str, value: dict[str, Any]) -> None:
    _edit(copy, lambda config: config[part].update(value))
    _refused(copy, "damaged")


def test_a_folder_is_whole_or_not_there(tiny: EncoderFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, written = Path.write_bytes, []

    def killed(path: Path, content: bytes) -> int:
        written.append(path)
        if len(written) == 3:
            raise KeyboardInterrupt
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", killed)
    with pytest.raises(KeyboardInterrupt):
        write_encoder_folder(tmp_path / "model", tiny, {}, "card")
    assert not (tmp_path / "model").exists()
    write_encoder_folder(tmp_path / "model", tiny, {}, "card")
    assert read_encoder_folder(tmp_path / "model").version == tiny.version
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    _refused(copy, f"lacks {name}")


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_is_noticed(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    _refused(copy, f"{name} is not the file")


@pytest.mark.parametrize("name", [ENCODER, LINEAR])
@pytest.mark.parametrize("kept", [0.0, 0.001, 0.5, 0.999])
def test_an_archive_that_is_cut_off_is_refused_even_with_the_right_hash(copy: Path, name: str, kept: float) -> None:
    content = (copy / name).read_bytes()
    _put(copy, name, content[: int(kept * len(content))])
    _refused(copy, "damaged")


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04cut"])
@pytest.mark.parametrize("name", [ENCODER, LINEAR])
def test_what_is_no_archive_is_refused_even_with_the_right_hash(copy: Path, name: str, content: bytes) -> None:
    _put(copy, name, content)
    _refused(copy, "damaged")


@pytest.mark.parametrize("content", [b"", b"[", b'[["a"]]', b"5", b"[]", b'[["a", 0.0]]'])
def test_pieces_that_do_not_fit_are_refused(copy: Path, content: bytes) -> None:
    _put(copy, PIECES, content)
    _refused(copy, "damaged")


@pytest.mark.parametrize(
    "change",
    [{"vocabulary": 7}, {"hidden": 385}, {"layers": 1}, {"layers": 3}],
    ids=["vocabulary", "hidden", "fewer layers", "more layers"],
)
def test_sizes_that_do_not_fit_the_arrays_are_refused(copy: Path, change: dict[str, int]) -> None:
    _edit(copy, lambda config: config["encoder"].update(change))
    _refused(copy, "do not fit")


@pytest.mark.parametrize(
    "change",
    [{"heads": 7}, {"heads": 0}, {"positions": 5}, {"ffn": 65}],
    ids=["heads that do not divide", "no heads", "fewer positions", "another inner size"],
)
def test_sizes_that_only_the_engine_would_stumble_on_are_refused(copy: Path, change: dict[str, int]) -> None:
    _edit(copy, lambda config: config["encoder"].update(change))
    _refused(copy, "do not fit")


@pytest.mark.parametrize("max_tokens", [129, 0, -1])
def test_a_longest_input_that_the_positions_cannot_hold_is_refused(copy: Path, max_tokens: int) -> None:
    _edit(copy, lambda config: config.update(max_tokens=max_tokens))
    _refused(copy, "do not fit")


_LAYER = "encoder.layer.1."


@pytest.mark.parametrize(
    "name",
    ["heads.query", "heads.value", "heads.bias", "embeddings.word_embeddings.weight",
     "embeddings.position_embeddings.weight", f"{_LAYER}attention.self.query.weight", f"{_LAYER}output.dense.bias",
     f"{_LAYER}output.LayerNorm.weight"],
)  # fmt: skip
@pytest.mark.parametrize("damage", ["missing", "shorter", "not a number"])
def test_an_array_that_is_missing_or_of_another_size_is_refused(copy: Path, name: str, damage: str) -> None:
    def change(found: dict[str, NDArray[Any]]) -> None:
        if damage == "missing":
            del found[name]
        elif damage == "shorter":
            found[name] = found[name][:-1]
        else:
            own = name if found[name].dtype == np.float16 else f"{name}:scale"
            found[own] = np.full_like(found[own], np.nan)

    _put(copy, ENCODER, _with_arrays((copy / ENCODER).read_bytes(), change))
    _refused(copy, "damaged")


def test_linear_heads_of_another_size_are_refused(copy: Path) -> None:
    _edit(copy, lambda config: config["features"].update(words_bits=10))
    _refused(copy, "do not fit")


def test_packed_weights_come_back_to_the_bit(tiny: EncoderFolder) -> None:
    found = unpack(tiny.encoder.shape, pack(tiny.encoder))
    check_encoder(found, len(HEADS), len(tiny.pieces))
    assert pack(found) == pack(tiny.encoder)


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all"])
def test_what_is_no_weights_is_a_value_error(tiny: EncoderFolder, content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpack(tiny.encoder.shape, content)


def test_matrices_are_stored_in_eight_bits_and_heads_and_positions_are_not(tiny: EncoderFolder) -> None:
    weights = quantise_all(tiny.encoder.shape, tiny_tensors(tiny.encoder.shape))
    assert "embeddings.word_embeddings.weight" in weights.matrices
    assert f"{_LAYER}intermediate.dense.weight" in weights.matrices
    assert all(matrix.codes.dtype == np.int8 for matrix in weights.matrices.values())
    plain = {"heads.query", "heads.value", "heads.bias", "embeddings.position_embeddings.weight"}
    assert plain <= set(weights.vectors)
    assert set(weights.vectors) | set(weights.matrices) == set(tiny_tensors(tiny.encoder.shape))


def test_other_heads_or_pieces_do_not_fit(tiny: EncoderFolder) -> None:
    for heads, pieces in ((len(HEADS) + 1, len(tiny.pieces)), (len(HEADS), len(tiny.pieces) - 1)):
        with pytest.raises(ValueError, match="do not fit"):
            check_encoder(tiny.encoder, heads, pieces)
    other = replace(tiny.encoder, shape=replace(tiny.encoder.shape, layers=1))
    with pytest.raises(ValueError, match="do not fit"):
        check_encoder(other, len(HEADS), len(tiny.pieces))


@given(arrays(np.float32, (6, 40), elements=st.floats(-30, 30, width=32)))
def test_eight_bits_keep_a_weight_within_half_a_step_of_its_row(values: NDArray[np.float32]) -> None:
    matrix = quantise(values)
    assert np.abs(matrix.codes.astype(int)).max() <= 127
    largest = np.abs(values).max(axis=1, keepdims=True)
    # Half a step, and what the scale itself lost when it was rounded to float16.
    assert np.all(np.abs(matrix.values - values) <= largest / 254 * 1.01 + largest * 5e-4 + 1e-5)
