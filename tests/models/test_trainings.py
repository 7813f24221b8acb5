"""Trainings as jobs, on both databases: one at a time, cancelled, taken back, resumed; nobody ends another's."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as searched
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.models.learning_steps import ANSWERS, add_answers
from tests.rows import NOW
from waspada.errors import ConflictError, InputError, ModelError, NotFoundError
from waspada.models import service, training_repository, trainings
from waspada.models.training_policy import (
    LEAST_ANSWERS,
    MOST_LOG_CHARACTERS,
    MOST_LOG_LINES,
    MOST_TRIES,
    OPEN,
    SILENT_AFTER,
    estimate_seconds,
    longer,
)
from waspada.models.types import Training, TrainingKind, TrainingState
from waspada.store import Store, open_url

LATER = NOW + SILENT_AFTER + timedelta(seconds=1)
HEADS, FULL, COMPARE = TrainingKind.HEADS, TrainingKind.FULL, TrainingKind.COMPARE
WAITING, RUNNING, DONE = TrainingState.WAITING, TrainingState.RUNNING, TrainingState.DONE
FAILED, CANCELLED = TrainingState.FAILED, TrainingState.CANCELLED


@pytest.fixture
def desk(store: Store) -> Store:
    with store.write() as session:
        add_answers(session)
        service.register(session, "uji-id-v1", "uji-id-v1", kind="hashed-linear", actor="ani", now=NOW)
    return store


def ask(store: Store, kind: TrainingKind = HEADS, model: str | None = None, *, least: int = LEAST_ANSWERS) -> Training:
    return store.retrying(lambda session: trainings.ask(session, kind, actor="ani", now=NOW, model=model, least=least))


def claim(store: Store, minutes: float = 0, id_: int | None = None) -> Training | None:
    now = NOW + timedelta(minutes=minutes)
    return store.retrying(lambda session: trainings.claim(session, now, id_))


def claimed(store: Store, minutes: float = 0) -> Training:
    found = claim(store, minutes)
    assert found is not None
    return found


def settle(store: Store, minutes: float) -> list[Training]:
    now = NOW + timedelta(minutes=minutes)
    return store.retrying(lambda session: trainings.settle(session, now))


def end(store: Store, training: Training, state: TrainingState, problem: str = "") -> Training | None:
    return store.retrying(lambda session: trainings.end(session, training, state, NOW, problem))


def beat(store: Store, training: Training, minutes: float = 0, line: str = "") -> bool:
    now, lines = NOW + timedelta(minutes=minutes), [line] if line else []
    return store.retrying(
        lambda session: trainings.beat(session, training, stage="learn", done=1, total=4, lines=lines, now=now)
    )


def cancel(store: Store, id_: int) -> Training:
    return store.retrying(lambda session: trainings.cancel(session, id_, now=NOW))


def resume(store: Store, id_: int) -> Training:
    return store.retrying(lambda session: trainings.resume(session, id_))


def get(store: Store, id_: int) -> Training:
    with store.read() as session:
        return training_repository.get(session, id_)


def test_one_of_a_kind_at_a_time_and_what_it_is_to_learn_from(desk: Store) -> None:
    asked = ask(desk)
    assert asked.asked["train"] + asked.asked["test"] == ANSWERS
    assert asked.asked["test"] > 0
    with pytest.raises(ConflictError, match=f"The training {asked.id} of the kind heads is waiting"):
        ask(desk)
    ask(desk, FULL)
    ask(desk, COMPARE, "uji-id-v1")
    with pytest.raises(NotFoundError):
        ask(desk, COMPARE, "nothing")
    for kind, model in ((HEADS, "uji-id-v1"), (COMPARE, None)):
        with pytest.raises(InputError):
            ask(desk, kind, model)


def test_nothing_to_learn_from(store: Store) -> None:
    with pytest.raises(InputError):
        ask(store)
    with store.read() as session:
        assert training_repository.newest(session) == []


def test_answers_since_the_last_training(desk: Store) -> None:
    def fresh() -> int:
        with desk.read() as session:
            return training_repository.learned_from(session).fresh

    assert fresh() == ANSWERS
    ask(desk)
    first = claimed(desk)
    assert fresh() == ANSWERS
    end(desk, first, DONE)
    assert fresh() == 0


def test_of_many_processes_one_gets_it(desk: Store, another_store: Callable[[], Store]) -> None:
    ask(desk)
    ask(desk, FULL)
    stores = [another_store() for _ in range(4)]
    with ThreadPoolExecutor(len(stores)) as pool:
        given_ = [one for one in pool.map(claim, stores) if one is not None]
    assert [one.kind for one in given_] == [HEADS]
    assert claim(desk, id_=given_[0].id) is None
    end(desk, given_[0], DONE)
    assert claimed(desk, 1).kind is FULL


def test_of_many_who_ask_at_once_one_is_heard(desk: Store, another_store: Callable[[], Store]) -> None:
    def heard(store: Store) -> bool:
        try:
            ask(store)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(heard, [another_store() for _ in range(4)])) == 1


def test_cancelling(desk: Store) -> None:
    waiting = ask(desk)
    assert cancel(desk, waiting.id).state is CANCELLED
    with pytest.raises(ConflictError):
        cancel(desk, waiting.id)
    ask(desk)
    running = claimed(desk)
    assert beat(desk, running)
    assert cancel(desk, running.id).state is RUNNING
    assert not beat(desk, running), "it is told to stop"
    ended = end(desk, running, CANCELLED)
    assert ended is not None
    assert (ended.state, ended.cancel) == (CANCELLED, False)
    assert resume(desk, running.id).state is WAITING
    with pytest.raises(NotFoundError):
        cancel(desk, 99)


def test_one_that_went_silent_waits_again_and_its_process_ends_nobody_elses(desk: Store) -> None:
    ask(desk)
    first = claimed(desk)
    beat(desk, first, 0, "one")
    assert settle(desk, 1) == []
    assert [one.state for one in settle(desk, 3)] == [WAITING]
    second = claimed(desk, 4)
    assert (second.id, second.tries, second.log) == (first.id, 2, "one")
    assert not beat(desk, first, 5, "a voice from the grave")
    assert end(desk, first, FAILED) is None
    with desk.write() as session:
        assert not trainings.note_model(session, first, "uji-id-v1")
        assert trainings.lost(session, first, NOW) is None
    now = get(desk, first.id)
    assert (now.state, now.log, now.model) == (RUNNING, "one", None)


def test_one_that_ends_its_process_each_time_is_given_up_and_can_be_resumed(desk: Store) -> None:
    ask(desk)
    for number in range(MOST_TRIES):
        training = claimed(desk, 10 * number)
        after = settle(desk, 10 * number + 5)
    assert [one.state for one in after] == [FAILED]
    assert "resume" in after[0].problem
    assert claim(desk, 99) is None
    resume(desk, training.id)
    assert claimed(desk, 100).tries == 1


def test_one_that_was_told_to_stop_is_no_try(desk: Store) -> None:
    ask(desk)
    for number in range(2 * MOST_TRIES):
        let_go = end(desk, claimed(desk, number), WAITING)
        assert let_go is not None
        assert (let_go.state, let_go.tries) == (WAITING, 0)


def test_one_that_was_cancelled_and_died_is_cancelled(desk: Store) -> None:
    ask(desk)
    training = claimed(desk)
    cancel(desk, training.id)
    assert [one.state for one in settle(desk, 5)] == [CANCELLED]


def test_done_is_done(desk: Store) -> None:
    ask(desk)
    training = claimed(desk)
    end(desk, training, DONE)
    with pytest.raises(ConflictError):
        resume(desk, training.id)
    first = ask(desk)
    cancel(desk, first.id)
    ask(desk)
    with pytest.raises(ConflictError):
        resume(desk, first.id)


@given(st.text(st.characters(exclude_characters="\n\r"), max_size=60), st.lists(st.text(max_size=3000), max_size=300))
def test_the_log_stays_short(log: str, lines: list[str]) -> None:
    found = longer(log, [" ".join(one.split()) for one in lines])
    assert len(found) <= MOST_LOG_CHARACTERS
    assert len(found.splitlines()) <= MOST_LOG_LINES
    if lines and len(lines[-1]) < 100:
        assert found.endswith(" ".join(lines[-1].split()))


def test_an_estimate_follows_what_was_seen_here(desk: Store) -> None:
    assert estimate_seconds(HEADS, 5000) <= 60
    ask(desk)
    training = claimed(desk)
    end(desk, training, DONE)
    seen = replace(get(desk, training.id), ended_at=NOW + timedelta(seconds=40))
    assert estimate_seconds(HEADS, seen.asked["train"], [seen]) == pytest.approx(40)
    assert estimate_seconds(HEADS, 10 * seen.asked["train"], [seen]) > 40
    assert estimate_seconds(FULL, 10, [seen]) == estimate_seconds(FULL, 10), "another kind says nothing"


class Life(RuleBasedStateMachine):
    """Whatever people and processes do in whatever order: one runs, one of a kind is open, an end is an end."""

    def __init__(self) -> None:
        super().__init__()
        self.store = open_url("sqlite://")
        with self.store.write() as session:
            add_answers(session, 8)
        self.minutes = 0.0
        self.held: list[Training] = []
        self.ended: dict[int, TrainingState] = {}

    def _now(self) -> list[Training]:
        with self.store.read() as session:
            return training_repository.newest(session)

    @rule(kind=st.sampled_from([HEADS, FULL]))
    def ask(self, kind: TrainingKind) -> None:
        is_open = any(one.kind is kind and one.state in OPEN for one in self._now())
        try:
            ask(self.store, kind, least=1)
        except ConflictError:
            assert is_open
        else:
            assert not is_open

    @rule()
    def claim(self) -> None:
        settle(self.store, self.minutes)
        if (found := claim(self.store, self.minutes)) is not None:
            self.held.append(found)
        self.minutes += 0.01

    @rule(number=st.integers(0, 9), state=st.sampled_from([DONE, FAILED, CANCELLED, WAITING]))
    def end(self, number: int, state: TrainingState) -> None:
        if self.held:
            end(self.store, self.held[number % len(self.held)], state)

    @rule(number=st.integers(0, 9))
    def beat(self, number: int) -> None:
        if self.held:
            beat(self.store, self.held[number % len(self.held)], self.minutes)

    @rule(number=st.integers(0, 9), how=st.sampled_from([cancel, resume]))
    def decide(self, number: int, how: Callable[[Store, int], Training]) -> None:
        found = self._now()
        if not found:
            return
        one = found[number % len(found)]
        try:
            how(self.store, one.id)
        except ConflictError:
            return
        assert (one.state in OPEN) == (how is cancel)
        self.ended.pop(one.id, None)

    @rule(minutes=st.sampled_from([0.5, 3.0]))
    def wait(self, minutes: float) -> None:
        self.minutes += minutes

    @invariant()
    def one_runs_and_what_ended_stays_so(self) -> None:
        found = self._now()
        assert sum(one.state is RUNNING for one in found) <= 1
        for kind in (HEADS, FULL):
            assert sum(one.kind is kind and one.state in OPEN for one in found) <= 1
        for one in found:
            assert one.tries <= MOST_TRIES
            if one.id in self.ended:
                assert one.state is self.ended[one.id]
            if one.state not in OPEN:
                self.ended[one.id] = one.state
                assert one.ended_at is not None

    def teardown(self) -> None:
        self.store.close()


TestLife = Life.TestCase
TestLife.settings = searched(max_examples=25, stateful_step_count=30, deadline=None)


def test_too_few_answers_are_refused_before_a_training_is_there(store: Store) -> None:
    with store.write() as session:
        add_answers(session, LEAST_ANSWERS)  # a fifth of them is kept for testing
    with pytest.raises(InputError, match="too few"):
        ask(store)
    with store.read() as session:
        assert training_repository.newest(session) == []


NO_NAMES = [*sorted(service.RESERVED), "", "a" * 81, "dua kata", "../atas", "a/b", ".titik", "a\n"]


@pytest.mark.parametrize("name", NO_NAMES)
def test_a_model_that_no_address_could_open_is_refused(store: Store, name: str) -> None:
    with store.write() as session, pytest.raises(ModelError):
        service.register(session, name, "folder", kind="heads", actor="ani", now=NOW)
