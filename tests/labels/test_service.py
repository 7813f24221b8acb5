"""Labelling in the store: items are given out, answered, left, taken back and decided, by several at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rows import NOW, add_item
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.jobs.erase import Cause, erase_items
from waspada.jobs.purge import remove_items
from waspada.labels import repository, service
from waspada.labels.types import Given, LabelSpan, Queue, Role, Task
from waspada.store import Store
from waspada.store.tables import LabelRow, LabelTaskRow
from waspada.taxonomy import Label, TextField


def add_task(session: Session, number: int, *, seats: int = 1, on: tuple[Label, ...] = (), **given: object) -> int:
    """An item that waits for a label; the lowest number comes first."""
    item = add_item(session, url=f"https://kabar-banjar.example/{number}", on=on, **given)  # type: ignore[arg-type]
    session.add(
        LabelTaskRow(item_id=item, version=1, queue=Queue.RANDOM, rank=number, seats=seats, model="none", at=NOW)
    )
    session.flush()
    return item


def given(item: int, key: str = "", *, note: str = "", **values: int) -> Given:
    return Given(key or uuid4().hex, item, 1, values, note=note, seconds=3.0)


def taken(store: Store, actor: str, limit: int = 1, now: datetime = NOW, within: str | None = None) -> list[Task]:
    with store.write() as session:
        return service.next_tasks(session, actor=actor, now=now, limit=limit, within=within)


def test_items_come_in_their_order_and_go_with_their_answer(store: Store) -> None:
    with store.write() as session:
        second, first = add_task(session, 2), add_task(session, 1)
    assert [task.item_id for task in taken(store, "ani", 5)] == [first, second]
    with store.write() as session:
        kept = service.answer(session, given(first, conflict=2, alert=2), actor="ani", now=NOW)
    assert (kept.values["conflict"], kept.queue, kept.codebook, kept.role) == (2, Queue.RANDOM, "1.1", Role.LABELLER)
    assert kept.proposed is not None
    assert [task.item_id for task in taken(store, "ani", 5)] == [second]
    with store.read() as session:
        assert session.get(LabelTaskRow, first) is None


def test_an_item_is_on_one_screen_until_its_time_is_over(store: Store) -> None:
    with store.write() as session:
        item = add_task(session, 1)
    assert [task.item_id for task in taken(store, "ani")] == [item]
    assert taken(store, "budi") == []
    assert [task.item_id for task in taken(store, "ani")] == [item]
    later = NOW + service.SEAT_FOR + timedelta(seconds=1)
    assert [task.item_id for task in taken(store, "budi", now=later)] == [item]
    assert taken(store, "ani", now=later) == []


def test_two_seats_take_two_accounts_and_never_one_twice(store: Store) -> None:
    with store.write() as session:
        item = add_task(session, 1, seats=2)
    assert taken(store, "ani")
    assert taken(store, "budi")
    assert taken(store, "citra") == []
    for actor in ("ani", "budi"):
        with store.write() as session:
            service.answer(session, given(item), actor=actor, now=NOW)
        assert taken(store, actor) == []
    assert taken(store, "citra") == []
    with store.read() as session:
        assert session.get(LabelTaskRow, item) is None


def test_what_was_left_comes_to_others_only(store: Store) -> None:
    with store.write() as session:
        item = add_task(session, 1)
    taken(store, "ani")
    with store.write() as session:
        service.skip(session, item, actor="ani", now=NOW)
    assert taken(store, "ani", now=NOW + timedelta(days=1)) == []
    assert [task.item_id for task in taken(store, "budi")] == [item]
    with store.write() as session, pytest.raises(NotFoundError):
        service.skip(session, item + 99, actor="ani", now=NOW)


def test_an_answer_sent_twice_is_kept_once_and_belongs_to_who_gave_it(store: Store) -> None:
    with store.write() as session:
        item = add_task(session, 1, seats=2)
    kept = []
    for _ in range(2):
        with store.write() as session:
            kept.append(service.answer(session, given(item, "the-key", fraud=1), actor="ani", now=NOW))
    assert kept[0].id == kept[1].id
    with store.write() as session, pytest.raises(ConflictError, match="somebody else"):
        service.answer(session, given(item, "the-key"), actor="budi", now=NOW)


def test_another_answer_takes_the_place_of_the_first_which_stays_in_the_history(store: Store) -> None:
    with store.write() as session:
        item = add_task(session, 1)
    for level in (1, 2):
        with store.write() as session:
            service.answer(session, given(item, conflict=level), actor="ani", now=NOW + timedelta(minutes=level))
    with store.read() as session:
        assert [(one.values["conflict"], one.standing) for one in repository.history(session, item)] == [
            (1, False),
            (2, True),
        ]
        assert [one.values["conflict"] for one in repository.standing(session, [item])] == [2]
        assert repository.standing(session)[0].queue is Queue.RANDOM


def test_the_last_answer_is_taken_back_and_its_item_comes_again_first(store: Store) -> None:
    with store.write() as session:
        first, second = add_task(session, 1), add_task(session, 2)
        service.answer(session, given(first), actor="ani", now=NOW)
    with store.write() as session:
        assert not service.undo(session, actor="ani", now=NOW + timedelta(minutes=1)).standing
    assert [task.item_id for task in taken(store, "ani", 2)] == [first, second]
    with store.write() as session, pytest.raises(NotFoundError):
        service.undo(session, actor="ani", now=NOW)


def test_an_old_answer_is_not_taken_back(store: Store) -> None:
    with store.write() as session:
        service.answer(session, given(add_task(session, 1)), actor="ani", now=NOW)
    with store.write() as session, pytest.raises(NotFoundError):
        service.undo(session, actor="ani", now=NOW + timedelta(hours=2))


def test_a_third_person_decides_between_two(store: Store) -> None:
    with store.write() as session:
        item = add_task(session, 1, seats=2)
        service.answer(session, given(item, conflict=1), actor="ani", now=NOW)
        service.answer(session, given(item, conflict=2), actor="budi", now=NOW)
    with store.read() as session:
        [(answers, fields)] = service.disagreements(session)
    assert ([one.actor for one in answers], fields) == (["ani", "budi"], ["conflict"])
    with store.write() as session, pytest.raises(ConflictError, match="your own"):
        service.adjudicate(session, given(item, conflict=2), actor="ani", now=NOW)
    with store.write() as session:
        decided = service.adjudicate(session, given(item, "k", conflict=2), actor="citra", now=NOW)
        assert service.adjudicate(session, given(item, "k", conflict=2), actor="citra", now=NOW).id == decided.id
    assert decided.role is Role.ADJUDICATOR
    with store.read() as session:
        assert service.disagreements(session) == []
    with store.write() as session, pytest.raises(ConflictError, match="do not differ"):
        service.adjudicate(session, given(item), actor="dewi", now=NOW)


def test_sentences_notes_and_times_are_kept_within_bounds(store: Store) -> None:
    with store.write() as session:
        item = add_task(session, 1, text="Massa membakar kantor. Tenang kembali.")
        said = Given(
            "k",
            item,
            1,
            {"conflict": 2},
            [LabelSpan("conflict", TextField.TEXT, 0, 22)],
            "tel 0812-3456-7890 " * 99,
            1e9,
        )
        kept = service.answer(session, said, actor="ani", now=NOW)
    assert list(kept.spans) == [LabelSpan("conflict", TextField.TEXT, 0, 22)]
    assert "[telepon]" in kept.note
    assert "0812" not in kept.note
    assert len(kept.note) <= 500
    assert kept.seconds == 600.0


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (lambda item: Given("", item, 1, {}), InputError),
        (lambda item: Given("k" * 65, item, 1, {}), InputError),
        (lambda item: Given("k", item, 2, {}), NotFoundError),
        (lambda item: Given("k", item + 99, 1, {}), NotFoundError),
        (lambda item: Given("k", item, 1, {"conflict": 9}), InputError),
        (lambda item: Given("k", item, 1, {"foreign": 1, "conflict": 1}), InputError),
        (lambda item: Given("k", item, 1, {"fraud": 1}, [LabelSpan("fraud", TextField.TEXT, 0, 9999)]), InputError),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    store: Store, said: Callable[[int], Given], error: type[Exception]
) -> None:
    with store.write() as session:
        item = add_task(session, 1)
    with pytest.raises(error), store.write() as session:
        service.answer(session, said(item), actor="ani", now=NOW)
    with store.read() as session:
        assert session.scalars(select(LabelRow)).all() == []
        assert session.get(LabelTaskRow, item) is not None


def test_whoever_is_bound_to_a_region_gets_items_of_it(store: Store) -> None:
    with store.write() as session:
        add_task(session, 1, places=["62.71"])
        own = add_task(session, 2, places=["63.03"])
    assert [task.item_id for task in taken(store, "ani", 5, within="63.03")] == [own]


@pytest.mark.parametrize("way", ["asked", "aged"])
def test_an_erased_item_leaves_its_label_without_words(store: Store, way: str) -> None:
    with store.write() as session:
        item = add_task(session, 1, seats=2, kind="post")
        service.answer(session, given(item, conflict=1, note="dua massa"), actor="ani", now=NOW)
        service.next_tasks(session, actor="budi", now=NOW, limit=1)
    with store.write() as session:
        if way == "asked":
            assert erase_items(session, [item], NOW, cause=Cause.REQUEST)["labels"] == 1
        else:
            remove_items(session, [item])
    with store.read() as session:
        [kept] = repository.standing(session)
        assert (kept.item_id, kept.values["conflict"], kept.note) == (item, 1, "")
        assert session.scalars(select(LabelTaskRow)).all() == []
    assert taken(store, "budi") == []
    with store.write() as session:
        assert not service.undo(session, actor="ani", now=NOW).standing


def test_many_at_once_never_get_the_same_item(store: Store, another_store: Callable[[], Store]) -> None:
    with store.write() as session:
        wanted = {add_task(session, number) for number in range(24)}
    got: dict[str, list[int]] = {}

    def work(actor: str, own: Store) -> None:
        found = got.setdefault(actor, [])
        more = partial(service.next_tasks, actor=actor, now=NOW, limit=2)
        while tasks := own.retrying(more, pause_seconds=0.02):
            for task in tasks:
                own.retrying(partial(service.answer, given=given(task.item_id), actor=actor, now=NOW))
                found.append(task.item_id)

    threads = [threading.Thread(target=work, args=(f"a{n}", another_store())) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everything = [item for items in got.values() for item in items]
    assert sorted(everything) == sorted(wanted)


def test_how_it_stands_counts_what_waits_and_what_is_given(store: Store) -> None:
    with store.write() as session:
        first, _ = add_task(session, 1), add_task(session, 2)
        service.answer(session, given(first), actor="ani", now=NOW)
    with store.read() as session:
        found = service.how_it_stands(session, actor="ani", now=NOW)
    assert (dict(found.waiting), found.labels, found.items, found.today) == ({Queue.RANDOM: 1}, 1, 1, 1)
