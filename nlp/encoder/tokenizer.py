"""Text to word pieces: the SentencePiece unigram model of XLM-R, cut down to the pieces that a model folder keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

BOS, PAD, EOS, UNK = 0, 1, 2, 3
#: multilingual-e5 was trained with "query: " or "passage: " before a text; for symmetric use the first serves both
#: sides.
PREFIX = "query: "
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


def build_tokenizer(pieces: Sequence[tuple[str, float]]) -> Tokenizer:
    """A tokenizer over unigram pieces with their log probabilities; ids are positions, the first four special."""
    tokenizer = Tokenizer(Unigram([(piece, score) for piece, score in pieces], unk_id=UNK, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace(Regex(r"[\p{Cc}\p{Cf}\p{Z}]+"), " "),
            normalizers.Strip(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", BOS), ("</s>", EOS)]
    )
    return tokenizer


def readable(text: str) -> str:
    """The text without lone surrogates, which cannot be written as UTF-8 and would stop the tokenizer."""
    return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def pack_pieces(pieces: Sequence[tuple[str, float]]) -> bytes:
    """Pieces and scores as JSON, for a model folder."""
    return json.dumps([[piece, round(score, 4)] for piece, score in pieces], ensure_ascii=False).encode()


def unpack_pieces(raw: bytes) -> tuple[tuple[str, float], ...]:
    """What `pack_pieces` wrote. Raises ValueError on anything else."""
    return tuple((str(piece), float(score)) for piece, score in json.loads(raw))
