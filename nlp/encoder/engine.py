"""Running the encoder: which arithmetic suits this processor, and batches in, numbers out."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from nlp.encoder.batching import Encoded, by_length, pad
from nlp.encoder.graph import build_graph
from nlp.encoder.weights import EncoderWeights

Floats = NDArray[np.float32]
_BATCH = 32
_CPU_INFO = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class Outputs:
    """`logits` (n, heads) before calibration and unit `embeddings` (n, hidden)."""

    logits: Floats
    embeddings: Floats


class Engine:
    """A compiled encoder. Safe to share between threads: each has a request of its own."""

    def __init__(self, weights: EncoderWeights, threads: int | None = None) -> None:
        self._heads, self._hidden = len(weights.vectors["heads.bias"]), weights.shape.hidden
        core = ov.Core()
        self.arithmetic = arithmetic_of(_abilities(core))
        self._compiled = core.compile_model(
            build_graph(weights),
            "CPU",
            {
                "PERFORMANCE_HINT": "LATENCY",
                "INFERENCE_NUM_THREADS": threads or available_cores(),
                **_SETTINGS[self.arithmetic],
            },
        )
        self._local = threading.local()

    def run(self, rows: Sequence[Encoded]) -> Outputs:
        """Outputs in the order of `rows`."""
        logits = np.zeros((len(rows), self._heads), dtype=np.float32)
        embeddings = np.zeros((len(rows), self._hidden), dtype=np.float32)
        request = self._request()
        for own in by_length(rows, _BATCH):
            ids, mask = pad([rows[row] for row in own])
            request.infer({"ids": ids, "mask": mask}, share_inputs=True)
            logits[own] = request.get_tensor("logits").data
            embeddings[own] = request.get_tensor("embedding").data
        return Outputs(logits, embeddings)

    def _request(self) -> Any:
        if not hasattr(self._local, "request"):
            self._local.request = self._compiled.create_infer_request()
        return self._local.request


#: What each arithmetic asks of the engine. With a group size, weights stay in 8 bits in the matrix products and
#: activations
#: are quantised in groups of so many as they come; measured in docs/training.md.
_GROUP = 64
_SETTINGS: dict[str, dict[str, Any]] = {
    "bf16": {"INFERENCE_PRECISION_HINT": "bf16", "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0},
    "int8 and bf16": {"INFERENCE_PRECISION_HINT": "bf16", "DYNAMIC_QUANTIZATION_GROUP_SIZE": _GROUP},
    "int8": {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": _GROUP},
    "f32": {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": 0},
}


def arithmetic_of(abilities: Collection[str]) -> str:
    """The fastest arithmetic for a processor: bf16 where it has tiles for that (AMX), else products in int8 where it
    has those (VNNI), with the rest in bf16 where it has that (AVX512-BF16); f32 on anything else."""
    if "AMX" in abilities:
        return "bf16"
    if "INT8" in abilities:
        return "int8 and bf16" if "BF16" in abilities else "int8"
    return "bf16" if "BF16" in abilities else "f32"


def _abilities(core: ov.Core) -> list[str]:
    """What the engine says of the processor, set right by what the system says: the engine does not tell of AMX, and
    calls every x86 fit for INT8, which pays only with VNNI. Anything else than x86 under Linux computes without it."""
    info = _CPU_INFO.read_text(encoding="utf-8") if _CPU_INFO.exists() else ""
    return abilities_of(core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"), info)


def abilities_of(said: Iterable[str], cpu_info: str) -> list[str]:
    """What counts of what the engine said, given the text of /proc/cpuinfo ("" where there is none)."""
    kept = [ability for ability in said if ability != "INT8" or "_vnni" in cpu_info]
    return [*kept, "AMX"] if "amx_tile" in cpu_info else kept


def available_cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
