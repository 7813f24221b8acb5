"""CAP 1.2: every message fits the standard, an alert has one chain, and nobody's name is in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from sqlalchemy import delete, select, update

from tests.api.sample import CLASH, NOW, Report, add_alert
from tests.escalations.desk import DAY, HOUR, REFUTED, Team, team_of
from waspada.alerts.types import ERASED
from waspada.cap import repository
from waspada.cap.atom import NAMESPACE as ATOM
from waspada.cap.atom import write as write_feed
from waspada.cap.composing import compose
from waspada.cap.mapping import CERTAINTY, SEVERITY, certainty, mapped
from waspada.cap.service import UPDATE_EVERY, sender_of, step, told_of
from waspada.cap.types import CapMessage, Certainty, Issued, MsgType, Reference, Severity, Status, Urgency
from waspada.cap.xml import NAMESPACE, moment, write
from waspada.clock import ZONES
from waspada.errors import NotFoundError, SettingsError
from waspada.escalations.types import Quote, ReportFacts
from waspada.jobs.escalate import issue_cap
from waspada.jobs.purge import purge
from waspada.settings import Settings, load_settings
from waspada.store import Store
from waspada.store.tables import AlertPlaceRow, AlertRow, AuditRow, CapMessageRow, StoryRow

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "cap.md"
FACTS = ReportFacts(
    alert_id=12, story_id=9, revision=3, state="verified", label="conflict", labels=["conflict", "election"], level=3,
    confidence=0.94, stage_share=0.6, headline="Massa dua kubu saling lempar batu", why="Tingkat 3",
    regions=["63.03.05", "63.03"], outlets=[("Warta Intan", 2)], outlet_count=3, voices=6, has_official=False,
    quotes=[Quote("Tujuh orang luka.", "Warta Intan", NOW, None)], claim_line="", opened_at=NOW, last_item_at=NOW,
    verified_at=NOW, exercise=False,
)  # fmt: skip


@lru_cache(maxsize=1)
def schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(str(Path(__file__).parent / "cap12.rng")))


def read(xml: str) -> etree._Element:
    """The document, which fits the standard."""
    root = etree.fromstring(xml.encode())
    assert schema().validate(root), schema().error_log
    return root


def texts(root: etree._Element, path: str) -> list[str]:
    return [found.text or "" for found in root.findall(path.replace("cap:", f"{{{NAMESPACE}}}"))]


def message(facts: ReportFacts = FACTS, kind: MsgType = MsgType.ALERT, *refs: Reference, **more: object) -> CapMessage:
    values: dict[str, object] = {
        "identifier": "waspada.kesbang.example-12-1", "sender": "waspada@kesbang.example", "region": "63",
        "contact": "meja@kesbang.example", "web": "https://waspada.example/alerts/12", "is_test": False,
        "references": refs, "now": NOW, **more,
    }  # fmt: skip
    return compose(facts, kind, **values)  # type: ignore[arg-type]


def xml(facts: ReportFacts = FACTS, kind: MsgType = MsgType.ALERT, *refs: Reference, **more: object) -> str:
    return write(message(facts, kind, *refs, **more), ZONES["WITA"])


REF = Reference("waspada@kesbang.example", "waspada.kesbang.example-12-1", NOW - HOUR)


class TestDocument:
    @pytest.mark.parametrize("headline", ["", " ", "\x1f", "\x00\ud800", "\ufffe"])
    def test_a_headline_of_which_nothing_is_left_is_told_by_what_and_where(self, headline: str) -> None:
        root = read(xml(replace(FACTS, headline=headline)))
        assert all(told.strip() for told in texts(root, "cap:info/cap:headline"))

    def test_what_is_told_stands_where_the_standard_wants_it(self) -> None:
        root = read(xml())
        assert texts(root, "cap:sent") == ["2024-11-20T11:00:00+08:00"]
        assert texts(root, "cap:scope") == ["Restricted"]
        assert texts(root, "cap:status") == ["Actual"]
        assert texts(root, "cap:info/cap:language") == ["id-ID", "en-US"]
        assert texts(root, "cap:info/cap:severity") == ["Severe", "Severe"]
        assert texts(root, "cap:info/cap:certainty") == ["Observed", "Observed"]
        assert texts(root, "cap:info/cap:urgency") == ["Immediate", "Immediate"]
        assert texts(root, "cap:info/cap:area/cap:geocode/cap:valueName") == ["Kemendagri"] * 4
        assert texts(root, "cap:info/cap:area/cap:geocode/cap:value") == ["63.03.05", "63.03"] * 2
        id_, en = texts(root, "cap:info/cap:description")
        assert "Belum diverifikasi: " in id_
        assert "Not verified: " in en
        assert "Tujuh orang luka." in id_

    def test_update_and_cancel_refer_to_what_came_before(self) -> None:
        for kind in (MsgType.UPDATE, MsgType.CANCEL):
            (said,) = texts(read(xml(FACTS, kind, REF)), "cap:references")
            assert said == "waspada@kesbang.example,waspada.kesbang.example-12-1,2024-11-20T10:00:00+08:00"

    def test_a_cancel_repeats_nothing_of_the_news(self) -> None:
        document = xml(replace(FACTS, state=REFUTED), MsgType.CANCEL, REF)
        root = read(document)
        assert "lempar batu" not in document
        assert "Tujuh" not in document
        assert texts(root, "cap:info/cap:urgency") == ["Past", "Past"]

    def test_an_exercise_says_so_also_where_all_is_a_test(self) -> None:
        root = read(xml(replace(FACTS, exercise=True), is_test=True))
        assert texts(root, "cap:status") == ["Exercise"]
        assert "LATIHAN" in texts(root, "cap:note")[0]
        assert all(one.startswith(("LATIHAN", "EXERCISE")) for one in texts(root, "cap:info/cap:description"))
        assert texts(read(xml(is_test=True)), "cap:status") == ["Test"]

    def test_the_grammar_of_the_tests_refuses_what_the_standard_does(self) -> None:
        good = xml()
        for old, new in (
            ("Severe<", "severe<"), ("+08:00</", "Z</"), ("<scope>Restricted</scope>", ""),
            ("Restricted<", "restricted<"),
            ("<identifier>w", "<identifier>w x"), ("<msgType>Alert", "<msgType>Update"), ("<event>", "<event/><event>"),
            ("<status>Actual", "<status>Exercise"), ("</info>", "<area/></info>"), ("cap:1.2", "cap:1.1"),
        ):  # fmt: skip
            assert old in good
            assert not schema().validate(etree.fromstring(good.replace(old, new, 1).encode())), (old, new)

    @given(
        st.builds(
            replace,
            st.just(FACTS),
            headline=st.text(max_size=400),
            quotes=st.lists(st.builds(Quote, st.text(min_size=1), st.text(min_size=1), st.just(NOW)), max_size=3),
            outlets=st.lists(st.tuples(st.text(min_size=1), st.just(1)), max_size=3),
            level=st.integers(0, 3),
            confidence=st.floats(0, 1),
            stage_share=st.floats(0, 1),
            outlet_count=st.integers(0, 50),
            voices=st.integers(0, 50),
            state=st.sampled_from(["verified", "closed", "acknowledged", REFUTED]),
            regions=st.lists(st.sampled_from(["63", "63.03", "63.03.05", "63.71", "99.99"]), max_size=4),
            exercise=st.booleans(),
        ),
        st.sampled_from(MsgType),
        st.booleans(),
    )
    def test_whatever_is_told_the_document_fits(self, facts: ReportFacts, kind: MsgType, is_test: bool) -> None:
        refs = [] if kind is MsgType.ALERT else [REF]
        read(xml(facts, kind, *refs, is_test=is_test, now=NOW + timedelta(microseconds=123)))

    def test_times_have_their_offset_and_no_z(self) -> None:
        at = datetime(2024, 11, 20, 3, 0, 0, 999, tzinfo=UTC)
        assert moment(at, ZONES["WIT"]) == "2024-11-20T12:00:00+09:00"
        assert moment(at, ZoneInfo("UTC")) == "2024-11-20T03:00:00-00:00"


class TestMapping:
    """docs/cap.md has the same table."""

    def test_levels(self) -> None:
        told = [mapped(replace(FACTS, level=level), NOW).severity for level in range(4)]
        assert told == [Severity.UNKNOWN, Severity.MINOR, Severity.MODERATE, Severity.SEVERE]
        assert Severity.EXTREME not in SEVERITY.values()

    @pytest.mark.parametrize(
        ("confidence", "outlets", "found"),
        [
            (0.9, 2, Certainty.OBSERVED), (0.9, 1, Certainty.LIKELY), (0.89, 9, Certainty.LIKELY),
            (0.5, 1, Certainty.LIKELY), (0.5, 0, Certainty.POSSIBLE), (0.49, 9, Certainty.POSSIBLE),
            (0, 0, Certainty.POSSIBLE),
        ],
    )  # fmt: skip
    def test_confidence_and_outlets(self, confidence: float, outlets: int, found: Certainty) -> None:
        assert certainty(confidence, outlets) is found

    @pytest.mark.parametrize(
        ("change", "found"),
        [
            ({}, Urgency.IMMEDIATE), ({"last_item_at": NOW - DAY}, Urgency.EXPECTED),
            ({"level": 2}, Urgency.EXPECTED), ({"level": 2, "stage_share": 0.4}, Urgency.FUTURE),
            ({"level": 1}, Urgency.FUTURE), ({"state": "closed"}, Urgency.PAST), ({"state": REFUTED}, Urgency.PAST),
            ({"level": 0}, Urgency.PAST),
        ],
    )  # fmt: skip
    def test_how_near_it_is(self, change: dict[str, object], found: Urgency) -> None:
        assert mapped(replace(FACTS, **change), NOW).urgency is found  # type: ignore[arg-type]

    def test_the_document_says_the_same(self) -> None:
        text = DOCUMENT.read_text(encoding="utf-8")
        for level, severity in SEVERITY.items():
            assert f"| severity | {severity} | level {level} |" in text
        for confidence, outlets, found in CERTAINTY[:-1]:
            assert f"| certainty | {found} | confidence at least {confidence:g}, outlets at least {outlets} |" in text
        for urgency in Urgency:
            assert f"| urgency | {urgency} |" in text or urgency is Urgency.UNKNOWN


class TestStep:
    told = told_of(FACTS)

    def test_the_first_word_is_for_a_verified_alert_only(self) -> None:
        assert step(FACTS, None, None, None, NOW) is MsgType.ALERT
        for state in ("new", "acknowledged", "closed", REFUTED):
            assert step(replace(FACTS, state=state), None, None, None, NOW) is None
        assert step(replace(FACTS, level=0), None, None, None, NOW) is None

    def test_an_update_comes_for_what_changed_and_not_too_often(self) -> None:
        more = replace(FACTS, outlet_count=4)
        assert step(FACTS, self.told, MsgType.ALERT, NOW - DAY, NOW) is None
        assert step(more, self.told, MsgType.ALERT, NOW - HOUR, NOW) is None
        assert step(more, self.told, MsgType.ALERT, NOW - UPDATE_EVERY, NOW) is MsgType.UPDATE
        lower = told_of(replace(FACTS, level=2))
        assert step(FACTS, lower, MsgType.UPDATE, NOW, NOW) is MsgType.UPDATE
        assert step(replace(FACTS, state="closed"), self.told, MsgType.ALERT, NOW, NOW) is MsgType.UPDATE

    def test_an_update_comes_for_another_place_but_not_for_what_was_told_before_places_were(self) -> None:
        elsewhere, since = replace(FACTS, regions=["63.71"]), NOW - UPDATE_EVERY
        assert step(elsewhere, self.told, MsgType.ALERT, since, NOW) is MsgType.UPDATE
        assert step(replace(FACTS, regions=FACTS.regions[::-1]), self.told, MsgType.ALERT, since, NOW) is None
        before = {name: value for name, value in self.told.items() if name != "regions"}
        assert step(elsewhere, before, MsgType.ALERT, since, NOW) is None
        assert step(replace(elsewhere, outlet_count=9), before, MsgType.ALERT, since, NOW) is MsgType.UPDATE

    def test_a_cancel_comes_for_what_was_taken_back(self) -> None:
        for change in ({"state": REFUTED}, {"level": 0}, {"state": "closed", "reason": "old_news"}):
            assert step(replace(FACTS, **change), self.told, MsgType.UPDATE, NOW, NOW) is MsgType.CANCEL
        assert step(replace(FACTS, state=REFUTED), self.told, MsgType.CANCEL, NOW, NOW) is None
        assert step(FACTS, self.told, MsgType.CANCEL, NOW, NOW) is MsgType.ALERT

    def test_in_hand_again_nothing_is_said(self) -> None:
        assert step(replace(FACTS, state="acknowledged"), self.told, MsgType.ALERT, NOW - DAY, NOW) is None


@pytest.fixture
def team(store: Store, tmp_path: Path) -> Team:
    return team_of(store, tmp_path, cap_sender="waspada@kesbang.example", contact="meja@kesbang.example")


def chain(team: Team) -> list[tuple[str, str, list[str]]]:
    with team.store.read() as session:
        rows = session.scalars(select(CapMessageRow).order_by(CapMessageRow.id))
        return [(row.msg_type, row.status, [ref.rpartition("-")[2] for ref in row.refs]) for row in rows]


def issued(team: Team, number: int) -> Issued:
    with team.store.read() as session:
        return repository.message(session, f"waspada.kesbang.example-{team.alert}-{number}")


class TestIssuing:
    def test_one_chain_for_an_alert(self, team: Team) -> None:
        assert issue_cap(team.store, team.settings, NOW) == 1
        assert issue_cap(team.store, team.settings, NOW) == 0
        team.set_state("verified", outlet_count=9)
        assert issue_cap(team.store, team.settings, NOW + HOUR) == 0
        assert issue_cap(team.store, team.settings, NOW + 3 * HOUR) == 1
        team.set_state("closed", "resolved")
        assert issue_cap(team.store, team.settings, NOW + 4 * HOUR) == 1
        team.set_state(REFUTED, "old_news")
        assert issue_cap(team.store, team.settings, NOW + 5 * HOUR) == 1
        team.set_state("verified", last_item_at=NOW)
        assert issue_cap(team.store, team.settings, NOW + 6 * HOUR) == 1
        assert chain(team) == [
            ("Alert", "Actual", []), ("Update", "Actual", ["1"]), ("Update", "Actual", ["1", "2"]),
            ("Cancel", "Actual", ["1", "2", "3"]), ("Alert", "Actual", []),
        ]  # fmt: skip
        for number in range(1, 6):
            read(issued(team, number).xml)
        assert texts(read(issued(team, 3).xml), "cap:info/cap:responseType") == ["AllClear", "AllClear"]
        with team.store.read() as session:
            lines = session.scalars(select(AuditRow).where(AuditRow.action == "cap.issue")).all()
        assert [line.detail["type"] for line in lines] == ["Alert", "Update", "Update", "Cancel", "Alert"]

    def test_an_alert_that_stands_elsewhere_is_updated_once(self, team: Team) -> None:
        issue_cap(team.store, team.settings, NOW)
        later = NOW + 3 * HOUR

        def places(*codes: str) -> int:
            with team.store.write() as session:
                session.execute(delete(AlertPlaceRow).where(AlertPlaceRow.alert_id == team.alert))
                session.add_all(AlertPlaceRow(alert_id=team.alert, code=c, position=n) for n, c in enumerate(codes))
            with team.store.read() as session:
                return len(repository.due_ids(session, later))

        assert places("63.03", "63.03.05") == 0  # in another order
        assert places("63.03.05") == 0  # the kabupaten only stood behind its kecamatan
        assert places("63.03.06", "63.03") == 1
        assert places("63.03.05", "63.71") == 1
        assert places() == 1
        assert issue_cap(team.store, team.settings, later) == 1
        assert texts(read(issued(team, 2).xml), "cap:info/cap:area/cap:geocode/cap:value") == []
        assert issue_cap(team.store, team.settings, later + 3 * HOUR) == 0

    def test_messages_of_before_places_were_told_start_no_storm(self, team: Team) -> None:
        issue_cap(team.store, team.settings, NOW)
        with team.store.write() as session:
            row = session.scalars(select(CapMessageRow)).one()
            row.told = {name: value for name, value in row.told.items() if name != "regions"}
            session.execute(update(AlertPlaceRow).where(AlertPlaceRow.position == 0).values(code="63.71"))
        with team.store.read() as session:
            assert repository.due_ids(session, NOW + 3 * HOUR) == []

    def test_nothing_that_no_person_verified(self, store: Store, tmp_path: Path) -> None:
        with store.write() as session:
            add_alert(session, CLASH)
        assert issue_cap(store, Settings(data_dir=tmp_path), NOW) == 0

    def test_nothing_old_when_it_is_switched_on_late(self, team: Team) -> None:
        assert issue_cap(team.store, team.settings, NOW + 15 * DAY) == 0

    def test_private_names_are_masked(self, store: Store, tmp_path: Path) -> None:
        text = "«Seorang warga, Rudi Hartono (34), terkena batu saat bentrok.» Warga lain selamat."
        report = Report("Warta Intan", "Warga bernama Rudi Hartono luka", text)
        team = team_of(store, tmp_path, replace(CLASH, headline="Warga bernama Rudi Hartono luka", reports=[report]))
        issue_cap(store, team.settings, NOW)
        with store.read() as session:
            document = session.scalars(select(CapMessageRow.xml)).one()
        assert "Rudi" not in document
        assert "Hartono" not in document
        assert "[nama]" in document

    def test_an_exercise_of_the_canary(self, team: Team) -> None:
        team.set_state("verified", exercise=True)
        issue_cap(team.store, team.settings, NOW)
        assert chain(team) == [("Alert", "Exercise", [])]

    def test_a_merged_alert_is_cancelled_and_the_other_one_speaks(self, team: Team) -> None:
        issue_cap(team.store, team.settings, NOW)
        with team.store.write() as session:
            kept = add_alert(session, CLASH)
            story = session.get_one(AlertRow, team.alert).story_id
            into = session.get_one(AlertRow, kept).story_id
            session.execute(update(StoryRow).where(StoryRow.id == story).values(merged_into=into))
            session.execute(update(AlertRow).where(AlertRow.id == kept).values(state="verified"))
        assert issue_cap(team.store, team.settings, NOW + HOUR) == 2
        assert issue_cap(team.store, team.settings, NOW + HOUR) == 0
        assert sorted(kind for kind, _, _ in chain(team)) == ["Alert", "Alert", "Cancel"]

    def test_erased_news_leave_a_cancel_and_no_words(self, team: Team) -> None:
        issue_cap(team.store, team.settings, NOW)
        team.set_state("verified", headline=ERASED, why="", level=0)
        issue_cap(team.store, team.settings, NOW + HOUR)
        assert issued(team, 1).xml == ""
        assert "lempar batu" not in issued(team, 2).xml
        assert texts(read(issued(team, 2).xml), "cap:msgType") == ["Cancel"]
        assert issue_cap(team.store, team.settings, NOW + HOUR) == 0

    def test_words_go_after_a_year(self, team: Team) -> None:
        issue_cap(team.store, team.settings, NOW)
        assert purge(team.store, NOW + timedelta(days=364)).cap_messages == 0
        assert purge(team.store, NOW + timedelta(days=366)).cap_messages == 1
        assert issued(team, 1).xml == ""

    def test_bound_readers_see_their_region(self, team: Team) -> None:
        issue_cap(team.store, team.settings, NOW)
        name = issued(team, 1).identifier
        with team.store.read() as session:
            assert repository.message(session, name, within="63.03").identifier == name
            assert [one.identifier for one in repository.newest(session, region="63", limit=5)] == [name]
            assert repository.newest(session, within="63.71", limit=5) == []
            with pytest.raises(NotFoundError):
                repository.message(session, name, within="63.71")


class TestFeed:
    def test_an_entry_for_each_message_with_words(self) -> None:
        one = Issued(1, "a-12-1", 12, 1, MsgType.ALERT, Status.ACTUAL, "a@b.example", NOW, [], xml())
        gone = replace(one, id=2, identifier="a-12-2", xml="")
        link = "https://waspada.example{}".format
        root = etree.fromstring(write_feed([one, gone], title="T", author="A", link=link, now=NOW).encode())
        names = [tag.tag.partition("}")[2] for tag in root]
        assert names == ["id", "title", "updated", "author", "link", "entry"]
        entry = root.find(f"{{{ATOM}}}entry")
        assert entry.findtext(f"{{{ATOM}}}title") == FACTS.headline
        assert entry.find(f"{{{ATOM}}}link").get("href") == "https://waspada.example/api/v1/cap/a-12-1"
        assert entry.find(f"{{{ATOM}}}link").get("type") == "application/cap+xml"


class TestSettings:
    def test_the_sender_is_the_host_of_the_console_unless_it_is_named(self, tmp_path: Path) -> None:
        assert sender_of(Settings(data_dir=tmp_path)) == "waspada@127.0.0.1"
        assert sender_of(Settings(data_dir=tmp_path, base_url="https://desk.example")) == "waspada@desk.example"
        assert sender_of(Settings(data_dir=tmp_path, cap_sender="kesbang@a.example")) == "kesbang@a.example"
        for odd in ("a b", "a,b", "<a>", "a&b", "é@a.example"):
            with pytest.raises(SettingsError, match="CAP_SENDER"):
                load_settings(cap_sender=odd)
