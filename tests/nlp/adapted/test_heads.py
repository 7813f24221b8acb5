"""New heads learn what answers say and the base does not know, leave the rest alone, and come back as they were."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nlp
from nlp.adapted.folder import AdaptedFolder, read_adapted_folder, ref_of, write_adapted_folder
from nlp.heads import COLUMN, Head
from nlp.labelled import LabelledItem
from nlp.reading import Reader
from nlp.training.answers import Answers, answers_of, gains, protected_rows, suspect_answers
from nlp.training.heads import HeadsRecipe, LearnedHeads, Read, Stored, learn_heads, read_answers
from tests.nlp.slang import slang_rows
from waspada.errors import ModelError
from waspada.taxonomy import FIELDS, ItemText, Label, TextField

SHIPPED = nlp.shipped(nlp.BASELINE)
RECIPE = HeadsRecipe()
NEW = ItemText("x", "", "Cuaca cerah di Tapin. Pemuda setempat mengaku mendapat paket kenanga tadi pagi.")


def silent(_stage: str, _done: int, _total: int) -> None:
    return None


@pytest.fixture(scope="module")
def base() -> Reader:
    return nlp.load(SHIPPED)


def learned_from(base: Reader, rows: list[LabelledItem], **stored: Any) -> tuple[Answers, Read, LearnedHeads]:
    answers = answers_of(rows, protected_rows()[:60], RECIPE.answers, 7)
    read = read_answers(base, answers, stored.get("stored", {}), silent)
    ref = ref_of(SHIPPED, base.model, shipped=True)
    return answers, read, learn_heads(base, ref, f"{base.model}~1", answers, read, RECIPE, 7, silent)


@pytest.fixture(scope="module")
def found(base: Reader) -> tuple[Answers, Read, LearnedHeads]:
    return learned_from(base, slang_rows(200))


@pytest.fixture
def folder(tmp_path: Path, found: tuple[Answers, Read, LearnedHeads]) -> Path:
    write_adapted_folder(tmp_path / "baru", found[2].folder, {"seed": 7}, "# card\n")
    return tmp_path / "baru"


def test_a_word_that_no_model_knew_is_learned(folder: Path, base: Reader) -> None:
    before, after = nlp.load(SHIPPED).classify([NEW])[0], nlp.load(folder).classify([NEW])[0]
    assert not before.labels[Label.FRAUD].on
    assert after.labels[Label.FRAUD].on
    assert after.model == f"{base.model}~1"
    (why,) = [one for one in after.evidence if one.label is Label.FRAUD]
    assert (why.field, "paket kenanga" in why.sentence) == (TextField.TEXT, True)


def test_heads_without_answers_say_what_the_base_says(folder: Path, found: tuple[Answers, Read, LearnedHeads]) -> None:
    items = [ItemText("1", "Warga bentrok di Gambut", "Dua orang luka-luka."), ItemText("2", "", "Banjir di Barabai.")]
    own, theirs = nlp.load(folder).read(items), nlp.load(SHIPPED).read(items)
    untouched = [COLUMN[head] for head in Head if head not in found[2].learned]
    assert {Head.CONFLICT_1, Head.DISASTER, Head.HATE} & set(found[2].learned) == set()
    assert Head.FRAUD in found[2].learned
    np.testing.assert_allclose(own.log_odds[:, untouched], theirs.log_odds[:, untouched])
    np.testing.assert_array_equal(own.base, theirs.log_odds)


def test_embeddings_are_those_of_the_base(folder: Path) -> None:
    np.testing.assert_array_equal(nlp.load(folder).embed([NEW]), nlp.load(SHIPPED).embed([NEW]))
    assert nlp.load(folder).embed([]).shape == (0, 384)
    assert nlp.load(folder).classify([]) == []


def test_what_is_learned_is_judged_out_of_fold(found: tuple[Answers, Read, LearnedHeads]) -> None:
    answers, read, learned = found
    figures = gains(answers, read.log_odds, learned.scores)
    assert figures["fraud"]["positives"] == 80
    assert figures["fraud"]["loss_after"] < figures["fraud"]["loss_before"] / 2
    assert "hate" not in figures
    assert all(one["loss_after"] <= one["loss_before"] for one in figures.values())


def test_answers_that_say_nothing_change_nothing(base: Reader) -> None:
    """Values drawn by lot: no head is better for them, so the base stays."""
    rng = np.random.default_rng(3)
    rows = [
        LabelledItem(row.item, dict.fromkeys(FIELDS, 0) | {"logistics": int(rng.integers(2))}, row.group, "labels")
        for row in slang_rows(120)
    ]
    _, read, learned = learned_from(base, rows)
    assert Head.DISASTER not in learned.learned
    assert learned.folder.thresholds[Head.DISASTER] == base.rules.thresholds[Head.DISASTER]
    np.testing.assert_array_equal(learned.scores[:, COLUMN[Head.DISASTER]], read.log_odds[:, COLUMN[Head.DISASTER]])


def test_the_same_answers_give_the_same_model(base: Reader, found: tuple[Answers, Read, LearnedHeads]) -> None:
    again = learned_from(base, slang_rows(200))[2]
    np.testing.assert_array_equal(again.folder.words.quantised, found[2].folder.words.quantised)
    np.testing.assert_array_equal(again.folder.embedding, found[2].folder.embedding)
    assert again.folder.thresholds == found[2].folder.thresholds


def test_what_is_stored_is_not_read_again(base: Reader, found: tuple[Answers, Read, LearnedHeads]) -> None:
    answers, read, _ = found
    stored = {
        row: Stored(read.log_odds[row].astype(np.float32), read.embeddings[row].astype(np.float32))
        for row in range(200)
    }
    stored[0] = Stored(np.full(len(Head), 5.0, dtype=np.float32), stored[0].embedding)
    again = read_answers(base, answers, stored, silent)
    assert (again.log_odds[0] == 5.0).all()
    np.testing.assert_allclose(again.log_odds[1:], read.log_odds[1:], atol=1e-5)


def test_a_cancel_stops_it(base: Reader) -> None:
    class ToldError(Exception):
        pass

    def stop(stage: str, _done: int, _total: int) -> None:
        if stage == "learning the heads":
            raise ToldError

    answers = answers_of(slang_rows(100), [], RECIPE.answers, 7)
    read = read_answers(base, answers, {}, silent)
    with pytest.raises(ToldError):
        learn_heads(base, ref_of(SHIPPED, base.model, shipped=True), f"{base.model}~1", answers, read, RECIPE, 7, stop)


def test_an_answer_against_all_others_is_suspected(base: Reader) -> None:
    rows = slang_rows(200)
    wrong = rows[5]
    assert wrong.labels["fraud"] == 1
    rows[5] = LabelledItem(wrong.item, dict(wrong.labels) | {"fraud": 0}, wrong.group, wrong.pool)
    answers, _, learned = learned_from(base, rows)
    first = suspect_answers(answers, learned.scores, learned.folder.alert_rule)[0]
    assert (first.row, first.field, first.given, first.likely) == (5, "fraud", 0, 1)


def test_a_group_is_never_parted_by_folds() -> None:
    rows = [LabelledItem(row.item, row.labels, f"story {n // 3}", row.pool) for n, row in enumerate(slang_rows(90))]
    folds = answers_of(rows, [], RECIPE.answers, 7).folds
    assert all(len(set(folds[n : n + 3].tolist())) == 1 for n in range(0, 90, 3))
    assert len(set(folds.tolist())) == RECIPE.answers.folds


def changed(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text())
    change(config)
    path.write_text(json.dumps(config))


@pytest.mark.parametrize("part", ["base", "features", "calibration", "thresholds", "alert_rule", "heads", "sha256"])
def test_a_config_that_lacks_a_part_is_refused(folder: Path, part: str) -> None:
    changed(folder, lambda config: config.pop(part))
    with pytest.raises(ModelError, match="damaged"):
        nlp.load(folder)


@pytest.mark.parametrize(
    ("part", "value"), [("folder", ".."), ("folder", "/etc"), ("folder", ""), ("model", "another"), ("folder", "a/b")]
)
def test_a_base_outside_the_store_or_of_another_name_is_refused(folder: Path, part: str, value: str) -> None:
    changed(folder, lambda config: config["base"].update({part: value}))
    with pytest.raises(ModelError, match="damaged"):
        nlp.load(folder)


@pytest.mark.parametrize("name", ["words.npz", "embedding.npz"])
def test_other_numbers_are_refused(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:-1] + b"?")
    for read in (nlp.load, nlp.check):
        with pytest.raises(ModelError, match=name):
            read(folder)


def test_a_base_that_changed_or_is_gone_is_told(tmp_path: Path, found: tuple[Answers, Read, LearnedHeads]) -> None:
    beside = Path(shutil.copytree(SHIPPED, tmp_path / "lama"))
    own = found[2].folder
    ref = ref_of(beside, own.base.model, shipped=False)
    moved = AdaptedFolder(**{**{name: getattr(own, name) for name in own.__slots__}, "base": ref})
    write_adapted_folder(tmp_path / "baru", moved, {}, "")
    assert nlp.check(tmp_path / "baru") == own.version
    assert nlp.load(tmp_path / "baru").classify([NEW])[0].labels[Label.FRAUD].on
    changed(beside, lambda config: config.update(version="another"))
    with pytest.raises(ModelError, match="stands on"):
        nlp.load(tmp_path / "baru")
    shutil.rmtree(beside)
    with pytest.raises(ModelError, match="stands on"):
        nlp.check(tmp_path / "baru")


def test_a_folder_comes_back_as_it_was(folder: Path, found: tuple[Answers, Read, LearnedHeads]) -> None:
    again, own = read_adapted_folder(folder), found[2].folder
    assert (again.version, again.base, again.thresholds) == (own.version, own.base, own.thresholds)
    np.testing.assert_array_equal(again.embedding, own.embedding)
    with pytest.raises(ModelError, match="never overwritten"):
        write_adapted_folder(folder, own, {}, "")
