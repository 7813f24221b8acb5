"""The peers of `benchmarks.classify` in speed: transformers' text-classification pipeline in float32. Needs torch.

A peer is a real `transformers.pipeline` over a `BertModel` with the heads of nlp/training/encoder/network.py, so that
it gives one probability a head from one text, as anybody would serve such a model without an engine of their own. Both
peers read through our word pieces with the same prefix, cut to as many tokens; batches of 32.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
import transformers
from transformers import BertPreTrainedModel, PreTrainedTokenizerFast, pipeline
from transformers.modeling_outputs import SequenceClassifierOutput

from nlp.encoder.batching import Encoded, pad
from nlp.encoder.folder import EncoderFolder
from nlp.encoder.shape import EncoderShape
from nlp.encoder.tokenizer import PAD, PREFIX, build_tokenizer
from nlp.encoder.weights import EncoderWeights
from nlp.heads import HEADS
from nlp.training.encoder.base import BaseEncoder
from nlp.training.encoder.network import Network
from waspada.taxonomy import ItemText

BATCH = 32
#: The sizes of BERT-base (Devlin et al. 2019).
_BASE_SIZES = {"hidden": 768, "layers": 12, "heads": 12, "ffn": 3072}


class Classifier(BertPreTrainedModel):  # type: ignore[no-untyped-call]
    """Our network in the shape that the pipeline asks for."""

    def __init__(self, network: Network) -> None:
        config = network.encoder.config
        config.num_labels, config.problem_type = len(HEADS), "multi_label_classification"
        super().__init__(config)
        self.network = network

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> SequenceClassifierOutput:
        return SequenceClassifierOutput(logits=self.network(input_ids, attention_mask)[0])


def same_weights(folder: EncoderFolder) -> Network:
    """The network of a model folder, its 8-bit weights brought back to float32."""
    weights = folder.encoder
    network = Network(weights.shape, len(HEADS), 0.0)
    network.load_base(BaseEncoder(weights.shape, _tensors(weights), folder.pieces))
    network.load_heads({name: np.array(values) for name, values in weights.vectors.items()})
    return network.eval()


def bert_base(folder: EncoderFolder) -> Network:
    """An encoder of BERT-base's size with random weights over the same word pieces: only its speed means anything."""
    torch.manual_seed(0)
    shape = EncoderShape(**{**folder.encoder.shape.as_dict(), **_BASE_SIZES})
    return Network(shape, len(HEADS), 0.0).eval()


def served(network: Network, folder: EncoderFolder, tokens: int, threads: int) -> Callable[[Sequence[ItemText]], Any]:
    """The pipeline over a network: items in, a probability a head out."""
    torch.set_num_threads(threads)
    transformers.logging.set_verbosity(logging.CRITICAL)  # it knows its own classes by name only
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=build_tokenizer(folder.pieces),
        pad_token=folder.pieces[PAD][0],
        model_input_names=["input_ids", "attention_mask"],
    )
    classify = pipeline(
        "text-classification", model=Classifier(network), tokenizer=tokenizer, batch_size=BATCH, device="cpu"
    )

    def call(items: Sequence[ItemText]) -> Any:
        texts = [f"{PREFIX}{item.title}. {item.text}" for item in items]
        return classify(texts, top_k=None, truncation=True, max_length=tokens)

    return call


def logits_of(network: Network, rows: Sequence[Encoded]) -> np.ndarray:
    """Logits (n, heads) of a network for rows of ids."""
    ids, mask = (torch.from_numpy(part).long() for part in pad(rows))
    with torch.inference_mode():
        logits: np.ndarray = network(ids, mask)[0].numpy()
    return logits


def _tensors(weights: EncoderWeights) -> dict[str, np.ndarray]:
    """Weights of the encoder by their names in `BertModel`."""
    plain = {name: values for name, values in weights.vectors.items() if not name.startswith("heads.")}
    return plain | {name: matrix.values for name, matrix in weights.matrices.items()}
