"""New words for the head `hate` on an encoder that stays: what is added arrives, nothing else moves, and what the
network has seen does not teach."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from nlp.calibration import Platt, sigmoid
from nlp.encoder.folder import EncoderFolder
from nlp.encoder.tagger import EncoderTagger
from nlp.features import count_features
from nlp.heads import COLUMN, HEADS, Head
from nlp.labelled import file_sha256, text_key
from nlp.model_files import rewrite_figures
from nlp.training.encoder import hate_words
from nlp.training.encoder.hate_words import HateWordsRecipe, Learned, Unseen, fit_words, learn_hate_words, with_words
from nlp.training.hate import AUTHORED, HateRow
from nlp.weighting import Weighting
from tests.nlp.encoder.tiny import WORD_OF_HEAD
from waspada.errors import InputError, ModelError
from waspada.taxonomy import ItemKind, ItemText

OTHERS = [COLUMN[head] for head in HEADS if head is not Head.HATE]
#: The linear heads of the tiny model know these; one of them is to become a word of `hate`.
NEW_WORD = WORD_OF_HEAD[Head.FRAUD]
TEXTS = [f"{word} {NEW_WORD if number % 2 else 'pasar'} {number}" for number in range(6) for word in ("warga", "desa")]


def items(texts: list[str]) -> list[ItemText]:
    return [ItemText(str(number), "", text, ItemKind.POST) for number, text in enumerate(texts)]


def rows(texts: list[str], prefix: str = "g") -> list[HateRow]:
    return [HateRow(one, NEW_WORD in one.text, f"{prefix}{one.id}", "own") for one in items(texts)]


def log_odds(folder: EncoderFolder, texts: list[str]) -> np.ndarray:
    return EncoderTagger(folder, find_places=lambda _item: (), threads=1).log_odds(items(texts))


def test_what_was_learned_is_added_and_no_other_head_moves(tiny: EncoderFolder) -> None:
    words = np.zeros(len(tiny.linear.rows))
    counts = [count_features(one, tiny.features) for one in items(TEXTS)]
    told = np.unique(np.concatenate([counts[2].buckets, counts[1].buckets]))
    words[np.isin(tiny.linear.rows, told)] = 2.0
    learned = Learned(words, -0.5, Platt(1.3, 0.2), 0.37, 0.0, 0.0)
    before, after = log_odds(tiny, TEXTS), log_odds(with_words(tiny, learned), TEXTS)
    assert np.array_equal(before[:, OTHERS], after[:, OTHERS])
    weighting = Weighting(tiny.linear.dense_idf(tiny.features.buckets), tiny.view_weights)
    dense = np.zeros(tiny.features.buckets)
    dense[tiny.linear.rows] = words
    added = np.array([weighting.vector(one) @ dense[one.buckets] for one in counts])
    expected = learned.calibration.logit(before[:, COLUMN[Head.HATE]] + added - 0.5)
    assert added.any()
    assert np.allclose(after[:, COLUMN[Head.HATE]], expected, atol=0.05)  # 8 bits
    assert with_words(tiny, learned).thresholds[Head.HATE] == 0.37


def test_a_word_is_learned_out_of_fold(tiny: EncoderFolder) -> None:
    texts = [f"{text} {more}" for text in TEXTS for more in ("satu", "dua", "tiga", "empat")]
    unseen = Unseen(rows(texts), rows(texts[:8]), set(), {})
    read = EncoderTagger(tiny, find_places=lambda _item: (), threads=1).read([row.item for row in unseen.rows])
    learned = fit_words(
        tiny, unseen, read.counts, read.log_odds[:, COLUMN[Head.HATE]], HateWordsRecipe(banjar=0.0), seed=5
    )
    assert learned.f1_after > 0.95 > learned.f1_before
    said = log_odds(with_words(tiny, learned), [f"warga {NEW_WORD} lama", "warga pasar lama"])
    p = sigmoid(said[:, COLUMN[Head.HATE]])
    assert p[0] > learned.cut > p[1]


def test_only_what_the_network_has_not_seen_teaches(tmp_path: Path) -> None:
    texts = {"usir mereka": 1, "selamat pagi": 3}
    own = tmp_path / "hate.csv"
    own.write_text("key,hate,group,round\n" + "".join(f"{text_key(text)},1,0,{n}\n" for text, n in texts.items()))
    (tmp_path / "news").mkdir()
    with gzip.open(tmp_path / "news" / "posts.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": text}) + "\n" for text in texts)
    (tmp_path / "labelled").mkdir()
    public = {"id": "a", "text": "suatu komentar", "labels": dict.fromkeys(("threat", "identity_attack", "insult"), 0)}
    (tmp_path / "labelled" / "alamsyah_toxicity_type.jsonl").write_text(json.dumps(public) + "\n")
    seen = {f"authored/hate/{path.name}": file_sha256(path) for path in sorted(AUTHORED.glob("*.jsonl"))[1:]}
    found = hate_words.read_unseen(tmp_path, seen, least_round=3, banjar=1.0, own=own)
    first = sorted(AUTHORED.glob("*.jsonl"))[0]
    assert {row.item.text.strip() for row in found.written if row.source == "own"} == {"selamat pagi"}
    assert len(found.written) == 1 + len(first.read_text(encoding="utf-8").splitlines())
    assert f"authored/hate/{first.name}" in found.files
    assert len(found.files) == 3
    assert {text_key(row.item.text) for row in found.rows} <= found.taught
    assert text_key("usir mereka") in found.taught  # its network learned from it
    assert {"own", "authored", "alamsyah_toxicity_type"} == {row.source for row in found.said_again}


def test_without_anything_new_nothing_is_written(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "labelled").mkdir(parents=True)
    (tmp_path / "data" / "labelled" / "alamsyah_toxicity_type.jsonl").write_text("")
    seen = {f"authored/hate/{path.name}": file_sha256(path) for path in sorted(AUTHORED.glob("*.jsonl"))}
    metrics = json.loads((copy / "metrics.json").read_text()) | {"data_sha256": seen}
    rewrite_figures(copy, metrics, "# card\n")
    with pytest.raises(InputError, match="has not seen"):
        learn_hate_words(copy, tmp_path / "data", tmp_path / "out", "x", 1, 7, lambda *_: None)
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_is_said_before_anything_is_read(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="alamsyah"):
        learn_hate_words(copy, tmp_path, tmp_path / "out", "x", 1, 7, lambda *_: None)
    with pytest.raises(ModelError, match="already there"):
        learn_hate_words(copy, tmp_path, copy, "x", 1, 7, lambda *_: None)
