"""Topics at work: from the first hour, on what is stored, on what comes, by likeness, by answers, by a new model."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.jobs.tiny import POISON, TinyTagger, embedding_of
from tests.rows import NOW, add_source, pairs
from tests.topics.texts import LAND, OFF_TOPIC, ON_TOPIC, add, tell
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.items.policy import url_key
from waspada.items.queue import still_of_version
from waspada.items.service import store_item
from waspada.items.types import FoundItem
from waspada.jobs.pipeline import run_waiting
from waspada.jobs.purge import purge
from waspada.jobs.rank import RankingData
from waspada.jobs.topics import background, tag_topics
from waspada.privacy.retention import POST_RETENTION
from waspada.settings import load_settings
from waspada.store import Store
from waspada.store.tables import (
    ItemRow,
    RejectRow,
    TagRow,
    TopicHeadRow,
    TopicLabelRow,
    TopicQueueRow,
    TopicRow,
    TopicTagRow,
)
from waspada.taxonomy import ItemKind
from waspada.topics import head, policy, queue, repository, service
from waspada.topics.types import NewTopic, StaleAnswerError, TagOrigin

HOUR = timedelta(hours=1)


class OtherTagger(TinyTagger):
    model = "tiny-2"


def run(store: Store, tagger: TinyTagger | None = None) -> int:
    total = 0
    while done := tag_topics(store, tagger or TinyTagger(), NOW):
        total += done
    return total


def tags(store: Store) -> dict[int, str]:
    """Item -> how, of all topics."""
    with store.read() as session:
        return pairs(session, select(TopicTagRow.item_id, TopicTagRow.how))


def test_a_topic_on_an_empty_store_finds_what_comes(store: Store) -> None:
    with store.write() as session:
        topic = add(session)
        assert (topic.threshold, topic.model) == (None, None)
    assert run(store) == 1
    with store.write() as session:
        topic = repository.topic(session, topic.id)
        assert topic.threshold is not None
        assert (topic.sampled, topic.model) == (0, "tiny-1")
        mine, other = tell(session, 1), tell(session, 2, OFF_TOPIC)
    assert run(store) == 2
    assert tags(store) == {mine: "likeness"}
    with store.read() as session:
        row = session.scalars(select(TopicTagRow)).one()
        assert topic.threshold < row.score <= 1
        assert session.scalar(select(func.count()).select_from(TopicQueueRow)) == 0
    assert other not in tags(store)


def test_items_of_the_last_thirty_days_are_compared_at_once(store: Store) -> None:
    with store.write() as session:
        new, old = tell(session, 1), tell(session, 2, found_at=NOW - policy.LOOK_BACK - HOUR)
        late = tell(session, 3, found_at=NOW - policy.LOOK_BACK + HOUR)
        session.query(TopicQueueRow).delete()
        add(session)
    run(store)
    assert set(tags(store)) == {new, late}
    assert old not in tags(store)


def test_the_pipeline_compares_new_and_edited_items(store: Store) -> None:
    data = RankingData.load(load_settings())

    def found(text: str) -> FoundItem:
        url = "https://media.example/1"
        return FoundItem("media", ItemKind.ARTICLE, "media", url, url_key(url), "", text, NOW)

    with store.write() as session:
        add(session), add_source(session, "media")
        store_item(session, found(ON_TOPIC), NOW)
    done = run_waiting(store, TinyTagger(), data, lambda: NOW)
    assert done.compared >= 2
    assert len(tags(store)) == 1
    with store.write() as session:
        store_item(session, found(OFF_TOPIC), NOW)
    run_waiting(store, TinyTagger(), data, lambda: NOW)
    assert tags(store) == {}
    assert not run_waiting(store, TinyTagger(), data, lambda: NOW)


def test_without_a_topic_nothing_waits(store: Store) -> None:
    with store.write() as session:
        item = tell(session, 1)
        session.query(TopicQueueRow).delete()
        queue.ask(session, [item])
        assert session.scalars(select(TopicQueueRow.item_id)).all() == []


def test_places_narrow_a_topic(store: Store) -> None:
    with store.write() as session:
        add(session, NewTopic(LAND.title, LAND.description, LAND.examples, ("Kabupaten Banjar",)))
        inside, below = tell(session, 1, places=["63.03"]), tell(session, 2, places=["63.03.05"])
        tell(session, 3, places=["63.71"])
        tell(session, 4, places=["63"])
        add_source(session, "kabar-martapura", region="63.03")
        home = tell(session, 5, source="kabar-martapura")  # it names no place: its outlet's home stands for it
    run(store)
    assert set(tags(store)) == {inside, below, home}


def test_about_one_stored_item_in_a_hundred_fires(store: Store) -> None:
    """A store full of near misses pushes the threshold above its floor; it is chosen anew as the store grows."""
    with store.write() as session:
        topic = add(session)
        words = ON_TOPIC.rstrip(".").split()
        for number in range(policy.LEAST_SAMPLE):
            kept = " ".join(words[: 4 + number % 4]) + f" kabar{number} lain{number} hari{number}"
            tell(session, number, kept)
    run(store)
    with store.read() as session:
        row = session.get_one(TopicRow, topic.id)
        assert row.sampled == policy.LEAST_SAMPLE
        assert row.threshold is not None
        assert row.floor is not None
        assert row.threshold > row.floor
    assert 1 <= len(tags(store)) <= 4
    assert run(store) == 0


def test_a_new_model_embeds_the_topic_anew_and_compares_only_its_own(store: Store) -> None:
    with store.write() as session:
        topic, old = add(session), tell(session, 1)
    run(store)
    with store.write() as session:
        new = tell(session, 2, model="tiny-2")
        session.merge(TopicQueueRow(item_id=old, again=False, asked=1))
    run(store, OtherTagger())
    with store.read() as session:
        assert session.get_one(TopicRow, topic.id).model == "tiny-2"
        models = pairs(session, select(TopicTagRow.item_id, TopicTagRow.model))
    assert models == {old: "tiny-1", new: "tiny-2"}  # what the old model said stays until the item is tagged anew


@pytest.mark.parametrize("odd", [np.zeros(384), np.full(384, np.nan), np.full(384, np.inf), np.ones(12), np.ones(0)])
def test_odd_embeddings_hold_up_nothing(store: Store, odd: Any) -> None:
    with store.write() as session:
        add(session)
        bad = tell(session, 1, embedding=odd.astype(np.float32))
        good = tell(session, 2)
    run(store)
    assert set(tags(store)) == {good}
    assert bad not in tags(store)


def test_a_topic_that_the_model_cannot_read_waits_and_is_tried_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.write() as session:
        bad = add(session, NewTopic("Limbah", "", (f"Limbah {POISON} mencemari sungai.", *LAND.examples[:2])))
        good, item = add(session), tell(session, 1)
    run(store)
    with store.read() as session:
        waits = repository.topic(session, bad.id)
        assert (waits.is_on, waits.failed_at, waits.threshold) == (True, NOW, None)
        assert session.scalars(select(RejectRow.object)).all() == [f"topic {bad.id}"]
        assert session.scalars(select(TopicTagRow.topic_id)).all() == [good.id]
    assert set(tags(store)) == {item}
    assert run(store) == 0
    assert tag_topics(store, TinyTagger(), NOW + policy.TRY_AGAIN) == 1
    monkeypatch.setattr("tests.jobs.tiny.POISON", "obat")  # the model is mended
    assert tag_topics(store, TinyTagger(), NOW + policy.TRY_AGAIN + HOUR) == 1
    with store.read() as session:
        ready = repository.topic(session, bad.id)
        assert ready.failed_at is None
        assert ready.threshold is not None
        assert session.scalars(select(RejectRow.object)).all() == []


def test_a_week_later_the_threshold_is_that_of_the_newest(store: Store) -> None:
    """A topic that was added in a flood does not keep the flood's threshold; choosing it twice changes nothing."""
    with store.write() as session:
        topic = add(session)
        for number in range(policy.LEAST_SAMPLE):
            words = " ".join(ON_TOPIC.split()[: 4 + number % 4])
            tell(session, number, f"{words} kabar{number}" if number < 40 else f"{OFF_TOPIC} kabar{number}")
    run(store)
    with store.write() as session:
        flood = repository.topic(session, topic.id).threshold
        session.execute(update(TagRow).values(embedding=embedding_of(OFF_TOPIC)))
    assert run(store) == 0
    later = NOW + policy.THRESHOLD_STANDS
    assert tag_topics(store, TinyTagger(), later) == 1
    with store.read() as session:
        calm = repository.topic(session, topic.id).threshold
    assert flood is not None
    assert calm is not None
    assert calm < flood
    while tag_topics(store, TinyTagger(), later):
        pass
    with store.read() as session:
        assert repository.topic(session, topic.id).threshold == calm


def test_a_topic_with_places_is_measured_by_the_items_of_its_places(store: Store) -> None:
    with store.write() as session:
        add_source(session, "kabar-martapura", region="63.03")
        wide = add(session)
        near = add(session, NewTopic(LAND.title, LAND.description, LAND.examples, ["63.03"]))
        for number in range(policy.LEAST_SAMPLE):  # elsewhere people speak of land all the time
            tell(session, number, f"{' '.join(ON_TOPIC.split()[: 4 + number % 4])} kabar{number}", places=["63.71"])
        for number in range(policy.LEAST_SAMPLE):
            at: dict[str, Any] = {"places": ["63.03.05"]} if number % 2 else {"source": "kabar-martapura"}
            tell(session, 1000 + number, f"{OFF_TOPIC} kabar{number}", **at)
    run(store)
    with store.read() as session:
        assert len(repository.sample(session, "tiny-1", 5000, ["63.03"])[0]) == policy.LEAST_SAMPLE
        thresholds = [repository.topic(session, one.id).threshold for one in (near, wide)]
        floor = session.get_one(TopicRow, near.id).floor
    assert thresholds[0] == floor
    assert thresholds[1] is not None
    assert floor is not None
    assert thresholds[1] > floor


def test_stored_items_are_asked_for_once_for_all_topics(store: Store) -> None:
    with store.write() as session:
        item = tell(session, 1)
        add(session), add(session, NewTopic("Lahan lain", "", LAND.examples))
    assert tag_topics(store, TinyTagger(), NOW) == 1
    assert tag_topics(store, TinyTagger(), NOW) == 1
    with store.read() as session:
        assert queue.waiting(session, 10) == {item: 1}
        assert repository.looks_back(session)
    assert tag_topics(store, TinyTagger(), NOW) == 1  # asked for, and compared
    with store.read() as session:
        assert queue.waiting(session, 10) == {}
        assert not repository.looks_back(session)


def test_a_topic_that_is_on_again_looks_back(store: Store) -> None:
    with store.write() as session:
        topic = add(session)
    run(store)
    with store.write() as session:
        service.switch_off(session, topic.id, actor="analyst", now=NOW)
        item = tell(session, 1)
    run(store)
    assert tags(store) == {}
    with store.write() as session:
        assert service.switch_on(session, topic.id).is_on
        with pytest.raises(ConflictError):
            service.switch_on(session, topic.id)
    run(store)
    assert set(tags(store)) == {item}


def answer(session: Session, topic_id: int, item_id: int, fits: bool, revision: int = 0, **given: Any) -> None:
    service.answer(session, topic_id, item_id, fits, revision, **{"actor": "analyst", "now": NOW, **given})


class TestAnswers:
    def test_a_person_is_right_whatever_the_machine_finds(self, store: Store) -> None:
        with store.write() as session:
            topic, out, into = add(session), tell(session, 1), tell(session, 2, OFF_TOPIC)
        run(store)
        with store.write() as session:
            answer(session, topic.id, out, False)
            answer(session, topic.id, into, True)
            queue.ask_recent(session, NOW - HOUR)
        assert run(store) == 2
        assert tags(store) == {into: "person"}
        with store.write() as session:
            answer(session, topic.id, out, True, 1)
        assert tags(store) == {into: "person", out: "person"}

    def test_of_two_persons_the_second_is_told(self, store: Store) -> None:
        with store.write() as session:
            topic, item = add(session), tell(session, 1)
        with store.write() as session:
            answer(session, topic.id, item, True)
        with store.write() as session, pytest.raises(StaleAnswerError, match="analyst") as told:
            answer(session, topic.id, item, False)
        assert told.value.revision == 1
        with store.write() as session:
            answer(session, topic.id, item, True, 1)  # the same again changes nothing
            assert session.scalars(select(TopicLabelRow.revision)).all() == [1]

    def test_only_what_is_there_and_within_the_region(self, store: Store) -> None:
        with store.write() as session:
            topic, item = add(session), tell(session, 1, places=["63.71"])
            for topic_id, item_id, within in ((99, item, None), (topic.id, 99, None), (topic.id, item, "63.03")):
                with pytest.raises(NotFoundError):
                    answer(session, topic_id, item_id, True, within=within)
            answer(session, topic.id, item, True, within="63.71")
            service.switch_off(session, topic.id, actor="analyst", now=NOW)
            with pytest.raises(ConflictError):
                answer(session, topic.id, item, False, 1)

    def items(self, session: Session, topic_id: int) -> None:
        """Thirty answers: like the topic all of them, and told apart by one word that no example has."""
        for number in range(30):
            fits = number % 2 == 0
            word = "adat leluhur" if fits else "parkir pasar"
            item = tell(session, number, f"{ON_TOPIC} {word} {word} kabar{number}")
            answer(session, topic_id, item, fits)
        for number in range(250):
            tell(session, 100 + number, f"{OFF_TOPIC} kabar{number} lain{number * 7}")

    def test_a_head_decides_where_it_beats_likeness(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("waspada.jobs.topics.SAMPLE_ITEMS", 250)  # the newest are everyday news
        with store.write() as session:
            topic = add(session)
            self.items(session, topic.id)
        run(store)
        with store.write() as session:
            (tried,) = repository.heads(session, topic.id)
            assert tried.used
            assert tried.figures.head_share <= policy.FIRING_SHARE
            assert tried.figures.head_wrong < tried.figures.likeness_wrong
            assert repository.topic(session, topic.id).head == 1
            yes = tell(session, 900, f"{ON_TOPIC} adat leluhur adat leluhur kabar900")
            no = tell(session, 901, f"{ON_TOPIC} parkir pasar parkir pasar kabar901")
        run(store)
        found = tags(store)
        assert found[yes] == "head"
        assert no not in found
        later = NOW + HOUR
        with store.write() as session:  # fewer than ten more answers are no reason to try again
            answer(session, topic.id, yes, True, now=later)
        assert run(store) == 0
        with store.write() as session:  # answers that are gone or changed keep nothing from being tried
            asked = select(TopicLabelRow).where(TopicLabelRow.item_id != yes).order_by(TopicLabelRow.item_id)
            for number, row in enumerate(session.scalars(asked).all()):
                if number < 6:
                    session.delete(row)
                elif number < 15:
                    answer(session, topic.id, row.item_id, not row.fits, 1, now=later)
        run(store)
        assert run(store) == 0
        with store.read() as session:
            assert [one.version for one in repository.heads(session, topic.id)] == [2, 1]

    def test_a_new_model_learns_from_the_answers_of_the_old_one(self, store: Store) -> None:
        """Nothing tags old items anew: the answered ones are embedded where a head is tried."""
        with store.write() as session:
            topic = add(session)
            self.items(session, topic.id)
        run(store)
        with store.write() as session:
            assert repository.rules(session, "tiny-2") == []  # the old head is of another model
        run(store, OtherTagger())
        with store.read() as session:
            newest = repository.heads(session, topic.id)[0]
            assert (newest.version, newest.model, newest.figures.answers) == (2, "tiny-2", 30)
            assert session.scalars(select(TagRow.model).distinct()).all() == ["tiny-1"]

    def test_too_few_answers_teach_nothing(self, store: Store) -> None:
        with store.write() as session:
            topic = add(session)
            for number in range(head.LEAST_ANSWERS):
                answer(session, topic.id, tell(session, number), True)
        run(store)
        with store.read() as session:
            assert session.scalars(select(TopicHeadRow.id)).all() == []


class TestErasure:
    def test_removing_a_topic_removes_all_of_it(self, store: Store) -> None:
        with store.write() as session:
            topic = add(session)
            TestAnswers().items(session, topic.id)
        run(store)
        with store.write() as session:
            service.remove_topic(session, topic.id)
        with store.read() as session:
            for table in (TopicRow, TopicTagRow, TopicLabelRow, TopicHeadRow):
                assert session.scalar(select(func.count()).select_from(table)) == 0
        assert run(store) == 0

    def test_a_topic_that_is_off_tags_nothing_more_and_keeps_what_it_has(self, store: Store) -> None:
        with store.write() as session:
            topic, item = add(session), tell(session, 1)
        run(store)
        with store.write() as session:
            service.switch_off(session, topic.id, actor="analyst", now=NOW)
            tell(session, 2)
        run(store)
        assert set(tags(store)) == {item}
        with store.write() as session:
            assert repository.topics(session) == []
            assert [one.tagged for one in repository.topics(session, with_off=True)] == [1]
            with pytest.raises(ConflictError, match="analyst"):
                service.switch_off(session, topic.id, actor="x", now=NOW)
            add(session)  # its title is free again

    def test_an_items_tags_and_answers_go_with_it(self, store: Store) -> None:
        with store.write() as session:
            topic = add(session)
            found_at = NOW - POST_RETENTION - HOUR
            post = tell(session, 1, kind="post", found_at=found_at)
            answer(session, topic.id, post, True)
        purge(store, NOW)
        with store.read() as session:
            for table in (TopicTagRow, TopicLabelRow, TopicQueueRow, ItemRow):
                assert session.scalar(select(func.count()).select_from(table)) == 0


class TestAdding:
    def test_it_is_cleaned_and_resolved(self, store: Store) -> None:
        with store.write() as session:
            given = NewTopic("  Sengketa \n lahan ", "", (*LAND.examples, LAND.examples[0]), ("63.03", "kab. banjar"))
            topic = add(session, given)
        assert (topic.title, list(topic.examples), topic.places) == ("Sengketa lahan", list(LAND.examples), ["63.03"])

    @pytest.mark.parametrize(
        "given",
        [
            NewTopic("", "", LAND.examples),
            NewTopic("x" * 61, "", LAND.examples),
            NewTopic("Lahan", "x" * 301, LAND.examples),
            NewTopic("Lahan", "", LAND.examples[:2]),
            NewTopic("Lahan", "", [LAND.examples[0]] * 3),
            NewTopic("Lahan", "", [*LAND.examples, "pendek"]),
            NewTopic("Lahan", "", [*LAND.examples, "kata " * 100]),
            NewTopic("Lahan", "", [f"Kalimat nomor {n} tentang lahan." for n in range(13)]),
            NewTopic("Lahan", "", LAND.examples, ["Atlantis"]),
            NewTopic("Lahan", "", LAND.examples, [f"63.{n:02}" for n in range(1, 22)]),
            NewTopic("\u202e\x00", "", LAND.examples),
        ],
    )
    def test_what_cannot_be_used_is_refused(self, store: Store, given: NewTopic) -> None:
        with store.write() as session:
            with pytest.raises(InputError):
                add(session, given)
            assert session.scalars(select(TopicRow.id)).all() == []

    @pytest.mark.parametrize(
        "given",
        [
            NewTopic("Rudi Hartono", "", LAND.examples),
            NewTopic("Lahan", "Tentang Rudi Hartono.", LAND.examples),
            NewTopic("Lahan", "", [*LAND.examples, "Rudi Hartono (40) memagari lahan itu."]),
        ],
    )
    def test_no_person(self, store: Store, given: NewTopic) -> None:
        with store.write() as session, pytest.raises(service.PersonTopicError, match="names a person"):
            add(session, given)

    def test_one_title_once_and_only_so_many(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(repository, "MAX_TOPICS", 2)
        with store.write() as session:
            add(session)
            with pytest.raises(ConflictError, match="already"):
                add(session, NewTopic("SENGKETA LAHAN", "", LAND.examples))
            add(session, NewTopic("Jalan rusak", "", LAND.examples))
            with pytest.raises(ConflictError, match="2 topics"):
                add(session, NewTopic("Air bersih", "", LAND.examples))

    def test_a_bound_person_adds_and_changes_within_their_region(self, store: Store) -> None:
        with store.write() as session:
            with pytest.raises(NotFoundError):
                add(session, NewTopic("Lahan", "", LAND.examples, ["63.71"]), within="63.03")
            mine = add(session, NewTopic("Lahan", "", LAND.examples), within="63.03")
            assert mine.places == ["63.03"]
            wide = add(session, NewTopic("Lahan lain", "", LAND.examples))
            other = add(session, NewTopic("Lahan jauh", "", LAND.examples, ["63.71"]))
            assert [one.id for one in repository.topics(session, within="63.03")] == [mine.id, wide.id]
            for topic_id in (wide.id, other.id):
                with pytest.raises(NotFoundError):
                    service.switch_off(session, topic_id, actor="x", now=NOW, within="63.03")
            service.remove_topic(session, mine.id, within="63.03")


def test_the_list_holds_posts_only_where_an_alert_does(store: Store) -> None:
    with store.write() as session:
        topic, article = add(session), tell(session, 1)
        post = tell(session, 2, kind="post")
    run(store)
    assert set(tags(store)) == {article, post}
    with store.read() as session:
        found = repository.items_of(session, topic.id)
    assert [(one.item_id, one.how, one.fits) for one in found] == [(article, TagOrigin.LIKENESS, None)]


def test_everyday_news_is_like_itself_only() -> None:
    assert len(background()) >= 50
    assert len(set(background())) == len(background())


def test_exercises_are_compared_with_nothing(store: Store) -> None:
    with store.write() as session:
        add(session), add_source(session, "latihan", role="exercise")
        drill = tell(session, 1, source="latihan")
        session.query(TopicQueueRow).delete()
        queue.ask(session, [drill])
        queue.ask_recent(session, NOW - HOUR)
        assert session.scalars(select(TopicQueueRow.item_id)).all() == []


def test_what_is_asked_for_while_it_is_compared_is_compared_again(store: Store) -> None:
    with store.write() as session:
        add(session), tell(session, 1)
        asked = queue.waiting(session, 10)
        queue.ask_recent(session, NOW - HOUR)
        queue.QUEUE.done(session, asked)
        assert len(queue.waiting(session, 10)) == 1


def test_an_item_edited_while_it_is_compared_is_left_alone(store: Store) -> None:
    with store.write() as session:
        item = tell(session, 1)
        assert still_of_version(session, {item: 1}) == {item}
        session.execute(update(ItemRow).values(version=2))
        assert still_of_version(session, {item: 1}) == set()
        assert queue.items(session, [item], "tiny-1")[item].vector is None
        session.execute(update(TagRow).values(version=2, embedding=embedding_of(OFF_TOPIC)))
        assert queue.items(session, [item], "tiny-1")[item].vector is not None
