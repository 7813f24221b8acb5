"""An encoder small enough to be made in a test: random numbers from a seed, and linear heads that know one word each.

The encoder says something, but little; the linear heads decide. So a text with "bentrok" is a conflict and its sentence
is the evidence, while every number of the encoder still has to arrive where it belongs.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from nlp.calibration import Blend
from nlp.encoder.folder import EncoderFolder
from nlp.encoder.shape import EncoderShape
from nlp.encoder.weights import quantise_all
from nlp.features import FeatureSpec, View, count_features
from nlp.heads import ALERT_HEADS, COLUMN, HEADS, AlertRule, Head
from nlp.model_folder import Weights, quantise
from waspada.taxonomy import EMBEDDING_DIM, ItemText

MAX_TOKENS = 96
FEATURES = FeatureSpec(words_bits=11, chars_bits=11, title_bits=10, plain_spelling=True)
VIEW_WEIGHTS = (1.0, 1.25, 0.75)
#: The one word that each head knows.
WORD_OF_HEAD = {
    Head.CONFLICT_1: "bentrok",
    Head.CONFLICT_2: "dibakar",
    Head.CONFLICT_3: "tewas",
    Head.POLARIZATION: "hina",
    Head.NEUTRALITY: "lurah",
    Head.MISINFORMATION: "hoaks",
    Head.MISINFORMATION_CLAIM: "sebarkan",
    Head.FRAUD: "suap",
    Head.LOGISTICS: "logistik",
    Head.DISASTER: "banjir",
    Head.ELECTION: "pilkada",
    Head.ALERT_1: "siaga",
    Head.ALERT_2: "darurat",
    Head.ALERT_3: "genting",
    Head.FOREIGN: "jepang",
    Head.HATE: "benci",
}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_WORDS = re.findall(
    r"\S+",
    """
    warga bentrok dibakar tewas hina lurah hoaks sebarkan suap logistik banjir pilkada siaga darurat genting
    jepang benci di ke dari dan yang itu ini akan sudah tidak pasar desa camat polisi rumah jalan malam pagi
    Gambut Banjar Martapura query kota kabupaten calon suara surat pemilih orang luka massa ramai harga cabai
    turun naik panen padi hujan deras kata kepala dua tiga empat lima Senin Selasa Rabu Kamis Jumat Sabtu
    Minggu Kalimantan Selatan Indonesia
    """,
)
_ENDINGS = ["an", "kan", "nya", "lah", "ber", "me", "ter", "ng", "ny", "ang", "ing", "ung", "si", "ti", "ka", "ma"]


def tiny_pieces() -> tuple[tuple[str, float], ...]:
    """Special pieces, letters, digits, signs, and some words: about three hundred, with made-up log probabilities."""
    singles = ["▁", *_LETTERS, *_LETTERS.upper(), *"0123456789.,:;!?\"'()-/%"]
    opened = [f"▁{letter}" for letter in _LETTERS + _LETTERS.upper()]
    pairs = [a + b for a in "bcdghjklmnprstwy" for b in "aiueo"]
    found = [*singles, *opened, *pairs, *_ENDINGS, *(f"▁{word}" for word in _WORDS)]
    unique = list(dict.fromkeys(found))
    special = [(piece, 0.0) for piece in ("<s>", "<pad>", "</s>", "<unk>")]
    return (*special, *((piece, round(-9.0 + 1.5 * min(len(piece), 5), 4)) for piece in unique))


def tiny_shape(pieces: int, hidden: int = EMBEDDING_DIM) -> EncoderShape:
    return EncoderShape(hidden=hidden, layers=2, heads=12, ffn=64, vocabulary=pieces, positions=128, types=2, eps=1e-12)


def tiny_tensors(shape: EncoderShape, seed: int = 5) -> dict[str, NDArray[np.float32]]:
    """Random weights under the names of `transformers.BertModel`, large enough that every part shows in the outputs."""
    rng = np.random.default_rng(seed)

    def drawn(*size: int, spread: float = 0.08, mean: float = 0.0) -> NDArray[np.float32]:
        return rng.normal(mean, spread, size).astype(np.float32)

    hidden, ffn = shape.hidden, shape.ffn
    made = {
        "embeddings.word_embeddings.weight": drawn(shape.vocabulary, hidden, spread=1.0),
        "embeddings.position_embeddings.weight": drawn(shape.positions, hidden, spread=0.3),
        "embeddings.token_type_embeddings.weight": drawn(shape.types, hidden, spread=0.3),
        "embeddings.LayerNorm.weight": drawn(hidden, spread=0.1, mean=1.0),
        "embeddings.LayerNorm.bias": drawn(hidden),
    }
    sizes = {
        "attention.self.query": (hidden, hidden),
        "attention.self.key": (hidden, hidden),
        "attention.self.value": (hidden, hidden),
        "attention.output.dense": (hidden, hidden),
        "intermediate.dense": (ffn, hidden),
        "output.dense": (hidden, ffn),
    }
    for layer in range(shape.layers):
        name = f"encoder.layer.{layer}."
        for part, size in sizes.items():
            made |= {f"{name}{part}.weight": drawn(*size), f"{name}{part}.bias": drawn(size[0])}
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            made |= {f"{name}{part}.weight": drawn(hidden, spread=0.1, mean=1.0), f"{name}{part}.bias": drawn(hidden)}
    return made | {
        "heads.query": drawn(len(HEADS), hidden, spread=0.15),
        "heads.value": drawn(len(HEADS), hidden, spread=0.05),
        "heads.bias": drawn(len(HEADS)),
    }


def tiny_folder() -> EncoderFolder:
    """A complete model: everything that a folder on disk holds."""
    pieces = tiny_pieces()
    shape = tiny_shape(len(pieces))
    weights, bias = np.zeros((3, len(HEADS))), np.zeros(3)
    for step, head in enumerate(ALERT_HEADS):
        weights[step, COLUMN[head]] = 1.0
    return EncoderFolder(
        version="tiny+5",
        encoder=quantise_all(shape, tiny_tensors(shape)),
        pieces=pieces,
        max_tokens=MAX_TOKENS,
        features=FEATURES,
        view_weights=VIEW_WEIGHTS,
        linear=_linear(),
        blends={head: Blend((0.3, 1.0), 0.1) for head in HEADS},
        thresholds=dict.fromkeys(HEADS, 0.5),
        alert_rule=AlertRule(weights, bias, needs_event=False),
    )


def _linear() -> Weights:
    """One word a head; bucket numbers come from the features themselves."""
    coefficients = np.zeros((FEATURES.buckets, len(HEADS)))
    for head, word in WORD_OF_HEAD.items():
        counts = count_features(ItemText("-", "", word), FEATURES)
        coefficients[counts.buckets[counts.views == View.WORDS], COLUMN[head]] = 40.0
    codes, scale = quantise(coefficients)
    rows = np.arange(FEATURES.buckets)
    idf = np.ones(FEATURES.buckets, dtype=np.float32)
    embedding_idf = np.ones(1 << FEATURES.words_bits, dtype=np.uint8)
    return Weights(rows, idf, codes, scale, np.full(len(HEADS), -2.5), embedding_idf)
