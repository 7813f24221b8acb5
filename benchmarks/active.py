"""A campaign in small: what the queues of the labelling desk are worth, against labelling at random.

    python -m benchmarks.active [--start silver|authored] [--seeds N] [--kept FOLDER] [--speed]

A model that never saw gold train (a TF-IDF model of our own texts, and with `silver` of the codebook's labels for news)
begins, as a campaign does; three of four groups of gold train are then answered for, 200 at a time, chosen by the
queues or by lot, and heads are learned as the product learns them (nlp/training/heads.py). Judged is macro-F1 over the
eight labels on the fourth group, with the cuts that were learned. The score of all is reached where the mean over the
campaigns is the same to a hundredth of it.

`--speed` times the learning of 5,000 answers on the shipped encoder instead, from what is stored with the tags.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

import nlp
from benchmarks.shared import DATA, Report, reporting, results, table_of
from nlp.adapted.folder import BaseRef, ref_of
from nlp.adapted.tagger import AdaptedTagger
from nlp.calibration import sigmoid
from nlp.evaluation.metrics import f1_scores
from nlp.heads import COLUMN, LABEL_HEADS, Head, decide
from nlp.labelled import LabelledItem, read_labelled, values_of
from nlp.reading import Reader
from nlp.training import silver
from nlp.training.answers import Answers, answers_of, authored_rows, protected_rows
from nlp.training.baseline import AUTHORED, train_baseline
from nlp.training.curve import curve_points
from nlp.training.heads import HeadsRecipe, Read, Stored, learn_heads, read_answers
from nlp.training.inputs import BaselineRecipe
from waspada.labels.queues import LABELS, Pool, choose

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
#: The floor and the goal of the share of labels with which the score of all is reached.
FLOOR, GOAL = 0.40, 0.25
POINTS = (GOAL, FLOOR, 0.6)
A_BATCH, TESTED = 200, 0.25
_LABELS = [COLUMN[LABEL_HEADS[label]] for label in LABELS]
SPEED_ANSWERS, SPEED_FLOOR_SECONDS = 5_000, 60.0


@dataclass(frozen=True, slots=True)
class World:
    """All rows of gold train as the starting model read them, then the authored protected texts."""

    base: Reader
    ref: BaseRef
    answers: Answers
    read: Read
    n: int

    def part(self, chosen: Ints) -> tuple[Answers, Read]:
        """Some rows of gold train, with all anchors."""
        rows = np.concatenate([chosen, np.arange(self.n, len(self.answers.rows))])
        answers = Answers(
            [self.answers.rows[int(row)] for row in rows],
            self.answers.own[rows],
            self.answers.folds[rows],
            self.answers.weights[rows],
        )
        counts = [self.read.counts[int(row)] for row in rows]
        return answers, Read(counts, self.read.log_odds[rows], self.read.embeddings[rows])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", choices=("silver", "authored"), default="silver")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--kept", type=Path, help="keeps the starting model here, for the next time")
    parser.add_argument("--speed", action="store_true")
    given = parser.parse_args(arguments)
    gold = DATA / "gold" / "train.jsonl"
    if not gold.exists():
        results.print(f"not run: {gold} is not there (name the data folder in WASPADA_DATA)")
        return
    with reporting() as report:
        if given.speed:
            _speed(report)
            return
        kept = given.kept or Path(tempfile.mkdtemp(prefix="waspada-active-"))
        world = _world(_starting_model(kept, given.start, report), report)
        found = [campaign(world, seed, report) for seed in range(given.seeds)]
    _print(given.start, found)


def _starting_model(kept: Path, start: str, report: Report) -> Path:
    """A TF-IDF model that never saw gold train."""
    path = kept / f"start-{start}"
    if path.exists():
        return path
    gold = {row.group for row in read_labelled(DATA / "gold" / "train.jsonl")}
    rows = silver.read_silver(DATA) if start == "silver" else authored_rows()
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "gold" / "train.jsonl"
        target.parent.mkdir()
        with target.open("w", encoding="utf-8") as file:
            for row in rows:
                if row.group not in gold:
                    file.write(json.dumps(_as_line(row)) + "\n")
        authored = AUTHORED if start == "silver" else None
        train_baseline(Path(folder), path, progress=report, recipe=BaselineRecipe(folds=2), authored=authored)
    return path


def _as_line(row: LabelledItem) -> dict[str, Any]:
    item = row.item
    texts = {"id": item.id, "title": item.title, "text": item.text, "kind": item.kind.value}
    return texts | {"labels": row.labels, "pool": row.pool, "pair": row.group}


def _world(path: Path, report: Report) -> World:
    base = nlp.load(path)
    gold = read_labelled(DATA / "gold" / "train.jsonl")
    answers = answers_of(gold, protected_rows(), HeadsRecipe().answers, seed=7)
    read = read_answers(base, answers, {}, report)
    return World(base, ref_of(path, base.model, shipped=False), answers, read, len(gold))


@dataclass(frozen=True, slots=True)
class Campaign:
    """Macro-F1 of one seed: before any answer, with all, and at `POINTS` by the queues and by lot."""

    before: float
    everything: float
    queues: Sequence[float]
    lot: Sequence[float]


def campaign(world: World, seed: int, report: Report) -> Campaign:
    rng = np.random.default_rng(seed)
    groups = [row.group for row in world.answers.rows[: world.n]]
    names, index = np.unique(groups, return_inverse=True)
    tested = (rng.random(len(names)) < TESTED)[index]
    pool, test = np.flatnonzero(~tested), np.flatnonzero(tested)
    wanted = [round(share * len(pool)) for share in POINTS]
    queues = []
    model: AdaptedTagger | None = None
    answered = rng.permutation(pool)[:0]
    while len(answered) < wanted[-1]:
        report(f"seed {seed}", len(answered), wanted[-1])
        nearest = min(want for want in wanted if want > len(answered))
        more = chosen(world, model, pool, answered, min(A_BATCH, nearest - len(answered)), seed)
        answered = np.concatenate([answered, more])
        model = learned(world, answered)
        if len(answered) in wanted:
            queues.append(_score(world, model, test))
    lot = [_score(world, learned(world, rng.permutation(pool)[:want]), test) for want in wanted]
    return Campaign(_score(world, None, test), _score(world, learned(world, pool), test), queues, lot)


def chosen(world: World, model: AdaptedTagger | None, pool: Ints, answered: Ints, wanted: int, seed: int) -> Ints:
    """The next `wanted` rows by the desk's own choice."""
    waiting = np.setdiff1d(pool, answered)
    log_odds, thresholds = _said(world, model, waiting)
    p = sigmoid(log_odds[:, _LABELS])
    vectors = world.read.embeddings.astype(np.float32)
    truth = _truth(world, answered)
    found = choose(
        Pool(
            p=p.astype(np.float32),
            on=p >= np.array([thresholds[LABEL_HEADS[label]] for label in LABELS]),
            second=sigmoid(world.read.log_odds[waiting][:, _LABELS]) >= 0.5,
            vectors=vectors[waiting],
            labelled=vectors[answered],
            dismissed=np.zeros(len(waiting), dtype=bool),
            examples=truth.sum(axis=0).astype(np.int64),
        ),
        wanted,
        seed + len(answered),
    )
    return waiting[[one.place for one in found]]


def learned(world: World, answered: Ints) -> AdaptedTagger:
    answers, read = world.part(answered)
    version = f"{world.base.model}~{len(answered)}"
    learned = learn_heads(world.base, world.ref, version, answers, read, HeadsRecipe(), 7, lambda _s, _d, _t: None)
    return AdaptedTagger(world.base, learned.folder, find_places=lambda _item: ())


def _said(world: World, model: AdaptedTagger | None, rows: Ints) -> tuple[Floats, Mapping[Head, float]]:
    """Log odds (n, heads) and cuts of the model, or of the one that it began with."""
    if model is None:
        return world.read.log_odds[rows], world.base.rules.thresholds
    counts = [world.read.counts[int(row)] for row in rows]
    found = model.log_odds_on(counts, world.read.log_odds[rows], world.read.embeddings[rows])
    return found, model.rules.thresholds


def _score(world: World, model: AdaptedTagger | None, test: Ints) -> float:
    log_odds, thresholds = _said(world, model, test)
    rule = world.base.rules.alert_rule
    said = [decide(row, thresholds, rule).labels for row in log_odds]
    on = np.array([[one[label].on for label in LABELS] for one in said])
    truth, once = _truth(world, test), np.ones((1, len(test)), dtype=np.int64)
    return float(np.mean([f1_scores(truth[:, k], on[:, k], once)[0] for k in range(len(LABELS))]))


def _truth(world: World, rows: Ints) -> Bools:
    """(n, 8)"""
    chosen = [world.answers.rows[int(row)] for row in rows]
    return np.stack([values_of(chosen, label.value) > 0 for label in LABELS], axis=1)


def _print(start: str, found: Sequence[Campaign]) -> None:
    table = table_of(
        f"Macro-F1 as a share of that with all labels; {len(found)} campaigns from a model of {start} texts",
        "answered",
        "queues",
        "by lot",
    )
    for at, share in enumerate(POINTS):
        parts = [[getattr(one, name)[at] / one.everything for one in found] for name in ("queues", "lot")]
        table.add_row(f"{share:.0%}", *map(_spread, parts))
    results.print(table)
    everything, before = [one.everything for one in found], [one.before for one in found]
    results.print(f"Macro-F1 before any answer {_spread(before)}, with all {_spread(everything)}.")
    for share, name in ((FLOOR, "floor"), (GOAL, "goal")):
        reached = np.mean([one.queues[POINTS.index(share)] / one.everything for one in found])
        state = "met" if round(float(reached), 2) >= 1.0 else "[bold]missed[/bold]"
        results.print(f"{name}: the score of all with {share:.0%} of the labels: {reached:.3f}, {state}")


def _spread(values: Sequence[float]) -> str:
    """Mean and its 95 % interval by Student's t."""
    half = t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    return f"{np.mean(values):.3f} ({np.mean(values) - half:.3f} to {np.mean(values) + half:.3f})"


def _speed(report: Report) -> None:
    base = nlp.load()
    rows = [*read_labelled(DATA / "gold" / "train.jsonl"), *authored_rows()]
    np.random.default_rng(7).shuffle(rows)
    answered, recipe = rows[:SPEED_ANSWERS], HeadsRecipe()
    stored: dict[int, Stored] = {}
    for at in range(0, len(answered), 64):
        report("as it is stored with the tags", at, len(answered))
        read = base.read([row.item for row in answered[at : at + 64]])
        stored |= {at + k: Stored(read.base[k], read.embeddings[k]) for k in range(len(read.items))}
    began = time.perf_counter()
    answers = answers_of(answered, protected_rows(), recipe.answers, 7)
    found = read_answers(base, answers, stored, report)
    took_reading = time.perf_counter() - began
    ref = ref_of(nlp.shipped(nlp.ENCODER), base.model, shipped=True)
    learned = learn_heads(base, ref, f"{base.model}~speed", answers, found, recipe, 7, report)
    curve_points(learned.fits, learned.raw, recipe.answers, 7, report)
    took = time.perf_counter() - began
    state = "met" if took <= SPEED_FLOOR_SECONDS else "[bold]missed[/bold]"
    results.print(
        f"{SPEED_ANSWERS} answers: {took:.1f} s, of which {took_reading:.1f} s reading; {len(learned.learned)} heads "
        f"learned; floor {SPEED_FLOOR_SECONDS:.0f} s: {state}"
    )


if __name__ == "__main__":
    main()
