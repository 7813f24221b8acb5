"""The analyst's whole loop on small heads, on both databases: 200 answers, a training, the comparison, the promotion,
what the worker then says, and the way back."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import nlp
from api.console.words.trainings import TRAINING_STAGES
from nlp.labelled import LabelledItem
from tests.models.learning_steps import settings_in
from tests.nlp.slang import slang_rows
from tests.rows import NOW, add_source
from waspada.cli.learning import learn
from waspada.cli.shipped import register_shipped
from waspada.cli.training import run
from waspada.errors import ConflictError, InputError
from waspada.items.policy import url_key
from waspada.items.service import store_item
from waspada.items.types import FoundItem
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.rank import RankingData
from waspada.jobs.taggers import Taggers
from waspada.labels import service as labels
from waspada.labels.policy import Fold
from waspada.labels.types import Given
from waspada.models import repository, service, trainings
from waspada.models.policy import LEAST_GROUPS
from waspada.models.types import Training, TrainingKind, TrainingState, Verdict
from waspada.settings import Settings
from waspada.store import Store
from waspada.store.tables import ItemRow, LabelRow, ModelEventRow, NoticeRow, TagRow
from waspada.taxonomy import ItemKind, Label, Tagger

ANSWERS = 250  # a fifth is set aside for testing
BASE = nlp.model_name(nlp.shipped(nlp.BASELINE))
SEED = "kabar-banjar"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "desk")


@pytest.fixture
def base() -> Tagger:
    return nlp.load(nlp.shipped(nlp.BASELINE))


def add(session: Session, row: LabelledItem, number: int) -> None:
    url = f"https://{SEED}.example/{number}"
    key = url_key(url)
    when = NOW - timedelta(hours=6 * (number % ANSWERS))  # months of news: what comes on one day is one story
    found = FoundItem(SEED, ItemKind.ARTICLE, SEED, url, key, f"Kabar {number}", row.item.text, published_at=when)
    store_item(session, found, NOW)


@pytest.fixture
def desk(store: Store, settings: Settings, base: Tagger) -> Store:
    """A store whose items the baseline read and an account answered for."""
    rows = filled(store, ANSWERS)
    run_waiting(store, base, RankingData.load(settings), lambda: NOW)
    answer(store, rows)
    return store


def filled(store: Store, count: int) -> list[LabelledItem]:
    register_shipped(store, NOW)
    rows = slang_rows(count)
    with store.write() as session:
        add_source(session, SEED)
        for number, row in enumerate(rows):
            add(session, row, number)
    return rows


def answer(store: Store, rows: list[LabelledItem]) -> None:
    with store.write() as session:
        for item in session.scalars(select(ItemRow).order_by(ItemRow.id).limit(len(rows))).all():
            values = rows[int(item.url.rsplit("/", 1)[1])].labels
            labels.answer(session, Given(f"kunci-{item.id}", item.id, item.version, values), actor="ani", now=NOW)


def trained(store: Store, settings: Settings, *, compare: bool = True) -> Training:
    with store.write() as session:
        trainings.ask(session, TrainingKind.HEADS, actor="ani", now=NOW, compare=compare)
        given = trainings.claim(session, NOW)
    assert given is not None
    return run(store, settings, given, clock=lambda: NOW, look_seconds=0.05)


def said(store: Store, tagger: Tagger, settings: Settings, number: int) -> tuple[str, bool]:
    """Which model read a new text about the new word, and whether it found fraud."""
    row = slang_rows(1, seed=number)[0]
    with store.write() as session:
        add(session, row, number)
    run_waiting(store, tagger, RankingData.load(settings), lambda: NOW)
    with store.read() as session:
        tags = session.scalars(select(TagRow).order_by(TagRow.item_id.desc()).limit(1)).one()
        return tags.model, tags.labels[Label.FRAUD.value]["on"]


def test_from_answers_to_a_promoted_model_and_back(desk: Store, settings: Settings, base: Tagger) -> None:
    done = trained(desk, settings)
    assert (done.state, done.problem) == (TrainingState.DONE, "")
    name = done.model or ""
    assert name.startswith(f"{BASE}~{done.id}.")
    stages = {line.split("Z ")[1] for line in done.log.splitlines()} - {"begins", "done"}
    assert stages <= set(TRAINING_STAGES), "a stage that the page has no words for"

    with desk.read() as session:
        found = service.model(session, name, BASE)
    assert found.comparison is not None
    assert found.comparison.groups >= LEAST_GROUPS
    against = found.comparison.with_model(BASE)
    assert against is not None
    (fraud,) = [one for one in against.differences if (one.figure, one.slice) == ("f1 fraud", "")]
    assert fraud.verdict is Verdict.BETTER
    assert fraud.other < 0.5 < fraud.candidate
    assert found.gates is not None
    assert found.made_of["answers"] >= 150
    assert found.made_of["positives"]["fraud"] >= 60
    assert "fraud" in found.made_of["learned"]

    taggers = Taggers(desk, settings, base, nlp.load)
    taggers.look(NOW)
    assert said(desk, taggers.current, settings, 1001) == (BASE, False)
    with desk.write() as session:
        service.promote(session, name, default=BASE, seen=BASE, actor="ana", reason="kata baru", override=True, now=NOW)
    assert taggers.look(NOW)
    assert said(desk, taggers.current, settings, 1002) == (name, True)

    with desk.write() as session:
        service.rollback(session, default=BASE, seen=name, actor="ana", reason="coba saja", now=NOW)
    assert taggers.look(NOW)
    assert said(desk, taggers.current, settings, 1003) == (BASE, False)
    with desk.read() as session:
        assert [one.what for one in session.scalars(select(ModelEventRow).order_by(ModelEventRow.id))] == [
            "promote",
            "rollback",
        ]
        assert session.scalars(select(NoticeRow)).all() == []
        assert nlp.check(service.folder_of(repository.get(session, name), settings)) == name


def test_what_is_learned_is_never_tested_and_the_other_way_round(store: Store) -> None:
    answer(store, filled(store, 40))
    with store.read() as session:
        train = {one.text.id for one in repository.answered_items(session, Fold.TRAIN)}
        test = {one.text.id for one in repository.answered_items(session, Fold.TEST)}
    assert train
    assert test
    assert not train & test
    assert len(train) + len(test) <= 40


def test_a_text_of_the_test_fold_teaches_nothing_under_another_id_or_story(store: Store) -> None:
    """The same words, or a story that joined one of the test fold later."""
    answer(store, filled(store, 40))
    with store.write() as session:
        tested = session.scalars(select(LabelRow).where(LabelRow.fold == Fold.TEST)).first()
        taught = session.scalars(select(LabelRow).where(LabelRow.fold == Fold.TRAIN).limit(2)).all()
        assert tested is not None
        before = {one.text.id for one in repository.answered_items(session, Fold.TRAIN)}
        taught[0].item_hash = tested.item_hash
        taught[1].story_id = tested.story_id = 4711
        session.flush()
        after = {one.text.id for one in repository.answered_items(session, Fold.TRAIN)}
        assert before - after == {str(one.item_id) for one in taught}


def test_where_too_little_is_left_beside_the_test_fold_nothing_is_learned(store: Store, settings: Settings) -> None:
    answer(store, filled(store, 45))
    with pytest.raises(InputError, match="too few to learn from"):
        learn(store, settings, TrainingKind.HEADS, 1, lambda _s, _d, _t: None)
    assert not service.store_of(settings).exists()


def test_learning_again_from_the_same_answers_makes_no_second_folder(store: Store, settings: Settings) -> None:
    """Items that no model read are read for it."""
    answer(store, filled(store, 100))
    first = learn(store, settings, TrainingKind.HEADS, 3, lambda _s, _d, _t: None)
    half_done = service.store_of(settings) / f"{BASE}-3.0fade0.work"
    half_done.mkdir()
    names = sorted(path.name for path in service.store_of(settings).iterdir())
    stamps = [path.stat().st_mtime_ns for path in sorted((service.store_of(settings) / first.folder).iterdir())]
    again = learn(store, settings, TrainingKind.HEADS, 3, lambda _s, _d, _t: None)
    assert again == first
    assert sorted(path.name for path in service.store_of(settings).iterdir()) == names
    assert names == [half_done.name, first.folder]  # of nobody's concern while nothing is learned
    assert [path.stat().st_mtime_ns for path in sorted((service.store_of(settings) / first.folder).iterdir())] == stamps


def test_a_training_that_goes_on_later_learns_what_was_answered_when_it_was_asked_for(
    store: Store, settings: Settings
) -> None:
    """Else each answer in the meantime would begin it anew."""
    rows = filled(store, 100)
    answer(store, rows[:90])
    with store.write() as session:
        asked = trainings.ask(session, TrainingKind.HEADS, actor="ani", now=NOW)
        before = repository.answered_items(session, Fold.TRAIN)
    answer(store, rows)
    with store.read() as session:
        assert len(repository.answered_items(session, Fold.TRAIN)) > len(before)
    of_other_answers = service.store_of(settings) / f"{BASE}-{asked.id}.0fade0.work"
    of_another = service.store_of(settings) / f"{BASE}-1{asked.id}.0fade0.work"
    for folder in (of_other_answers, of_another):
        folder.mkdir(parents=True)
    found = learn(store, settings, TrainingKind.HEADS, asked.id, lambda _s, _d, _t: None)
    assert found.made_of["answers"] == len(before)
    assert (of_other_answers.exists(), of_another.exists()) == (False, True)


def test_a_model_stands_on_the_encoder_below_the_one_in_use(store: Store, settings: Settings) -> None:
    """Heads on heads would forget which answers they learned from: a second training begins at the base again."""
    answer(store, filled(store, 100))
    name = trained(store, settings, compare=False).model or ""
    with store.write() as session:
        service.promote(session, name, default=BASE, seen=BASE, actor="ana", reason="ya", override=True, now=NOW)
        item = session.scalars(select(ItemRow).order_by(ItemRow.id).limit(1)).one()
        given = Given("kunci-lain", item.id, item.version, {"conflict": 1})
        labels.answer(session, given, actor="budi", now=NOW)
    second = trained(store, settings, compare=False)
    assert (second.state, second.problem) == (TrainingState.DONE, "")
    with store.read() as session:
        assert repository.get(session, second.model or "").base == BASE


def test_what_stands_on_a_folder_of_the_settings_finds_it_for_ever(store: Store, tmp_path: Path) -> None:
    """The folder lies outside the store of models, and may go: it is copied."""
    own = Path(shutil.copytree(nlp.shipped(nlp.BASELINE), tmp_path / "milik-sendiri"))
    config = json.loads((own / "config.json").read_text()) | {"version": "milik-sendiri-v1"}
    (own / "config.json").write_text(json.dumps(config))
    settings = Settings(data_dir=tmp_path / "desk", model_dir=own)
    answer(store, filled(store, 100))
    found = learn(store, settings, TrainingKind.HEADS, 1, lambda _s, _d, _t: None)
    assert (found.base, found.name.partition("~")[0]) == ("milik-sendiri-v1", "milik-sendiri-v1")
    shutil.rmtree(own)
    assert nlp.check(service.store_of(settings) / found.folder) == found.name


def test_a_candidate_that_was_not_compared_is_not_promoted(store: Store, settings: Settings) -> None:
    answer(store, filled(store, 100))
    found = learn(store, settings, TrainingKind.HEADS, 9, lambda _s, _d, _t: None)
    with store.write() as session:
        service.register(session, found.name, found.folder, kind=found.kind, actor="ani", now=NOW, base=found.base)
    with store.write() as session, pytest.raises(ConflictError, match="it was not compared"):
        service.promote(session, found.name, default=BASE, seen=BASE, actor="ana", reason="ya", override=False, now=NOW)
