"""What people decided: as a part of the score, and kept so that weights can be learned from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.plans import Asked
from tests.rows import NOW
from waspada.alerts import decisions, folding, repository, weight_versions
from waspada.alerts.feedback import Feedback, feedback_of, verdict
from waspada.alerts.regions import write_regions
from waspada.alerts.service import move
from waspada.alerts.types import AlertState, CloseReason, NoThreatReason
from waspada.alerts.weights import PARTS, PRIOR, PRIOR_POINTS, Figures, Weights
from waspada.errors import ConflictError, NotFoundError
from waspada.store import Store
from waspada.store.tables import AlertEventRow, AlertPlaceRow, AlertRow, RankingWeightsRow, StoryRow
from waspada.taxonomy import Label

WITA = ZoneInfo("Asia/Makassar")
LEARNED = Weights(
    {**PRIOR_POINTS, "level": 34.0, "outlets": 12.0},
    figures=Figures(120, 60, 3, 15, 400, 0.51, 0.55, 0.01),
)


def add_alert(session: Session, *codes: str, label: Label = Label.CONFLICT, state: str = "new", level: int = 2) -> int:
    story = StoryRow(opened_at=NOW, last_item_at=NOW, headline="", stale=False)
    session.add(story)
    session.flush()
    parts = dict.fromkeys(PARTS, 0.0) | {"level": 22.0, "outlets": 4.0, "feedback": -1.5}
    row = AlertRow(
        story_id=story.id, state=state, label=label, level=level, score=sum(parts.values()), parts=parts,
        confidence=0.9, headline="Pasar terbakar", why="", labels={label.value: 0.9}, item_count=1, outlet_count=1,
        voice_count=0, opened_at=NOW, changed_at=NOW, last_item_at=NOW, ranked_at=NOW,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add_all(AlertPlaceRow(alert_id=row.id, code=code, position=n) for n, code in enumerate(codes))
    write_regions(session, row.id, codes, row.score)
    session.flush()
    return row.id


def decide(
    session: Session, alert_id: int, *steps: tuple[AlertState, str | None], actor: str = "liaison-1", at: datetime = NOW
) -> None:
    for state, reason in steps:
        revision = repository.summary(session, alert_id).revision
        move(session, alert_id, state, actor=actor, revision=revision, reason=reason, now=at)


VERIFIED = ((AlertState.ACKNOWLEDGED, None), (AlertState.VERIFIED, None))
NO_THREAT = ((AlertState.NOT_A_THREAT, "not_a_threat"),)


@pytest.mark.parametrize(
    ("state", "reason", "found"),
    [
        ("new", None, None),
        ("acknowledged", None, None),
        ("verified", None, True),
        *[("closed", reason, True if reason in ("resolved", "passed_on") else None) for reason in CloseReason],
        *[("not_a_threat", r, None if r == "wrong_place" else False) for r in NoThreatReason],
        *[("closed", r, None if r == "wrong_place" else False) for r in NoThreatReason],
        *[(state, "duplicate", None) for state in ("duplicate", "closed")],
    ],
)
def test_verdict_of_a_state(state: str, reason: str | None, found: bool | None) -> None:
    assert verdict(state, reason) is found


class TestShare:
    def test_nobody_decided(self) -> None:
        assert feedback_of([]) == Feedback(0, 0, 0.0)

    def test_few_decisions_say_little(self) -> None:
        few, many = (feedback_of([(f"p{n}", True) for n in range(count)]).value for count in (2, 40))
        assert 0 < few < 0.25 < many < 1

    def test_verified_and_refuted_weigh_against_each_other(self) -> None:
        assert feedback_of([("a", True), ("b", False)]) == Feedback(1, 2, 0.0)

    def test_one_person_who_refutes_everything_is_bounded(self) -> None:
        alone = feedback_of([("perusak", False)] * 500)
        assert alone.value == pytest.approx(-5 / 13)
        outvoted = feedback_of([("perusak", False)] * 500 + [(f"p{n}", True) for n in range(6)])
        assert outvoted.value > 0

    @given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=60), st.sampled_from("abcde"))
    def test_stays_within_its_range(self, verdicts: list[tuple[str, bool]], actor: str) -> None:
        assert -1 < feedback_of(verdicts).value < 1
        opposite = [(who, not verified) for who, verified in verdicts]
        assert feedback_of(opposite).value == pytest.approx(-feedback_of(verdicts).value)


class TestFeedbackFromTheStore:
    def feedback(self, store: Store, region: str | None = "63.03", label: Label = Label.CONFLICT) -> Feedback:
        with store.read() as session:
            return decisions.feedback(session, region, label, 0, NOW + timedelta(days=1))

    def test_alerts_of_the_label_in_the_kabupaten_count(self, store: Store) -> None:
        with store.write() as session:
            for codes in [("63.03", "63"), ("63.03.05", "63.03", "63")]:
                decide(session, add_alert(session, *codes), *VERIFIED)
            decide(session, add_alert(session, "63.03"), *NO_THREAT, actor="liaison-2")
            decide(session, add_alert(session, "63.71", "63", "63.03"), *NO_THREAT)  # merely names it
            decide(session, add_alert(session, "63.03", label=Label.DISASTER), *NO_THREAT)
            add_alert(session, "63.03")
        found = self.feedback(store)
        assert (found.verified, found.decided) == (2, 3)
        assert found == self.feedback(store, "63.03.07.2001")
        assert self.feedback(store, None) == self.feedback(store, "64.01") == Feedback()

    def test_stories_are_looked_for_by_the_alerts_and_not_read_from_end_to_end(self, store: Store) -> None:
        asked = Asked(store)
        self.feedback(store)
        if store.is_sqlite:
            about = [step for step in asked.plan("FROM alerts JOIN stories") if "stories" in step]
            assert about == ["SEARCH stories USING INTEGER PRIMARY KEY (rowid=?)"]

    def test_own_story_duplicates_and_what_is_long_past_do_not_count(self, store: Store) -> None:
        with store.write() as session:
            own = add_alert(session, "63.03")
            decide(session, own, *VERIFIED)
            decide(session, add_alert(session, "63.03"), (AlertState.DUPLICATE, None))
            decide(session, add_alert(session, "63.03"), *NO_THREAT, at=NOW - timedelta(days=200))
            story_id = repository.summary(session, own).story_id
            assert decisions.feedback(session, "63.03", Label.CONFLICT, story_id, NOW) == Feedback()

    def test_states_that_no_person_set_do_not_count(self, store: Store) -> None:
        with store.write() as session:
            silent = add_alert(session, "63.03", state="verified")
            session.add(
                AlertEventRow(
                    alert_id=silent, at=NOW, actor="waspada", action="reopened", to_state="verified", detail={}
                )
            )
        assert self.feedback(store) == Feedback()


class TestMergedAlerts:
    """One event counts once, with the decision that stands and whoever took it."""

    @pytest.fixture
    def pair(self, store: Store) -> tuple[Store, int, int]:
        with store.write() as session:
            return store, add_alert(session, "63.03"), add_alert(session, "63.03")

    def merge(self, store: Store, kept: int, lost: int) -> None:
        with store.write() as session:
            stories = [session.get_one(AlertRow, id_).story_id for id_ in (lost, kept)]
            session.get_one(StoryRow, stories[0]).merged_into = stories[1]
            folding.fold(session, *stories, edit_id=1, actor="citra", now=NOW)

    def feedback(self, store: Store, beside: int = 0) -> Feedback:
        with store.read() as session:
            story = session.get_one(AlertRow, beside).story_id if beside else 0
            return decisions.feedback(session, "63.03", Label.CONFLICT, story, NOW)

    def test_a_decision_taken_over_is_that_of_whoever_took_it(self, pair: tuple[Store, int, int]) -> None:
        store, kept, lost = pair
        with store.write() as session:
            decide(session, lost, *VERIFIED, actor="ana")
            for _ in range(5):
                decide(session, add_alert(session, "63.03"), *VERIFIED, actor="ana")
        self.merge(store, kept, lost)
        assert self.feedback(store) == feedback_of([("ana", True)] * 6)
        assert self.feedback(store, kept) == feedback_of([("ana", True)] * 5)  # nothing of its own

    def test_what_was_decided_against_before_the_merge_counts_no_more(self, pair: tuple[Store, int, int]) -> None:
        store, kept, lost = pair
        with store.write() as session:
            decide(session, kept, *NO_THREAT, actor="ana")
            decide(session, lost, *VERIFIED, actor="budi")
        self.merge(store, kept, lost)
        assert self.feedback(store) == feedback_of([("budi", True)])

    def test_both_decisions_are_learned_from_as_their_persons_saw_them(self, pair: tuple[Store, int, int]) -> None:
        store, kept, lost = pair
        with store.write() as session:
            decide(session, kept, *NO_THREAT, actor="ana")
            decide(session, lost, *VERIFIED, actor="budi")
        self.merge(store, kept, lost)
        with store.read() as session:
            found = decisions.decided(session, WITA)
        assert [(one.actor, one.verified) for one in found.decisions] == [("ana", False), ("budi", True)]
        assert found.unknown == 0

    def test_the_machines_reopening_takes_no_decision_back(self, store: Store) -> None:
        with store.write() as session:
            for actor in ("waspada", "ana"):
                alert_id = add_alert(session, "63.03")
                decide(session, alert_id, *NO_THREAT)
                session.add(
                    AlertEventRow(
                        alert_id=alert_id, at=NOW, actor=actor, action="reopened", from_state="not_a_threat",
                        to_state="new", detail={},
                    )
                )  # fmt: skip
            found = decisions.decided(session, WITA)
        assert [one.alert_id for one in found.decisions] == [1]


class TestDecisionsToLearnFrom:
    def test_the_parts_are_kept_as_the_person_saw_them(self, store: Store) -> None:
        with store.write() as session:
            alert_id = add_alert(session, "63.03.05", "63.03")
            decide(session, alert_id, *VERIFIED, at=datetime(2024, 11, 25, 17, 0, tzinfo=NOW.tzinfo))
            row = session.get_one(AlertRow, alert_id)
            row.parts = {**row.parts, "outlets": 8.0}  # it was ranked again since
        with store.read() as session:
            found = decisions.decided(session, WITA)
        (one,) = found.decisions
        assert (one.alert_id, one.desk, one.actor, one.verified) == (alert_id, "63", "liaison-1", True)
        assert one.day.isoformat() == "2024-11-26"  # at one in the morning of the desk
        assert one.values["outlets"] == 4 / PRIOR["outlets"]
        assert one.values["level"] == pytest.approx(22 / 38, abs=1e-4)
        assert one.values["feedback"] == -0.25

    def test_the_last_word_counts(self, store: Store) -> None:
        with store.write() as session:
            for steps in [
                (*VERIFIED, (AlertState.CLOSED, "resolved")),
                (*VERIFIED, *NO_THREAT),
                (*NO_THREAT, (AlertState.ACKNOWLEDGED, None)),
                (*VERIFIED, (AlertState.NOT_A_THREAT, "wrong_place")),
                ((AlertState.ACKNOWLEDGED, None),),
            ]:
                decide(session, add_alert(session, "63.03"), *steps)
        with store.read() as session:
            found = decisions.decided(session, WITA)
        assert [one.verified for one in found.decisions] == [True, False]

    def test_steps_without_the_parts_are_counted_as_unknown(self, store: Store) -> None:
        with store.write() as session:
            old = add_alert(session, "63.03")
            session.get_one(AlertRow, old).parts = {"level": 28.0}
            decide(session, old, *VERIFIED)
        with store.read() as session:
            found = decisions.decided(session, WITA)
        assert (found.decisions, found.unknown) == ([], 1)


class TestVersions:
    def test_prior_is_in_use_until_a_version_is(self, store: Store) -> None:
        with store.write() as session:
            assert weight_versions.in_use(session) is PRIOR
            saved = weight_versions.save(session, LEARNED, actor="cli", now=NOW)
            assert weight_versions.in_use(session) is PRIOR
            weight_versions.use(session, saved.version)
        with store.read() as session:
            assert weight_versions.in_use(session) == replace(LEARNED, version=saved.version) == saved
            assert list(weight_versions.in_use(session).points) == list(PARTS)

    def test_one_version_at_a_time_and_back_to_the_prior(self, store: Store) -> None:
        with store.write() as session:
            first, second = (weight_versions.save(session, LEARNED, actor="cli", now=NOW) for _ in range(2))
            weight_versions.use(session, first.version)
            weight_versions.use(session, second.version)
            assert [one.in_use for one in weight_versions.versions(session)] == [True, False]
            weight_versions.use(session, None)
            assert weight_versions.in_use(session) is PRIOR

    def test_open_alerts_are_ranked_anew(self, store: Store) -> None:
        with store.write() as session:
            for state, level in [("new", 2), ("verified", 3), ("not_a_threat", 2), ("new", 0)]:
                add_alert(session, "63.03", state=state, level=level)
            saved = weight_versions.save(session, LEARNED, actor="cli", now=NOW)
            assert weight_versions.use(session, saved.version) == 2
            assert [story.stale for story in session.query(StoryRow).order_by(StoryRow.id)] == [
                True,
                True,
                False,
                False,
            ]

    def test_version_that_there_is_not(self, store: Store) -> None:
        with store.write() as session, pytest.raises(NotFoundError, match="no ranking weights 7"):
            weight_versions.use(session, 7)

    def test_version_of_other_parts_is_kept_and_not_used(self, store: Store) -> None:
        with store.write() as session:
            session.add(RankingWeightsRow(at=NOW, actor="cli", points={"level": 100.0}, figures={}, in_use=True))
            session.flush()
            assert weight_versions.in_use(session) is PRIOR
            assert weight_versions.by_version(session, [1, None, 99]) == {1: PRIOR, None: PRIOR, 99: PRIOR}
            with pytest.raises(ConflictError, match="other parts"):
                weight_versions.use(session, 1)

    def test_an_alert_shows_the_points_of_its_own_weights(self, store: Store) -> None:
        with store.write() as session:
            saved = weight_versions.save(session, LEARNED, actor="cli", now=NOW)
            ids = [add_alert(session, "63.03") for _ in range(2)]
            session.get_one(AlertRow, ids[1]).weights_version = saved.version
            session.flush()
            assert [repository.summary(session, id_).limits["outlets"] for id_ in ids] == [8.0, 12.0]
