"""An encoder goes on learning from answers: it learns them, keeps what they do not speak of, goes on after a stop."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="not run: torch is not installed (extra: train)")

from api.console.words.trainings import TRAINING_STAGES
from nlp.encoder.tagger import EncoderTagger
from nlp.heads import COLUMN, Head
from nlp.training.answers import Answers, answers_of, gains, protected_rows
from nlp.training.encoder.continued import Continued, ContinueRecipe, continue_encoder
from nlp.training.encoder.finetune import FinetuneRecipe
from nlp.training.inputs import Progress
from tests.nlp.encoder.tiny import tiny_folder
from tests.nlp.slang import slang_rows
from waspada.taxonomy import ItemText

SHORT = FinetuneRecipe(epochs=3, batch=16, tokens=64, rate=1e-3, head_rate=1e-2, positive_cap=8.0, average=0.9)
RECIPE = replace(ContinueRecipe(), finetune=SHORT)


@pytest.fixture(scope="module")
def answers() -> Answers:
    return answers_of(slang_rows(120), protected_rows()[:20], RECIPE.answers, 7)


def learned(answers: Answers, work: Path, progress: Progress = lambda _s, _d, _t: None) -> Continued:
    return continue_encoder(tiny_folder(), "tiny-answers", answers, work, RECIPE, 7, progress)


@pytest.fixture(scope="module")
def found(answers: Answers, tmp_path_factory: pytest.TempPathFactory) -> Continued:
    return learned(answers, tmp_path_factory.mktemp("work"))


def test_it_learns_what_the_answers_say(answers: Answers, found: Continued) -> None:
    figures = gains(answers, found.before, found.scores)
    assert Head.FRAUD in found.learned
    assert figures["fraud"]["loss_after"] < figures["fraud"]["loss_before"] * 0.6
    rows = slang_rows(40, seed=9)
    odds = EncoderTagger(found.folder, threads=1).log_odds([row.item for row in rows])[:, COLUMN[Head.FRAUD]]
    truth = np.array([row.labels["fraud"] for row in rows])
    assert (odds[truth == 1][:, None] > odds[truth == 0]).mean() > 0.95


def test_what_no_answer_speaks_of_stays_near_what_it_was(found: Continued) -> None:
    items = [ItemText("1", "", "Warga bentrok di Gambut."), ItemText("2", "", "Mereka benci orang kota ini.")]
    before, after = (EncoderTagger(each, threads=1).log_odds(items) for each in (tiny_folder(), found.folder))
    hate = COLUMN[Head.HATE]
    np.testing.assert_allclose(after[:, hate], before[:, hate], atol=1.0)
    assert found.folder.blends[Head.CONFLICT_1] == tiny_folder().blends[Head.CONFLICT_1]
    assert found.folder.thresholds[Head.CONFLICT_1] == tiny_folder().thresholds[Head.CONFLICT_1]
    assert found.folder.pieces == tiny_folder().pieces


def test_a_stopped_one_goes_on_where_it_was(answers: Answers, found: Continued, tmp_path: Path) -> None:
    """The first fold is not trained again, the end is the same, and the work folder holds no text."""

    class StoppedError(Exception):
        pass

    def stop(stage: str, done: int, _total: int) -> None:
        if stage == "fold-1" and done:
            raise StoppedError

    with pytest.raises(StoppedError):
        learned(answers, tmp_path, stop)
    assert (tmp_path / "fold-0.npz").exists()
    seen: list[str] = []
    again = learned(answers, tmp_path, lambda stage, _done, _total: seen.append(stage))
    assert "fold-0" not in seen
    assert {"fold-1", "final"} <= set(seen) <= set(TRAINING_STAGES)
    np.testing.assert_allclose(again.scores, found.scores)
    assert again.folder.thresholds == found.folder.thresholds
    assert b"kenanga" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
