"""The network that is trained: a BERT encoder, one attention-pooled output a head, and the mean as the embedding.

    logit of head k = sum over tokens t of softmax_t(h_t . q_k) * (h_t . w_k) + b_k

With q_k = 0, where training starts, this is a linear head on the mean of the tokens; q_k learns where to look, so that
one telling sentence in a long lead is not averaged away (Yang et al. 2016, hierarchical attention, with one query a
head). The embedding is the mean over tokens under the mask, brought to length 1, as multilingual-e5 was trained.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import BertConfig, BertModel

from nlp.encoder.shape import EncoderShape
from nlp.training.encoder.base import BaseEncoder

#: What a dataset without an opinion on a head says; the loss skips it.
UNKNOWN = -1.0


class Network(nn.Module):
    """Encoder and heads. `forward` gives logits (n, heads) and unit embeddings (n, hidden)."""

    def __init__(self, shape: EncoderShape, n_heads: int, dropout: float) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = BertModel(_config(shape, dropout), add_pooling_layer=False)
        self.dropout = nn.Dropout(dropout)
        self.query = nn.Linear(shape.hidden, n_heads, bias=False)
        self.value = nn.Linear(shape.hidden, n_heads)
        nn.init.zeros_(self.query.weight)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        seen = self.dropout(hidden)
        look = self.query(seen).masked_fill(mask[..., None] == 0, -1e4).softmax(dim=1)
        return (look * self.value(seen)).sum(dim=1), embedding_of(hidden, mask)

    def load_base(self, base: BaseEncoder) -> None:
        """Take the encoder's weights from `base`."""
        state = {name: torch.from_numpy(np.array(values)) for name, values in base.tensors.items()}
        self.encoder.load_state_dict(state)

    def as_base(self, pieces: tuple[tuple[str, float], ...]) -> BaseEncoder:
        """The encoder's weights as they are now."""
        tensors = {
            name: value.detach().float().cpu().numpy().copy() for name, value in self.encoder.state_dict().items()
        }
        return BaseEncoder(self.shape, tensors, pieces)

    def heads(self) -> dict[str, NDArray[np.float32]]:
        """Weights of the heads under the names of nlp/encoder/weights.py."""
        parts = {"query": self.query.weight, "value": self.value.weight, "bias": self.value.bias}
        return {f"heads.{name}": part.detach().float().cpu().numpy().copy() for name, part in parts.items()}

    def load_heads(self, heads: Mapping[str, NDArray[np.float32]]) -> None:
        """Take the weights that `heads` gave."""
        for name, parameter in (("query", self.query.weight), ("value", self.value.weight), ("bias", self.value.bias)):
            parameter.data.copy_(torch.from_numpy(heads[f"heads.{name}"]))

    def freeze_words(self) -> None:
        """Word vectors stay as they are: few training texts would move only the words they hold."""
        self.encoder.embeddings.word_embeddings.weight.requires_grad_(False)

    def parameter_groups(
        self, rate: float, head_rate: float, layer_decay: float, weight_decay: float
    ) -> list[dict[str, Any]]:
        """Layer-wise rates (Howard and Ruder 2018): the top layer learns at `rate`, each below at `layer_decay` of
        it."""
        groups: list[dict[str, Any]] = []
        layers = self.shape.layers
        for name, parameter in self.named_parameters():
            if not parameter.requires_grad:
                continue
            if name.startswith("encoder.encoder.layer."):
                own = rate * layer_decay ** (layers - 1 - int(name.split(".")[3]))
            else:
                own = rate * layer_decay**layers if name.startswith("encoder.") else head_rate
            decay = 0.0 if parameter.ndim < 2 else weight_decay
            groups.append({"params": [parameter], "lr": own, "peak": own, "weight_decay": decay})
        return groups


def seeded_network(shape: EncoderShape, n_heads: int, dropout: float, seed: int) -> Network:
    """A network whose heads start from the seed alone, whatever was drawn before."""
    torch.manual_seed(seed)
    return Network(shape, n_heads, dropout)


def embedding_of(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Mean of the tokens under the mask, L2 norm 1 (n, hidden)."""
    weights = mask[..., None].float()
    mean = (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1.0)
    return nn.functional.normalize(mean, dim=-1)


def _config(shape: EncoderShape, dropout: float) -> BertConfig:
    """No dropout on attention, and attention as plain products: on a processor a step takes two thirds of the time
    that the fused kernel takes, whose backward pass is slow there, and drawing the largest masks is saved."""
    return BertConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.ffn,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.types,
        layer_norm_eps=shape.eps,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=0.0,
        attn_implementation="eager",  # type: ignore[call-arg]
    )
