"""One training loop for every stage: seeded, with a warm-up and a linear fall of the rate, and resumable.

Everything that a run needs to go on stands in one checkpoint, written beside the last one and then moved over it, so
that a `kill -9` at any moment loses at most the steps since then. The order of batches follows from the seed alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from nlp.encoder.batching import Encoded, pad
from nlp.training.inputs import Progress

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
_SAVE_EVERY_SECONDS = 120.0
_CLIP = 1.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """`warmup` is the share of steps in which the rate rises; `average` the decay of the moving average of weights, 0
    for none."""

    warmup: float = 0.06
    average: float = 0.0


def train_steps(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Sequence[Any],
    loss_of: Callable[[Any], torch.Tensor],
    schedule: Schedule,
    checkpoint: Path,
    progress: Progress,
    stage: str,
) -> None:
    """Run `loss_of` over `batches` in order and leave the trained weights in `model`.

    A checkpoint of the same stage and length is gone on from. On return the file is removed by whoever keeps the
    result.
    """
    step, averaged = _resume(model, optimizer, checkpoint, stage, len(batches))
    saved = time.monotonic()
    model.train()
    while step < len(batches):
        _set_rate(optimizer, step, len(batches), schedule.warmup)
        loss = loss_of(batches[step])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_((p for p in model.parameters() if p.grad is not None), _CLIP)
        optimizer.step()
        step += 1
        if schedule.average:
            _average(averaged, model, min(schedule.average, step / (step + 10)))
        progress(stage, step, len(batches))
        if time.monotonic() - saved > _SAVE_EVERY_SECONDS:
            _save(model, optimizer, averaged, checkpoint, stage, step, len(batches))
            saved = time.monotonic()
    if averaged:
        model.load_state_dict(averaged, strict=False)
    model.eval()


def autocast() -> torch.autocast:
    """bf16 on a CPU as on a GPU: the same recipe on either."""
    return torch.autocast(DEVICE, dtype=torch.bfloat16)


def as_tensors(rows: Sequence[Encoded]) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask of some rows, padded, where the network is."""
    ids, mask = pad(rows)
    return torch.from_numpy(ids).to(DEVICE), torch.from_numpy(mask).to(DEVICE)


def _set_rate(optimizer: torch.optim.Optimizer, step: int, total: int, warmup: float) -> None:
    rising = max(1.0, warmup * total)
    factor = min((step + 1) / rising, max(0.0, (total - step) / max(1.0, total - rising)))
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * factor


def _average(averaged: dict[str, torch.Tensor], model: nn.Module, decay: float) -> None:
    for name, value in model.named_parameters():
        if value.requires_grad:
            kept = averaged.setdefault(name, value.detach().clone())
            kept.lerp_(value.detach(), 1.0 - decay)


def _save(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    averaged: dict[str, torch.Tensor],
    path: Path,
    stage: str,
    step: int,
    total: int,
) -> None:
    state = {
        "stage": stage,
        "step": step,
        "total": total,
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "averaged": averaged,
        "rng": torch.get_rng_state(),
        "device_rng": torch.cuda.get_rng_state_all() if DEVICE == "cuda" else [],
    }
    fresh = path.with_suffix(".fresh")
    torch.save(state, fresh)
    fresh.replace(path)


def _resume(
    model: nn.Module, optimizer: torch.optim.Optimizer, path: Path, stage: str, total: int
) -> tuple[int, dict[str, torch.Tensor]]:
    if not path.exists():
        return 0, {}
    state = torch.load(path, weights_only=True, map_location="cpu")
    if (state["stage"], state["total"]) != (stage, total):
        return 0, {}
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["rng"])
    if DEVICE == "cuda" and state["device_rng"]:
        torch.cuda.set_rng_state_all(state["device_rng"])
    return int(state["step"]), dict(state["averaged"])
