"""From one model to another and back, on both databases: what is read and ranked, and whom it does not interrupt."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.jobs.tiny import TinyTagger, add_sources, campaign
from tests.models.readers import NEW, OLD, SecondTagger
from tests.rows import NOW
from waspada.alerts import items
from waspada.errors import ConflictError, InputError, ModelError, NotFoundError, WaspadaError
from waspada.items.service import store_item
from waspada.jobs.effect import effect_of, read_recent_beside
from waspada.jobs.notify import notify_due
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.rank import RankingData
from waspada.jobs.reread import reread_step
from waspada.jobs.taggers import TRY_AGAIN, Taggers
from waspada.models import repository, service
from waspada.models.types import Against, Comparison, Gates, ModelMove, Objection, Step, Verdict
from waspada.settings import Settings, load_settings
from waspada.store import Store
from waspada.store.tables import (
    AlertEventRow,
    AlertRow,
    FingerprintRow,
    ItemRow,
    ModelEventRow,
    NoticeRow,
    RejectRow,
    TagRow,
)
from waspada.taxonomy import Tagger

ITEMS = 24
SOON = NOW + timedelta(hours=1)
OPEN = Gates(0.9, "satire", 0.8, True, 0, 320, 0.01, True)
CLOSED = Gates(0.7, "satire", 0.5, False, 20, 320, 0.1, False)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(notify_per_shift=20)


@pytest.fixture(scope="module")
def data(settings: Settings) -> RankingData:
    return RankingData.load(settings)


@pytest.fixture
def desk(store: Store, data: RankingData) -> Store:
    """A store whose items the first model read, whose notices went out, and that knows a second model."""
    with store.write() as session:
        add_sources(session)
        for one in campaign(ITEMS):
            store_item(session, one, NOW)
        for name in (OLD, NEW):
            service.register(session, name, name, kind="tiny", actor="tuan", now=NOW)
    run_waiting(store, TinyTagger(), data, lambda: NOW)
    notify_due(store, data.settings, NOW + timedelta(minutes=30))
    return store


def promote(store: Store, name: str = NEW, seen: str = OLD, now: datetime = SOON, override: bool = True) -> None:
    with store.write() as session:
        service.promote(session, name, default=OLD, seen=seen, actor="ana", reason="coba", override=override, now=now)


def rollback(store: Store, seen: str = NEW, now: datetime = SOON) -> None:
    with store.write() as session:
        service.rollback(session, default=OLD, seen=seen, actor="ana", reason="salah", now=now)


def settle(store: Store, data: RankingData, tagger: Tagger, now: datetime = SOON) -> None:
    """All rounds of a worker until nothing is left."""
    while reread_step(store, tagger, now, limit=5):
        run_waiting(store, tagger, data, lambda: now)
    run_waiting(store, tagger, data, lambda: now)


def levels(store: Store) -> dict[int, int]:
    with store.read() as session:
        return {row.story_id: row.level for row in session.scalars(select(AlertRow))}


def read_by(store: Store) -> set[str | None]:
    with store.read() as session:
        ids = list(session.scalars(select(ItemRow.id)))
        return {view.model for view in items.by_ids(session, ids).values()}


def notices(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).select_from(NoticeRow)) or 0


def test_what_speaks_against_a_model_is_said_and_set_aside_only_on_purpose(desk: Store) -> None:
    with pytest.raises(ConflictError, match="not compared with the model in use, it was not held against"):
        promote(desk, override=False)
    worse = Comparison(NEW, 40, "test fold", [Against(OLD, Verdict.WORSE, [])])
    with desk.write() as session:
        repository.save_comparison(session, NEW, worse, CLOSED, NOW)
    with pytest.raises(ConflictError, match=r"it is worse .*, it fails .*, it raises too much"):
        promote(desk, override=False)
    promote(desk)
    with desk.read() as session:
        event = repository.events(session)[-1]
    assert (event.what, event.model, event.previous, event.actor, event.reason) == (
        Step.PROMOTE,
        NEW,
        OLD,
        "ana",
        "coba",
    )
    assert event.overridden == [Objection.WORSE, Objection.FUNCTIONAL, Objection.PROTECTED]


def test_a_model_that_nothing_speaks_against_needs_no_override(desk: Store) -> None:
    fine = Comparison(NEW, 40, "test fold", [Against(OLD, Verdict.SAME, [])])
    with desk.write() as session:
        repository.save_comparison(session, NEW, fine, OPEN, NOW)
    promote(desk, override=False)
    with desk.read() as session:
        assert repository.events(session)[-1].overridden == []


def test_a_comparison_with_another_model_than_the_current_one_is_none(desk: Store) -> None:
    other = Comparison(NEW, 40, "test fold", [Against("tiny-0", Verdict.BETTER, [])])
    with desk.write() as session:
        repository.save_comparison(session, NEW, other, OPEN, NOW)
        assert service.objections(session, NEW, OLD) == [Objection.NOT_COMPARED]


def test_the_second_reading_ranks_anew_and_interrupts_nobody(desk: Store, data: RankingData) -> None:
    before, told = levels(desk), notices(desk)
    assert told
    promote(desk)
    settle(desk, data, SecondTagger())
    after = levels(desk)
    assert read_by(desk) == {NEW}
    assert set(after) > set(before), "the market fairs are alerts now"
    assert any(before[story] and not after[story] for story in before), "the mixed-up boxes are none any more"
    assert notify_due(desk, data.settings, SOON + timedelta(hours=5)) == 0
    assert notices(desk) == told
    with desk.read() as session:
        opened = session.scalars(
            select(AlertEventRow).where(AlertEventRow.at == SOON, AlertEventRow.action == "opened")
        )
        assert {row.detail.get("by_model") for row in opened} == {NEW}
        assert session.scalar(select(ModelEventRow.walked_to)) == 0


def test_news_after_the_switch_interrupts_as_ever(desk: Store, data: RankingData) -> None:
    promote(desk)
    settle(desk, data, SecondTagger())
    later = SOON + timedelta(hours=1)
    with desk.write() as session:
        for one in campaign(ITEMS + 8)[ITEMS:]:
            store_item(session, one, later)
    run_waiting(desk, SecondTagger(), data, lambda: later)
    before = notices(desk)
    assert notify_due(desk, data.settings, later + timedelta(hours=1)) > 0
    assert notices(desk) > before


def test_a_rollback_reads_the_old_tags_at_once_and_interrupts_nobody(desk: Store, data: RankingData) -> None:
    before, told = levels(desk), notices(desk)
    promote(desk)
    settle(desk, data, SecondTagger())
    rollback(desk)
    assert read_by(desk) == {OLD}
    settle(desk, data, TinyTagger())
    after = levels(desk)
    assert {story: after[story] for story in before} == before
    assert not any(after[story] for story in set(after) - set(before))
    assert notify_due(desk, data.settings, SOON + timedelta(hours=5)) == 0
    assert notices(desk) == told


def test_labels_kept_with_fingerprints_follow(desk: Store, data: RankingData) -> None:
    def counted() -> int:
        with desk.read() as session:
            return sum("disaster" in row.labels for row in session.scalars(select(FingerprintRow)))

    before = counted()
    promote(desk)
    settle(desk, data, SecondTagger())
    assert before > 0
    assert counted() == 0
    rollback(desk)
    settle(desk, data, TinyTagger())
    assert counted() == before


def test_a_shadow_is_stored_and_read_by_nobody(desk: Store, data: RankingData) -> None:
    with desk.write() as session:
        service.shadow(session, NEW, default=OLD, actor="ana", reason="", now=SOON)
        for one in campaign(ITEMS + 8)[ITEMS:]:
            store_item(session, one, SOON)
    run_waiting(desk, TinyTagger(), data, lambda: SOON, shadow=SecondTagger(fails_on="Genangan"))
    with desk.read() as session:
        beside = session.scalars(select(TagRow).where(TagRow.beside)).all()
        noted = session.scalars(select(RejectRow.problem).where(RejectRow.stage == "shadow")).all()
    assert beside
    assert {row.model for row in beside} == {NEW}
    assert noted
    assert all("tiny-2: RuntimeError" in problem for problem in noted)
    assert read_by(desk) == {OLD}
    standing = levels(desk)
    promote(desk, now=SOON + timedelta(hours=1))  # its tags count from here on
    assert read_by(desk) == {OLD, NEW}
    rollback(desk, now=SOON + timedelta(hours=2))
    assert read_by(desk) == {OLD}
    settle(desk, data, TinyTagger(), SOON + timedelta(hours=2))
    assert {story: level for story, level in levels(desk).items() if story in standing} == standing


def test_an_interrupted_reading_goes_on_and_two_readers_repeat_nothing(desk: Store, data: RankingData) -> None:
    promote(desk)
    first, second = SecondTagger(), SecondTagger()
    for _ in range(2):  # killed after two batches: the next process reads on
        reread_step(desk, first, SOON, limit=5)
    settle(desk, data, second)
    assert first.read == 10
    assert first.read + second.read == ITEMS
    assert reread_step(desk, second, SOON) == 0


def test_a_text_that_was_removed_keeps_its_tags(desk: Store, data: RankingData) -> None:
    from waspada.store.tables import ItemVersionRow

    with desk.write() as session:
        row = session.scalars(select(ItemVersionRow).order_by(ItemVersionRow.item_id)).first()
        assert row is not None
        row.text, row.title, item_id = "", "", row.item_id
    promote(desk)
    settle(desk, data, SecondTagger())
    with desk.read() as session:
        assert set(session.scalars(select(TagRow.model).where(TagRow.item_id == item_id))) == {OLD}


def test_of_two_persons_at_once_the_second_is_told(desk: Store) -> None:
    with desk.write() as session:
        service.register(session, "tiny-3", "tiny-3", kind="tiny", actor="tuan", now=NOW)

    def decide(name: str) -> str:
        try:
            promote(desk, name)
        except ConflictError as error:
            return str(error)
        return "done"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(decide, (NEW, "tiny-3")))
    assert said[1] == "done"
    assert "by now" in said[0]
    with desk.read() as session:
        assert len(repository.events(session)) == 1


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        (lambda store: promote(store, "tiny-9"), NotFoundError, "no model"),
        (lambda store: promote(store, OLD), ConflictError, "in use already"),
        (lambda store: rollback(store, seen=OLD), ConflictError, "No model was in use before"),
        (lambda store: promote(store, seen="tiny-9"), ConflictError, "not tiny-9"),
    ],
)
def test_steps_that_cannot_be(desk: Store, act: Callable[[Store], None], error: type[WaspadaError], words: str) -> None:
    with pytest.raises(error, match=words):
        act(desk)
    with desk.read() as session:
        assert repository.events(session) == []


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 501])
def test_a_promotion_needs_a_reason(desk: Store, reason: str) -> None:
    with pytest.raises(InputError), desk.write() as session:
        service.promote(session, NEW, default=OLD, seen=OLD, actor="ana", reason=reason, override=True, now=SOON)


def test_promoting_twice_is_refused_and_rollbacks_never_go_round(desk: Store) -> None:
    promote(desk)
    with pytest.raises(ConflictError, match="in use already"):
        promote(desk, seen=NEW)
    rollback(desk)
    with pytest.raises(ConflictError, match="No model was in use before"):
        rollback(desk, seen=OLD)


class Shelf:
    """Loads models by the names of their folders; `broken` ones are damaged."""

    def __init__(self, *broken: str) -> None:
        self.broken, self.loaded = set(broken), list[str]()

    def __call__(self, path: Path) -> Tagger:
        self.loaded.append(path.name)
        if path.name in self.broken:
            raise ModelError(f"{path.name} is damaged.")
        return TinyTagger() if path.name == OLD else SecondTagger(path.name)


def test_a_worker_follows_and_a_rollback_loads_nothing(desk: Store, settings: Settings) -> None:
    shelf = Shelf()
    taggers = Taggers(desk, settings, TinyTagger(), shelf)
    assert not taggers.look(SOON)
    promote(desk)
    assert taggers.look(SOON)
    assert (taggers.current.model, shelf.loaded) == (NEW, [NEW])
    assert not taggers.look(SOON)
    rollback(desk)
    assert taggers.look(SOON)
    assert (taggers.current.model, shelf.loaded) == (OLD, [NEW])


def test_a_damaged_folder_leaves_the_worker_with_what_it_has(desk: Store, settings: Settings) -> None:
    shelf = Shelf(NEW)
    taggers = Taggers(desk, settings, TinyTagger(), shelf)
    promote(desk)
    assert not taggers.look(SOON)
    assert not taggers.look(SOON)
    assert (taggers.current.model, shelf.loaded) == (OLD, [NEW])
    with desk.read() as session:
        assert session.scalars(select(RejectRow.object).where(RejectRow.stage == "model")).all() == [f"model {NEW}"]
    assert reread_step(desk, taggers.current, SOON) == 0
    shelf.broken.clear()
    assert taggers.look(SOON + TRY_AGAIN)
    assert taggers.current.model == NEW
    with desk.read() as session:
        assert session.scalars(select(RejectRow.object).where(RejectRow.stage == "model")).all() == []


def test_the_effect_of_a_candidate_is_known_before_anybody_sees_it(desk: Store, data: RankingData) -> None:
    before = levels(desk)
    read = read_recent_beside(desk, SecondTagger(), SOON, lambda _done, _total: None)
    assert read == ITEMS
    assert read_recent_beside(desk, SecondTagger(), SOON, lambda _done, _total: None) == 0
    found = effect_of(desk, data, NEW, OLD, SOON, lambda _done, _total: None)
    assert levels(desk) == before
    assert read_by(desk) == {OLD}
    assert found.counts[ModelMove.APPEARS] > 0
    assert found.counts[ModelMove.VANISHES] > 0
    promote(desk)
    settle(desk, data, SecondTagger())
    after = levels(desk)
    for one in found.moved:
        if one.what in (ModelMove.APPEARS, ModelMove.VANISHES):
            assert (before.get(one.story, 0), after[one.story]) == (one.level_before, one.level_after)


def test_what_was_found_is_kept_as_it_was(desk: Store, data: RankingData) -> None:
    read_recent_beside(desk, SecondTagger(), SOON, lambda _done, _total: None)
    effect = effect_of(desk, data, NEW, OLD, SOON, lambda _done, _total: None)
    whole = Comparison(NEW, 40, "test fold", [Against(OLD, Verdict.SAME, [])], effect)
    with desk.write() as session:
        repository.save_comparison(session, NEW, whole, OPEN, NOW)
    with desk.read() as session:
        found = service.model(session, NEW, OLD)
    assert found.comparison == whole
    assert found.gates == OPEN


def test_names_are_never_used_twice(desk: Store) -> None:
    with desk.write() as session:
        assert not service.register(session, NEW, NEW, kind="tiny", actor="ana", now=SOON)
    with pytest.raises(ConflictError, match="another model"), desk.write() as session:
        service.register(session, NEW, "elsewhere", kind="tiny", actor="ana", now=SOON)
    for folder in ("..", "../x", "a/b", ""):
        with pytest.raises(ModelError), desk.write() as session:
            service.register(session, "tiny-4", folder, kind="tiny", actor="ana", now=SOON)
