"""The forward pass as an OpenVINO graph, put together from the 8-bit weights when a model is loaded.

Weights enter as int8 constants with their scales. The engine decides what it computes in: it multiplies in int8 where
the processor has VNNI or AMX and dynamic quantisation is on, in bf16 where it has those, in f32 elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import openvino as ov
from openvino import opset13 as op

from nlp.encoder.weights import EncoderWeights, Matrix

Node = Any


def build_graph(weights: EncoderWeights) -> ov.Model:
    """A model with inputs `ids` and `mask` (n, tokens) int32 and outputs `logits` (n, heads), `embedding` (n,
    hidden)."""
    return _Graph(weights).build()


class _Graph:
    """One use: node by node from the ids up."""

    def __init__(self, weights: EncoderWeights) -> None:
        self.w, self.shape = weights, weights.shape

    def build(self) -> ov.Model:
        ids = op.parameter([-1, -1], np.int32, name="ids")
        mask = op.parameter([-1, -1], np.int32, name="mask")
        seen = op.convert(mask, np.float32)
        # 0 where a token is, a large negative number where padding is: (n, 1, 1, tokens)
        bias = op.unsqueeze(op.multiply(op.subtract(seen, _f32(1.0)), _f32(1e4)), _i64([1, 2]))
        hidden = self._embed(ids)
        for layer in range(self.shape.layers):
            hidden = self._layer(f"encoder.layer.{layer}.", hidden, bias)
        weight = op.unsqueeze(seen, _i64([2]))
        logits, embedding = self._heads(hidden, weight), self._mean(hidden, weight)
        return ov.Model([_named(logits, "logits"), _named(embedding, "embedding")], [ids, mask], "waspada")

    def _embed(self, ids: Node) -> Node:
        words = self._dequantised(self.w.matrices["embeddings.word_embeddings.weight"])
        taken = op.gather(words, ids, _i64([0]))
        length = op.gather(op.shape_of(ids, "i64"), _i64([1]), _i64([0]))
        positions = op.constant(
            self.w.vectors["embeddings.position_embeddings.weight"]
            + self.w.vectors["embeddings.token_type_embeddings.weight"][:1]
        )
        upto = op.slice(positions, _i64([0]), length, _i64([1]), _i64([0]))
        return self._norm("embeddings.LayerNorm", op.add(taken, op.unsqueeze(upto, _i64([0]))))

    def _layer(self, name: str, hidden: Node, bias: Node) -> Node:
        heads, size = self.shape.heads, self.shape.hidden // self.shape.heads
        own = name + "attention.self."
        query, key, value = (
            op.transpose(
                op.reshape(self._dense(own + part, hidden), _i64([0, 0, heads, size]), True), _i64([0, 2, 1, 3])
            )
            for part in ("query", "key", "value")
        )
        mixed = op.scaled_dot_product_attention(query, key, value, bias)
        joined = op.reshape(op.transpose(mixed, _i64([0, 2, 1, 3])), _i64([0, 0, self.shape.hidden]), True)
        attended = self._dense(name + "attention.output.dense", joined)
        hidden = self._norm(name + "attention.output.LayerNorm", op.add(attended, hidden))
        inner = op.gelu(self._dense(name + "intermediate.dense", hidden), "erf")
        return self._norm(name + "output.LayerNorm", op.add(self._dense(name + "output.dense", inner), hidden))

    def _heads(self, hidden: Node, weight: Node) -> Node:
        hidden = op.convert(hidden, np.float32)
        look = op.matmul(hidden, op.constant(self.w.vectors["heads.query"]), False, True)
        look = op.softmax(op.add(look, op.multiply(op.subtract(weight, _f32(1.0)), _f32(1e4))), 1)
        said = op.matmul(hidden, op.constant(self.w.vectors["heads.value"]), False, True)
        summed = op.reduce_sum(op.multiply(look, said), _i64([1]))
        return op.add(summed, op.constant(self.w.vectors["heads.bias"]))

    def _mean(self, hidden: Node, weight: Node) -> Node:
        total = op.reduce_sum(op.multiply(hidden, weight), _i64([1]))
        return op.normalize_l2(op.divide(total, op.reduce_sum(weight, _i64([1]))), _i64([1]), 1e-12, "add")

    def _dense(self, name: str, hidden: Node) -> Node:
        made = op.matmul(hidden, self._dequantised(self.w.matrices[name + ".weight"]), False, True)
        return op.add(made, op.constant(self.w.vectors[name + ".bias"]))

    def _norm(self, name: str, hidden: Node) -> Node:
        normal = op.mvn(hidden, _i64([2]), True, self.shape.eps, "inside_sqrt")
        scaled = op.multiply(normal, op.constant(self.w.vectors[name + ".weight"]))
        return op.add(scaled, op.constant(self.w.vectors[name + ".bias"]))

    def _dequantised(self, matrix: Matrix) -> Node:
        return op.multiply(op.convert(op.constant(matrix.codes), np.float32), op.constant(matrix.scale))


def _f32(value: float) -> Node:
    return op.constant(np.float32(value))


def _i64(values: Sequence[int]) -> Node:
    return op.constant(np.array(values, dtype=np.int64))


def _named(node: Node, name: str) -> Node:
    node.output(0).set_names({name})
    return node
