"""A training that was stopped goes on where it was and ends as if it had never been."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="not run: torch is not installed (extra: train)")

import torch
from torch import nn

import nlp.training.encoder.loop as training_loop
from nlp.training.encoder.loop import Schedule, train_steps

STEPS = 12
BATCHES = list(range(STEPS))
AVERAGED = Schedule(average=0.9)


class _StoppedError(Exception):
    """What a test throws into a training."""


@pytest.fixture(autouse=True)
def _save_after_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_loop, "_SAVE_EVERY_SECONDS", -1.0)


class _Training:
    """A small network with dropout, its optimizer and its data: what a fresh process would build again."""

    def __init__(self, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.first = nn.Linear(4, 8)
        self.model = nn.Sequential(self.first, nn.Dropout(0.5), nn.Linear(8, 1))
        groups = [{"params": [p], "lr": 0.05, "peak": 0.05} for p in self.model.parameters()]
        self.optimizer = torch.optim.AdamW(groups)
        self.data = torch.randn(STEPS, 16, 4, generator=torch.Generator().manual_seed(1))
        self.seen: list[int] = []
        self.rates: list[float] = []

    def run(
        self,
        checkpoint: Path,
        schedule: Schedule = AVERAGED,
        *,
        stage: str = "a",
        stop_at: int | None = None,
        batches: Sequence[int] = BATCHES,
        progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None,
    ) -> dict[str, Any]:
        """Trains and gives the weights."""

        def loss_of(batch: int) -> torch.Tensor:
            if batch == stop_at:
                raise _StoppedError
            self.seen.append(batch)
            self.rates.append(self.optimizer.param_groups[0]["lr"])
            x = self.data[batch]
            loss: torch.Tensor = ((self.model(x).squeeze(1) - x.sum(dim=1)) ** 2).mean()
            return loss

        train_steps(self.model, self.optimizer, batches, loss_of, schedule, checkpoint, progress, stage)
        return {name: value.clone() for name, value in self.model.state_dict().items()}


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return set(one) == set(other) and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("schedule", [AVERAGED, Schedule()], ids=["averaged", "last weights"])
@pytest.mark.parametrize("stop_at", [1, 5, STEPS - 1])
def test_a_stopped_training_ends_with_the_weights_of_an_unbroken_one(
    tmp_path: Path, schedule: Schedule, stop_at: int
) -> None:
    unbroken = _Training().run(tmp_path / "unbroken", schedule)
    with pytest.raises(_StoppedError):
        _Training().run(tmp_path / "a.checkpoint", schedule, stop_at=stop_at)
    # A new process: other weights and another state of the generator until the checkpoint is read.
    again = _Training(seed=99)
    assert _same(again.run(tmp_path / "a.checkpoint", schedule), unbroken)
    assert again.seen == BATCHES[stop_at:]


def test_a_training_may_be_stopped_again_and_again(tmp_path: Path) -> None:
    unbroken = _Training().run(tmp_path / "unbroken")
    for stop_at in (2, 3, 7):
        with pytest.raises(_StoppedError):
            _Training().run(tmp_path / "a.checkpoint", stop_at=stop_at)
    assert _same(_Training(seed=99).run(tmp_path / "a.checkpoint"), unbroken)


def test_dropout_and_the_average_do_show_in_the_weights(tmp_path: Path) -> None:
    weights = _Training().run(tmp_path / "a")
    assert not _same(weights, _Training(seed=1).run(tmp_path / "b"))
    assert not _same(weights, _Training().run(tmp_path / "c", Schedule()))
    assert _same(weights, _Training().run(tmp_path / "d"))


def test_the_checkpoint_of_another_stage_is_not_gone_on_from(tmp_path: Path) -> None:
    path = tmp_path / "shared.checkpoint"
    with pytest.raises(_StoppedError):
        _Training(seed=3).run(path, stage="a", stop_at=6)
    fresh = _Training()
    assert _same(fresh.run(path, stage="b"), _Training().run(tmp_path / "other", stage="b"))
    assert fresh.seen == BATCHES


def test_the_checkpoint_of_a_longer_training_is_not_gone_on_from(tmp_path: Path) -> None:
    path = tmp_path / "a.checkpoint"
    with pytest.raises(_StoppedError):
        _Training(seed=3).run(path, stop_at=6)
    fresh = _Training()
    assert _same(fresh.run(path, batches=BATCHES[:8]), _Training().run(tmp_path / "other", batches=BATCHES[:8]))
    assert fresh.seen == BATCHES[:8]


def test_a_kill_between_writing_and_moving_leaves_the_last_checkpoint_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unbroken = _Training().run(tmp_path / "unbroken")
    path, move = tmp_path / "a.checkpoint", Path.replace
    moved: list[int] = []

    def killed_at_the_fourth(own: Path, target: Path) -> Path:
        moved.append(1)
        if len(moved) == 4:
            raise _StoppedError
        return move(own, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed_at_the_fourth)
        with pytest.raises(_StoppedError):
            _Training().run(path)
    assert {entry.name for entry in tmp_path.iterdir()} == {"unbroken", "a.checkpoint", "a.fresh"}
    (tmp_path / "a.fresh").write_bytes(b"half of a fi")
    again = _Training(seed=99)
    assert _same(again.run(path), unbroken)
    assert again.seen == BATCHES[3:]


def test_a_half_written_first_checkpoint_is_no_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "a.fresh").write_bytes(b"half of a fi")
    fresh = _Training()
    assert _same(fresh.run(tmp_path / "a.checkpoint"), _Training().run(tmp_path / "unbroken"))
    assert fresh.seen == BATCHES


def test_a_finished_training_is_not_run_again(tmp_path: Path) -> None:
    weights = _Training().run(tmp_path / "a.checkpoint")
    again = _Training(seed=99)
    assert _same(again.run(tmp_path / "a.checkpoint"), weights)
    assert again.seen == []


def test_the_average_is_a_mean_of_the_weights_on_the_way(tmp_path: Path) -> None:
    training = _Training()
    on_the_way: list[Any] = []
    training.run(
        tmp_path / "a",
        Schedule(average=0.9),
        progress=lambda _stage, _done, _total: on_the_way.append(training.first.weight.detach().clone()),
    )
    wanted = on_the_way[0]
    for step, weight in enumerate(on_the_way, start=1):
        decay = min(0.9, step / (step + 10))
        wanted = decay * wanted + (1 - decay) * weight
    torch.testing.assert_close(training.first.weight.detach(), wanted)


def test_the_rate_rises_and_falls_to_nearly_nothing(tmp_path: Path) -> None:
    training = _Training()
    training.run(tmp_path / "a", Schedule(warmup=0.25))
    top = training.rates.index(max(training.rates))
    assert 1 <= top <= 4
    assert max(training.rates) <= 0.05
    assert training.rates[: top + 1] == sorted(training.rates[: top + 1])
    assert training.rates[top:] == sorted(training.rates[top:], reverse=True)
    assert 0 < training.rates[-1] < 0.01


def test_progress_is_told_step_by_step_and_the_model_is_left_ready_to_run(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    training = _Training()
    training.run(tmp_path / "a", progress=lambda *step: told.append(step))
    assert told == [("a", step, STEPS) for step in range(1, STEPS + 1)]
    assert not training.model.training


def test_no_batches_leave_the_weights_alone(tmp_path: Path) -> None:
    before = {name: value.clone() for name, value in _Training().model.state_dict().items()}
    assert _same(_Training().run(tmp_path / "a", batches=[]), before)
