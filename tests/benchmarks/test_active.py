"""A campaign in small, on texts of our own."""

from __future__ import annotations

import numpy as np

import nlp
from benchmarks import active
from nlp.adapted.folder import ref_of
from nlp.training.answers import answers_of
from nlp.training.heads import HeadsRecipe, read_answers
from tests.nlp.slang import slang_rows


def world(rows: int) -> active.World:
    path = nlp.shipped(nlp.BASELINE)
    base = nlp.load(path)
    answers = answers_of(slang_rows(rows), [], HeadsRecipe().answers, seed=7)
    read = read_answers(base, answers, {}, lambda _s, _d, _t: None)
    return active.World(base, ref_of(path, base.model, shipped=True), answers, read, rows)


def test_answers_bring_what_no_model_knew() -> None:
    found = active.campaign(world(240), 1, lambda _s, _d, _t: None)
    assert found.before < found.everything
    assert len(found.queues) == len(found.lot) == len(active.POINTS)
    assert all(found.before <= score <= 1 for score in (*found.queues, *found.lot))


def test_only_what_waits_is_chosen_and_no_row_twice() -> None:
    of = world(120)
    pool = np.arange(0, 120, 2)
    first = active.chosen(of, None, pool, pool[:0], 20, 3)
    assert len(set(first.tolist())) == 20
    assert set(first.tolist()) <= set(pool.tolist())
    second = active.chosen(of, active.learned(of, pool), pool, first, 30, 3)
    assert not set(first.tolist()) & set(second.tolist())
