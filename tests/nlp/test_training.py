"""Training gives a folder that runs as it was trained, twice the same, and never over an old one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlp.evaluation.metrics import wilson
from nlp.features import FeatureSpec, count_features
from nlp.heads import HEADS
from nlp.labelled import is_quiet, read_labelled, text_key
from nlp.model_folder import quantise, read_folder
from nlp.tagger import BaselineTagger
from nlp.training.thresholds import (
    RaiseCaps,
    alert_thresholds,
    careful_threshold,
    f1_threshold,
    precision_threshold,
)
from nlp.weighting import Weighting
from waspada.errors import InputError, ModelError
from waspada.taxonomy import FIELDS, ItemText, Label

pytest.importorskip("sklearn", reason="not run: scikit-learn is not installed (extra: train)")

from nlp.training.baseline import train_baseline
from nlp.training.folds import assign_folds, matrix
from nlp.training.inputs import BaselineRecipe

SMALL = BaselineRecipe(features=FeatureSpec(words_bits=12, chars_bits=12, title_bits=10), folds=3, min_df=2)
_VILLAGES = ("Gambut", "Aluh Aluh", "Kertak Hanyar", "Barabai", "Amuntai", "Pelaihari", "Kandangan", "Rantau")
_KINDS: tuple[tuple[str, dict[str, int]], ...] = (
    ("Warga bentrok dan rumah dibakar di {}", {"conflict": 2, "alert": 3}),
    ("Pendukung calon saling hina suku di {}", {"polarization": 1, "alert": 2}),
    ("Lurah diperiksa karena kampanye di {}", {"neutrality": 1, "election": 1, "alert": 2}),
    ("Hoaks bagi uang beredar, kata polisi {}", {"misinformation": 2, "alert": 1}),
    ("Sebarkan! Besok listrik mati sebulan di {}", {"misinformation": 1, "alert": 2}),
    ("Tim calon bagi uang kepada pemilih {}", {"fraud": 1, "election": 1, "alert": 2}),
    ("Surat suara kurang di TPS {}", {"logistics": 1, "election": 1, "alert": 2}),
    ("Banjir rendam ratusan rumah di {}", {"disaster": 1, "alert": 2}),
    ("Gempa guncang kota di Jepang dan {}", {"foreign": 1}),
    ("Panen padi melimpah di {}", {}),
    ("Simulasi cegah bentrok digelar di {}", {"alert": 1}),
)


def _write_data(folder: Path) -> Path:
    """A small labelled set of our own: every kind in every village, thrice worded."""
    lines = []
    for v, village in enumerate(_VILLAGES):
        for k, (wording, values) in enumerate(_KINDS):
            for turn, tail in enumerate(("kemarin pagi", "malam tadi", "sejak Senin")):
                labels = dict.fromkeys(FIELDS, 0) | values
                text = f"{wording.format(village)} {tail}. Demikian kabar dari desa nomor {turn}."
                lines.append(json.dumps({"id": f"{v}-{k}-{turn}", "title": "", "text": text, "labels": labels}))
    (folder / "gold").mkdir(parents=True)
    (folder / "gold" / "train.jsonl").write_text("\n".join(lines))
    (folder / "gold" / "dev.jsonl").write_text("\n".join(lines[::5]))
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models") / "small"
    return train_baseline(data, out, seed=1, recipe=SMALL, authored=None).path


def test_what_was_taught_is_known(trained: Path, data: Path) -> None:
    tagger = BaselineTagger(read_folder(trained))
    clash, harvest, abroad = tagger.classify(
        [
            ItemText("1", text="Warga bentrok dan rumah dibakar di Martapura"),
            ItemText("2", text="Panen padi melimpah di Martapura"),
            ItemText("3", text="Gempa guncang kota di Jepang"),
        ]
    )
    assert clash.labels[Label.CONFLICT].on
    assert clash.conflict_level >= 2
    assert harvest.on() == []
    assert (abroad.alert_level, abroad.conflict_level) == (0, 0)
    metrics = json.loads((trained / "metrics.json").read_text())
    assert metrics["dev"]["main_macro_f1"]["value"] > 0.9
    assert metrics["out_of_fold"]["main_macro_f1"]["value"] > 0.7


def test_the_same_seed_gives_the_same_bytes(trained: Path, data: Path, tmp_path: Path) -> None:
    again = train_baseline(data, tmp_path / "again", seed=1, recipe=SMALL, authored=None).path
    for name in ("weights.npz", "config.json", "metrics.json", "MODEL_CARD.md"):
        assert (again / name).read_bytes() == (trained / name).read_bytes(), name


def test_the_runtime_makes_the_features_that_training_saw(data: Path) -> None:
    rows = read_labelled(data / "gold" / "train.jsonl")[:40]
    counts = [count_features(row.item, SMALL.features) for row in rows]
    rng = np.random.default_rng(0)
    weighting = Weighting(rng.random(SMALL.features.buckets).astype(np.float32), SMALL.view_weights)
    coefficients = rng.normal(size=SMALL.features.buckets)
    trained_on = matrix(counts, weighting) @ coefficients
    at_runtime = [weighting.vector(row) @ coefficients[row.buckets] for row in counts]
    np.testing.assert_allclose(trained_on, at_runtime, rtol=1e-10)


def test_every_view_has_its_own_length(data: Path) -> None:
    item = ItemText("1", "Warga bentrok", "Rumah dibakar massa.")
    counts = count_features(item, SMALL.features)
    weighting = Weighting(np.ones(SMALL.features.buckets, dtype=np.float32), SMALL.view_weights)
    values = weighting.vector(counts)
    lengths = [float(np.linalg.norm(values[counts.views == view])) for view in range(3)]
    assert lengths == pytest.approx(SMALL.view_weights)


def test_eight_bit_weights_hardly_move_a_score(trained: Path) -> None:
    measured = json.loads((trained / "metrics.json").read_text())["quantisation"]
    assert measured["same_side_of_zero"] >= 0.995
    assert measured["mean_score_change"] < 0.05


def test_a_model_is_never_trained_over_an_old_one(trained: Path, data: Path) -> None:
    with pytest.raises(ModelError, match="never overwritten"):
        train_baseline(data, trained, recipe=SMALL)


def test_training_without_data_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"train\.jsonl cannot be read"):
        train_baseline(tmp_path, tmp_path / "out", recipe=SMALL)
    assert not (tmp_path / "out").exists()


def test_the_card_says_what_the_figures_say(trained: Path) -> None:
    card = (trained / "MODEL_CARD.md").read_text()
    value = json.loads((trained / "metrics.json").read_text())["dev"]["main_macro_f1"]["value"]
    assert f"{value:.3f} (" in card
    assert "stay with their publishers" in card
    assert "{" not in card


def test_folds_keep_groups_together() -> None:
    groups = [str(i % 17) for i in range(100)]
    folds = assign_folds(groups, 5, np.random.default_rng(0))
    assert len({(g, f) for g, f in zip(groups, folds.tolist(), strict=True)}) == 17
    assert set(folds.tolist()) == set(range(5))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": {}}, "not a labelled item"),
        ({"labels": dict.fromkeys(FIELDS, 4)}, "outside the codebook"),
        ({"kind": "song"}, "not a labelled item"),
        ({"title": 5}, "not a labelled item.*5 is not a text"),
        ({"labels": dict.fromkeys(FIELDS, 0.9)}, "0.9 is not a whole number"),
        ({"labels": dict.fromkeys(FIELDS, float("inf"))}, "inf is not a whole number"),
        ({"labels": [1]}, "not a labelled item"),
    ],
)
def test_a_bad_line_is_named_with_its_number(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    good: dict[str, Any] = {"id": "1", "text": "a", "labels": dict.fromkeys(FIELDS, 0)}
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(good) + "\n\n" + json.dumps(good | change) + "\n")
    with pytest.raises(InputError, match=f"line 3: .*{message}"):
        read_labelled(path)


def test_a_separator_of_lines_within_a_text_parts_no_line(tmp_path: Path) -> None:
    row = {"id": "1", "text": "satu\u2028dua", "labels": dict.fromkeys(FIELDS, 0)}
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    assert [found.item.text for found in read_labelled(path)] == ["satu\u2028dua"]


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(InputError, match=r"rows\.jsonl is not UTF-8"):
        read_labelled(path)


def test_copies_of_a_text_have_one_key_and_quiet_means_nothing_at_all(data: Path) -> None:
    assert text_key("Warga, BENTROK!") == text_key("warga bentrok")
    quiet = {row.item.text.split(" di ")[0] for row in read_labelled(data / "gold" / "train.jsonl") if is_quiet(row)}
    assert quiet == {"Panen padi melimpah", "Gempa guncang kota"}


def test_the_f1_cut_lies_between_the_classes() -> None:
    p = np.array([0.05, 0.1, 0.2, 0.7, 0.8, 0.9] * 20)
    assert 0.2 < f1_threshold(p, p > 0.5, np.random.default_rng(0)) < 0.7
    assert f1_threshold(p, np.zeros(len(p), dtype=bool), np.random.default_rng(0)) == 0.5


def test_the_careful_cut_is_the_highest_that_is_as_good() -> None:
    rng = np.random.default_rng(3)
    p = np.round(rng.random(4000), 2)
    positive = rng.random(4000) < 0.02 + 0.9 * (p > 0.4) * (p - 0.2)

    def f1(cut: float) -> float:
        return float(2 * ((p >= cut) & positive).sum() / ((p >= cut).sum() + positive.sum()))

    for cut in (0.305, 0.45, 0.6):
        careful = careful_threshold(p, positive, cut)
        assert careful >= cut
        assert f1(careful) >= f1(cut) - 0.01
        assert careful not in p
        assert all(f1(higher) < f1(cut) - 0.01 for higher in np.arange(careful + 0.01, 1.0, 0.01))
    assert careful_threshold(np.array([0.2, 0.9]), np.array([False, True]), 0.55) == 0.55


def test_the_precision_cut_keeps_its_word() -> None:
    rng = np.random.default_rng(1)
    p = rng.random(2000)
    positive = rng.random(2000) < p
    cut = precision_threshold(p, positive, 0.8)
    assert positive[p >= cut].mean() >= 0.8
    assert cut < 0.8
    assert precision_threshold(p, np.zeros(2000, dtype=bool), 0.8) == 0.99


def test_alert_cuts_keep_quiet_items_down() -> None:
    rng = np.random.default_rng(2)
    level = rng.integers(0, 4, 3000)
    p = np.stack([np.clip((level >= k) * 0.4 + rng.normal(0.3, 0.2, 3000), 0.01, 0.99) for k in (1, 2, 3)], axis=1)
    quiet, everywhere = level == 0, np.ones(3000, dtype=bool)
    nothing = np.zeros((0, 3))
    cuts = alert_thresholds(p, level, quiet, everywhere, RaiseCaps(0.02, 1.0), rng, protected=nothing)
    raised = (p[:, 0] >= cuts[0]) & (p[:, 1] >= cuts[1])
    assert raised[quiet].mean() <= 0.02
    assert raised[level >= 2].mean() > 0.3
    loose = alert_thresholds(p, level, quiet, everywhere, RaiseCaps(1.0, 1.0), rng, protected=nothing)
    assert ((p[:, 0] >= loose[0]) & (p[:, 1] >= loose[1]))[quiet].mean() > 0.02


def test_alert_cuts_keep_protected_speech_down() -> None:
    rng = np.random.default_rng(3)
    level = rng.integers(0, 4, 2000)
    p = np.stack([np.clip((level >= k) * 0.5 + rng.normal(0.2, 0.1, 2000), 0.01, 0.99) for k in (1, 2, 3)], axis=1)
    # Protected speech that looks rather like an alert: only a cut above it keeps it down.
    protected = np.column_stack([np.full(300, 0.9), rng.uniform(0.4, 0.6, 300), np.zeros(300)])
    nobody, everywhere = np.zeros(2000, dtype=bool), np.ones(2000, dtype=bool)
    first, second, _ = alert_thresholds(p, level, nobody, everywhere, RaiseCaps(1.0, 0.02), rng, protected=protected)
    raised = (protected[:, 0] >= first) & (protected[:, 1] >= second)
    assert wilson(int(raised.sum()), 300).high <= 0.02
    loose = alert_thresholds(p, level, nobody, everywhere, RaiseCaps(1.0, 1.0), rng, protected=protected)
    assert ((protected[:, 0] >= loose[0]) & (protected[:, 1] >= loose[1])).mean() > 0.5


def test_every_authored_file_is_read_and_protected_speech_is_judged_by_kind(data: Path, tmp_path: Path) -> None:
    authored = tmp_path / "authored"
    authored.mkdir()
    for name, pool in (("pairs", {}), ("speech", {"pool": "protected:satire"})):
        rows = [
            {"id": f"{name}{n}", "pair": f"{name}{n}", "text": f"Lucu sekali {n}", "labels": dict.fromkeys(FIELDS, 0)}
            for n in range(4)
        ]
        (authored / f"{name}.jsonl").write_text("\n".join(json.dumps(row | pool) for row in rows))
    made = train_baseline(data, tmp_path / "out", seed=1, recipe=SMALL, authored=authored)
    assert made.metrics["n_train"]["authored"] == 8
    assert {"authored/pairs.jsonl", "authored/speech.jsonl"} <= set(made.metrics["data_sha256"])
    assert {kind: found["n"] for kind, found in made.metrics["protected_out_of_fold"].items()} == {
        "all": 4,
        "satire": 4,
    }


def test_a_head_that_has_no_positive_is_quantised_to_nothing() -> None:
    codes, scale = quantise(np.zeros((5, len(HEADS))))
    assert not codes.any()
    assert np.isfinite(scale).all()
