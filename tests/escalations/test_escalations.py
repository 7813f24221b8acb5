"""Reports that leave the team: two accounts, what was verified, and nothing to the police without a live permission."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.api.sample import CLASH, HOAX, NOW, Report, add_alert
from tests.escalations.desk import DAY, HOUR, REFUTED, Mailbox, Team, demote, team_of
from waspada.access.types import ForbiddenError
from waspada.alerts import repository as alerts
from waspada.alerts.types import ERASED
from waspada.digests.service import save_texts
from waspada.digests.types import Kind
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.escalations import gate, repository, service
from waspada.escalations.gathering import facts_of
from waspada.escalations.types import EscalationState, ReportKind, StaleEscalationError
from waspada.jobs.erase import Cause, erase_items
from waspada.jobs.escalate import follow_reports
from waspada.jobs.purge import purge
from waspada.notify.messages import Channel, GivenUp, Message
from waspada.notify.outbox import put, run_once
from waspada.recipients import service as recipients
from waspada.recipients.types import NewRecipient, RecipientKind, Refusal
from waspada.store import Store
from waspada.store.tables import (
    AlertEventRow,
    AlertRow,
    AuditRow,
    DeliveryRow,
    EscalationRecipientRow,
    EscalationRow,
    NoticeRow,
    StoryItemRow,
    StoryRow,
    UserRow,
)
from waspada.subscriptions.bounces import Bounce, Read, note


@pytest.fixture
def team(store: Store, tmp_path: Path) -> Team:
    return team_of(store, tmp_path)


def states(store: Store) -> list[str]:
    with store.read() as session:
        return list(session.scalars(select(EscalationRow.state).order_by(EscalationRow.id)))


class TestFourEyes:
    def test_a_report_goes_when_another_account_approved_it(self, team: Team) -> None:
        office, box = team.recipient(), Mailbox()
        found = team.propose(office)
        team.send(box)
        assert box.seen == []
        assert team.decide(found).state is EscalationState.APPROVED
        team.send(box, NOW + HOUR)
        (sent,) = box.seen
        assert sent.target == "kesbangpol@banjarkab.example"
        assert sent.body == {"subject": found.bodies["id"].subject, "text": found.bodies["id"].text}
        follow_reports(team.store, team.settings, NOW + HOUR)
        with team.store.read() as session:
            done = repository.escalation(session, found.id)
        assert (done.state, done.recipients[0].sent_at) == (EscalationState.SENT, NOW + HOUR)
        assert team.history() == [
            "opened", "moved", "report_proposed", "report_approved", "report_sent"
        ]  # fmt: skip

    def test_never_the_same_account(self, team: Team) -> None:
        found = team.propose(team.recipient())
        for approved in (True, False):
            with pytest.raises(ForbiddenError, match="cannot decide"):
                team.decide(found, approved, actor="liaison")
        assert states(team.store) == ["proposed"]

    def test_a_refusal_needs_its_reason_and_nothing_goes(self, team: Team) -> None:
        found, box = team.propose(team.recipient()), Mailbox()
        with pytest.raises(InputError):
            team.decide(found, False, reason="  ")
        assert team.decide(found, False, reason="Belum jelas").state is EscalationState.REFUSED
        team.send(box)
        assert box.seen == []

    def test_nobody_decides_twice_and_the_second_sees_who_did(self, team: Team) -> None:
        found = team.propose(team.recipient())
        team.decide(found, False, reason="Belum jelas")
        with pytest.raises(StaleEscalationError, match="second: refused") as caught:
            team.decide(found, actor="admin")
        assert caught.value.revision == 2

    def test_two_deciders_at_once_leave_one_decision(self, team: Team, another_store: Callable[[], Store]) -> None:
        found, outcomes, start = team.propose(team.recipient()), list[str](), threading.Barrier(2)

        def decide(store: Store, actor: str, approved: bool) -> None:
            start.wait()
            try:
                done = store.retrying(
                    lambda session: service.decide(
                        session, found.id, approved, "karena", actor=actor, revision=found.revision, now=NOW
                    )
                )
                outcomes.append(done.state)
            except StaleEscalationError:
                outcomes.append("stale")

        threads = [
            threading.Thread(target=decide, args=(another_store(), actor, approved))
            for actor, approved in (("second", True), ("admin", False))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert outcomes.count("stale") == 1
        with team.store.read() as session:
            waiting = session.scalars(select(DeliveryRow.id)).all()
        assert len(waiting) == (1 if "approved" in outcomes else 0)

    def test_it_is_over_after_a_day_without_an_answer(self, team: Team) -> None:
        found = team.propose(team.recipient())
        with pytest.raises(ConflictError, match="in time"):
            team.decide(found, now=NOW + DAY)
        assert follow_reports(team.store, team.settings, NOW + DAY - timedelta(seconds=1)) == 0
        assert follow_reports(team.store, team.settings, NOW + DAY) == 1
        assert follow_reports(team.store, team.settings, NOW + DAY) == 0
        assert states(team.store) == ["expired"]
        with team.store.read() as session:
            line = session.scalars(select(AuditRow).order_by(AuditRow.id.desc())).first()
        assert line is not None
        assert (line.actor, line.action, line.detail["state"]) == ("waspada", "escalation.decide", "expired")

    def test_whoever_proposed_withdraws_it_and_nobody_else(self, team: Team) -> None:
        found = team.propose(team.recipient())
        with team.store.write() as session, pytest.raises(ForbiddenError):
            service.withdraw(session, found.id, actor="second", revision=1, now=NOW)
        with team.store.write() as session:
            done = service.withdraw(session, found.id, actor="liaison", revision=1, now=NOW)
        assert done.state is EscalationState.WITHDRAWN
        with pytest.raises(StaleEscalationError):
            team.decide(found)


class TestWhatMayLeave:
    @pytest.mark.parametrize("state", ["new", "acknowledged", "needs_clarification", REFUTED, "duplicate", "closed"])
    def test_only_what_a_person_verified(self, team: Team, state: str) -> None:
        office = team.recipient()
        team.set_state(state)
        with pytest.raises(ConflictError, match="only what a person verified"):
            team.propose(office)

    def test_no_exercise(self, team: Team) -> None:
        office = team.recipient()
        team.set_state("verified", exercise=True)
        with pytest.raises(ConflictError, match="exercise"):
            team.propose(office)

    def test_approval_looks_at_the_alert_again(self, team: Team) -> None:
        found = team.propose(team.recipient())
        team.set_state("acknowledged")
        with pytest.raises(ConflictError, match="only what a person verified"):
            team.decide(found)
        follow_reports(team.store, team.settings, NOW)
        assert states(team.store) == ["withdrawn"]

    def test_what_was_approved_does_not_go_when_the_alert_is_taken_back_before(self, team: Team) -> None:
        found, box = team.propose(team.recipient()), Mailbox()
        team.decide(found)
        team.set_state(REFUTED, "not_a_threat")
        team.send(box)
        assert box.seen == []
        follow_reports(team.store, team.settings, NOW)
        with team.store.read() as session:
            done = repository.escalation(session, found.id)
        assert (done.state, done.recipients[0].problem) == (EscalationState.FAILED, gate.NOT_STANDING)
        assert states(team.store) == ["failed"]  # nobody heard of it: nothing is to be corrected

    def test_bound_accounts_see_and_decide_their_own_region_only(self, team: Team) -> None:
        office = team.recipient()
        found = team.propose(office)
        with team.store.write() as session:
            for within in ("63.71", "64"):
                with pytest.raises(NotFoundError):
                    service.decide(session, found.id, True, "", actor="second", revision=1, now=NOW, within=within)
                with pytest.raises(NotFoundError):
                    repository.escalation(session, found.id, within=within)
                assert repository.search(session, within=within) == []
            assert repository.escalation(session, found.id, within="63.03").id == found.id

    def test_recipients_are_those_responsible_for_the_place(self, team: Team) -> None:
        far = team.recipient("KPU Kota Banjarmasin", RecipientKind.KPU, "kpu@bjm.example", "63.71")
        wide = team.recipient("Bawaslu Kalimantan Selatan", RecipientKind.BAWASLU, "bawaslu@kalsel.example", "63")
        with pytest.raises(ConflictError, match="responsible"):
            team.propose(far)
        with team.store.read() as session:
            facts = facts_of(session, team.alert)
            assert [one.recipient.id for one in service.candidates(session, facts, NOW)] == [wide]
        assert team.propose(wide).recipients[0].kind is RecipientKind.BAWASLU

    def test_none_and_too_many_and_unknown_ones(self, team: Team) -> None:
        with pytest.raises(InputError):
            team.propose()
        with pytest.raises(InputError):
            team.propose(*range(1, 30))
        with pytest.raises(NotFoundError):
            team.propose(999)
        with pytest.raises(InputError, match="reason"):
            team.propose(team.recipient(), reason="\u200b \n")

    def test_the_same_is_not_proposed_twice_at_once(self, team: Team) -> None:
        office = team.recipient()
        team.propose(office)
        with pytest.raises(ConflictError, match="open already"):
            team.propose(office)

    def test_an_institution_switched_off_meanwhile_gets_nothing(self, team: Team) -> None:
        office, box = team.recipient(), Mailbox()
        found = team.propose(office)
        team.decide(found)
        with team.store.write() as session:
            recipients.switch(session, office, False, actor="admin", now=NOW)
        team.send(box)
        assert box.seen == []
        with team.store.write() as session, pytest.raises(ConflictError):
            recipients.switch(session, office, False, actor="admin", now=NOW)


class TestPoliceAndIntelligence:
    """Design, rule 8: off until an admin and a second approver switch them on, for a region and a period."""

    @pytest.mark.parametrize("kind", [RecipientKind.POLICE, RecipientKind.INTELLIGENCE])
    def test_off_without_a_permission(self, team: Team, kind: RecipientKind) -> None:
        with pytest.raises(ConflictError, match="no live permission"):
            team.propose(team.police(kind=kind))

    def test_a_permission_asked_for_lets_nothing_through(self, team: Team) -> None:
        police = team.police()
        team.ask(police)
        with pytest.raises(ConflictError, match="no live permission"):
            team.propose(police)

    def test_with_one_it_goes_like_any_report(self, team: Team) -> None:
        police, box = team.police(), Mailbox()
        team.grant(police)
        team.decide(team.propose(police))
        team.send(box)
        assert box.targets == ["polres@banjar.example"]

    def test_who_asked_cannot_approve_and_an_admin_must_have_asked(self, team: Team) -> None:
        asked = team.ask(team.police())
        with team.store.write() as session, pytest.raises(ForbiddenError):
            recipients.decide_grant(session, asked.id, True, "", actor="admin", now=NOW)
        with team.store.write() as session:
            demote(session, ["admin"])
        with team.store.write() as session, pytest.raises(ConflictError, match="no admin any more"):
            recipients.decide_grant(session, asked.id, True, "", actor="manager", now=NOW)

    def test_one_of_another_region_lets_nothing_through(self, team: Team) -> None:
        police = team.police(kind=RecipientKind.INTELLIGENCE)
        team.grant(police, "63.71")
        with pytest.raises(ConflictError, match="no live permission"):
            team.propose(police)

    def test_every_place_of_the_alert_must_be_permitted(self, store: Store, tmp_path: Path) -> None:
        team = team_of(store, tmp_path, replace(CLASH, regions=["63.03.05", "63.71"]))
        police = team.police()
        team.grant(police, "63.03")
        with pytest.raises(ConflictError, match="no live permission"):
            team.propose(police)

    @pytest.mark.parametrize("when", ["proposed", "approved"])
    @pytest.mark.parametrize("how", ["revoked", "ended"])
    def test_nothing_goes_when_it_ends_on_the_way(self, team: Team, when: str, how: str) -> None:
        """Between proposal and approval, and between approval and sending."""
        police, box, later = team.police(), Mailbox(), NOW + 2 * HOUR
        given = team.grant(police, days=1, now=NOW - DAY + HOUR)
        found = team.propose(police)
        if when == "approved":
            found = team.decide(found)
        if how == "revoked":
            later = NOW
            with team.store.write() as session:
                recipients.revoke_grant(session, given.id, "Selesai", actor="auditor", now=NOW)
        if when == "proposed":
            with pytest.raises(ConflictError, match="no live permission"):
                team.decide(found, now=later)
        team.send(box, later)
        assert box.seen == []
        if when == "approved":
            follow_reports(team.store, team.settings, later)
            with team.store.read() as session:
                done = repository.escalation(session, found.id)
            assert done.state is EscalationState.FAILED
            assert done.problem == gate.PROBLEMS[Refusal.NO_GRANT]

    def test_no_other_message_reaches_their_address(self, team: Team) -> None:
        """Whoever puts it, and whatever it says it is about."""
        police, box = team.police(), Mailbox()
        team.grant(police)
        other = team.recipient("Posko Bersama Banjar", RecipientKind.OTHER, "posko@banjar.example")
        found = team.decide(team.propose(other))
        with team.store.write() as session:
            for number, about in enumerate(
                (
                    "notice/3",
                    f"escalation/{found.id}",
                    f"escalation/{found.id}/{police}",
                    "escalation/999/1",
                    "digest/1",
                )
            ):
                message = Message(Channel.MAIL, "polres@banjar.example", about, {"subject": "x"}, f"test/{number}")
                put(session, message, now=NOW)
            swapped = Message(
                Channel.MAIL, "polres@banjar.example", f"escalation/{found.id}/{other}", {"subject": "x"}, "test/x"
            )
            put(session, swapped, now=NOW)
        team.send(box)
        assert box.targets == ["posko@banjar.example"]
        with team.store.read() as session:
            assert len(session.scalars(select(DeliveryRow).where(DeliveryRow.failed_at.is_not(None))).all()) == 6

    def test_their_address_under_another_name_needs_the_permission_too(self, team: Team) -> None:
        office = team.recipient("Posko Bersama Banjar", RecipientKind.OTHER, "posko@banjar.example")
        found, box = team.propose(office), Mailbox()
        team.police("posko@banjar.example".replace("posko", "posko2"))
        team.decide(found)
        with team.store.write() as session:  # the police take the same mailbox over
            new = NewRecipient("Polda Kalimantan Selatan", RecipientKind.POLICE, "63", "posko@banjar.example")
            recipients.add_recipient(session, new, actor="admin", now=NOW)
        team.send(box)
        assert box.seen == []
        with pytest.raises(ConflictError, match="no live permission"):
            team.propose(office)

    def test_others_of_the_outbox_are_not_touched(self, team: Team) -> None:
        box = Mailbox()
        with team.store.write() as session:
            put(session, Message(Channel.MAIL, "petugas@kesbang.example", "notice/3", {}, "n/3"), now=NOW)
            put(session, Message(Channel.TELEGRAM, "12345", "notice/3", {}, "n/4"), now=NOW)
        assert run_once(team.store, [box, Mailbox(channel="telegram")], lambda: NOW).sent == 2

    def test_only_for_those_who_need_one(self, team: Team) -> None:
        with pytest.raises(ConflictError, match="needs no permission"):
            team.ask(team.recipient())
        with pytest.raises(InputError):
            team.ask(team.police(), days=91)
        with pytest.raises(InputError):
            team.ask(2, region="11")


class TestCorrections:
    def sent(self, team: Team, *ids: int) -> int:
        found = team.decide(team.propose(*ids))
        team.send(Mailbox())
        follow_reports(team.store, team.settings, NOW)
        return found.id

    @pytest.mark.parametrize(
        ("state", "reason", "said"),
        [
            (REFUTED, "not_a_threat", "bukan ancaman"),
            ("duplicate", "duplicate", "mengulang"),
            (REFUTED, "old_news", "kejadian lama"),
            (REFUTED, "prevention_only", "tentang pencegahan"),
            ("closed", "wrong_place", "tempat kejadiannya keliru"),
        ],
    )
    def test_what_was_reported_and_refuted_is_taken_back(
        self, team: Team, state: str, reason: str | None, said: str
    ) -> None:
        first = self.sent(team, team.recipient(), team.recipient("KPU Banjar", RecipientKind.KPU, "kpu@b.example"))
        team.set_state(state, reason)
        assert follow_reports(team.store, team.settings, NOW + HOUR) == 1
        assert follow_reports(team.store, team.settings, NOW + HOUR) == 0
        with team.store.read() as session:
            (due, _) = repository.of_alert(session, team.alert)
        assert (due.kind, due.corrects_id, due.proposed_by) == (ReportKind.RALAT, first, "waspada")
        assert due.expires_at is None
        assert said in due.bodies["id"].text
        assert "lempar batu" not in due.bodies["id"].text
        box = Mailbox()
        team.decide(due, actor="liaison", now=NOW + 2 * DAY)
        team.send(box, NOW + 2 * DAY)
        assert box.targets == ["kesbangpol@banjarkab.example", "kpu@b.example"]

    def test_erased_news_are_taken_back_and_leave_no_words(self, team: Team) -> None:
        first = self.sent(team, team.recipient())
        team.set_state("verified", headline=ERASED, why="", level=0)
        follow_reports(team.store, team.settings, NOW + HOUR)
        with team.store.read() as session:
            due, before = repository.of_alert(session, team.alert)
        assert "ditarik, dikoreksi, atau dihapus" in due.bodies["id"].text
        assert (before.id, dict(before.bodies), before.reason) == (first, {}, "")
        assert len(before.body_sha256) == 64

    def test_a_closed_or_reopened_alert_is_not_taken_back(self, team: Team) -> None:
        self.sent(team, team.recipient())
        for state, reason in (("closed", "resolved"), ("acknowledged", None), ("verified", None)):
            team.set_state(state, reason)
            assert follow_reports(team.store, team.settings, NOW + HOUR) == 0

    def test_a_merge_takes_nothing_back_unless_the_other_alert_is(self, team: Team) -> None:
        self.sent(team, team.recipient())
        with team.store.write() as session:
            kept = add_alert(session, CLASH)
            into = session.get_one(AlertRow, kept).story_id
            story = session.get_one(AlertRow, team.alert).story_id
            session.execute(update(StoryRow).where(StoryRow.id == story).values(merged_into=into))
        team.set_state("verified", level=0)
        assert follow_reports(team.store, team.settings, NOW + HOUR) == 0
        with team.store.write() as session:
            session.execute(update(AlertRow).where(AlertRow.id == kept).values(state=REFUTED, reason="old_news"))
        assert follow_reports(team.store, team.settings, NOW + HOUR) == 1

    def test_it_is_withdrawn_when_the_alert_stands_again_and_comes_back(self, team: Team) -> None:
        self.sent(team, team.recipient())
        team.set_state(REFUTED, "old_news")
        follow_reports(team.store, team.settings, NOW)
        team.set_state("verified")
        follow_reports(team.store, team.settings, NOW)
        assert states(team.store) == ["sent", "withdrawn"]
        team.set_state(REFUTED, "old_news")
        follow_reports(team.store, team.settings, NOW)
        assert states(team.store) == ["sent", "withdrawn", "proposed"]

    def test_to_the_police_only_while_they_are_permitted(self, team: Team) -> None:
        police, office = team.police(), team.recipient()
        given = team.grant(police)
        self.sent(team, police, office)
        with team.store.write() as session:
            recipients.revoke_grant(session, given.id, "Selesai", actor="admin", now=NOW)
        team.set_state(REFUTED, "old_news")
        follow_reports(team.store, team.settings, NOW)
        with team.store.read() as session:
            due = repository.of_alert(session, team.alert)[0]
        box = Mailbox()
        done = team.decide(due, actor="liaison")
        team.send(box)
        assert box.targets == ["kesbangpol@banjarkab.example"]
        problems = {one.kind: one.problem for one in done.recipients}
        assert problems[RecipientKind.POLICE] == gate.PROBLEMS[Refusal.NO_GRANT]


class TestWords:
    def test_the_exact_masked_text_is_kept(self, team: Team) -> None:
        found = team.propose(team.recipient(), remark="Hubungi Budi Santoso di 0812-3456-7890")
        text = found.bodies["id"].text
        for part in (
            "LAPORAN ATENSI", "Martapura, Kabupaten Banjar (63.03.05)", "keyakinan model 94 % (sangat mungkin)",
            "Warta Intan (1 berita)",
            "saling lempar batu di depan kantor kecamatan", "Apa yang belum diverifikasi", "Belum ada rilis resmi",
        ):  # fmt: skip
            assert part in text, part
        for part in ("Rudi", "Hartono", "Budi", "0812"):
            assert part not in text
        bodies = {language: {"subject": b.subject, "text": b.text} for language, b in sorted(found.bodies.items())}
        whole = json.dumps(bodies, ensure_ascii=False, sort_keys=True).encode()
        assert found.body_sha256 == hashlib.sha256(whole).hexdigest()
        with team.store.write() as session:  # what is learned later changes nothing of it
            session.execute(update(AlertRow).values(headline="Lain sama sekali"))
            assert repository.escalation(session, found.id).bodies["id"].text == text

    def test_each_in_the_language_of_the_institution(self, team: Team) -> None:
        one = team.recipient()
        two = team.recipient("Redaksi Radar Banjar", RecipientKind.MEDIA, "redaksi@radar.example", language="en")
        box = Mailbox()
        team.decide(team.propose(one, two))
        team.send(box)
        bodies = {sent.target: sent.body["text"] for sent in box.seen}
        assert "Apa yang belum diverifikasi" in bodies["kesbangpol@banjarkab.example"]
        assert "What is not verified yet" in bodies["redaksi@radar.example"]
        assert "94 % (very likely)" in bodies["redaksi@radar.example"]

    def test_posts_are_counted_and_never_quoted(self, store: Store, tmp_path: Path) -> None:
        team = team_of(store, tmp_path, replace(HOAX, regions=["63.03.05"]))
        text = team.propose(team.recipient()).bodies["id"].text
        assert "6 suara publik (hanya dihitung, tidak dikutip)" in text
        assert "tutup jam 10 pagi" not in text
        assert "sosial.example" not in text
        assert "Isi kiriman publik tidak diverifikasi." in text
        assert "Baru satu media" in text

    def test_hostile_words_stay_words(self, store: Store, tmp_path: Path) -> None:
        odd = "«<script>alert(1)</script> \u202eoke\u202c {0} %s {kind} \x07 bentrok terjadi.»"
        report = Report("Warta Intan", "x", odd, url="javascript:alert(1)")
        sample = replace(CLASH, headline="{labels} \u202e<b>", reports=[report])
        team = team_of(store, tmp_path, sample)
        body = team.propose(team.recipient()).bodies["id"]
        assert "\u202e" not in body.text + body.subject
        assert "\x07" not in body.text
        assert "javascript:" not in body.text
        assert "\n" not in body.subject

    def test_words_go_after_two_years_and_the_hash_stays(self, team: Team) -> None:
        found = team.propose(team.recipient(), remark="Mohon dijaga")
        assert purge(team.store, NOW + timedelta(days=729)).reports == 0
        assert purge(team.store, NOW + timedelta(days=731)).reports == 1
        assert purge(team.store, NOW + timedelta(days=731)).reports == 0
        with team.store.read() as session:
            kept = repository.escalation(session, found.id)
        assert (dict(kept.bodies), kept.remark, kept.reason) == ({}, "", "")
        assert (kept.body_sha256, kept.proposed_by) == (found.body_sha256, "liaison")

    @pytest.mark.parametrize("is_sent", [True, False])
    def test_an_erasure_takes_them_out_of_the_outbox_and_stops_what_waits(self, team: Team, is_sent: bool) -> None:
        found, box = team.propose(team.recipient()), Mailbox()
        team.decide(found)
        if is_sent:
            team.send(box, NOW + HOUR)
        with team.store.write() as session:
            of_story = select(StoryItemRow.item_id).join(AlertRow, AlertRow.story_id == StoryItemRow.story_id)
            gone = session.scalars(of_story.where(AlertRow.id == found.alert_id)).all()
            erase_items(session, gone, NOW + HOUR, cause=Cause.REQUEST)
        team.send(box, NOW + 2 * HOUR)
        assert len(box.seen) == is_sent
        with team.store.read() as session:
            (row,) = session.scalars(select(DeliveryRow)).all()
        assert (row.body, row.sent_at is not None, row.failed_at is not None) == ({}, is_sent, not is_sent)


class TestOutcome:
    def test_one_that_refuses_does_not_fail_the_others(self, team: Team) -> None:
        one, two = team.recipient(), team.recipient("KPU Banjar", RecipientKind.KPU, "kpu@b.example")
        found = team.decide(team.propose(one, two))

        class Half(Mailbox):
            def send(self, delivery):  # type: ignore[no-untyped-def]
                return GivenUp("550 no such mailbox") if delivery.target == "kpu@b.example" else super().send(delivery)

        team.send(Half())
        follow_reports(team.store, team.settings, NOW)
        with team.store.read() as session:
            done = repository.escalation(session, found.id)
            counted = repository.counts_by_kind(session, NOW - DAY, NOW + DAY)
        assert (done.state, done.problem) == (EscalationState.SENT, "550 no such mailbox")
        assert counted == {RecipientKind.KESBANGPOL: 1}

    def test_a_mail_that_came_back_reached_nobody(self, team: Team) -> None:
        one, two = team.recipient(), team.recipient("KPU Banjar", RecipientKind.KPU, "kpu@b.example")
        found = team.decide(team.propose(one, two))
        team.send(Mailbox())
        follow_reports(team.store, team.settings, NOW)
        with team.store.read() as session:
            ids = session.scalars(select(DeliveryRow.id).order_by(DeliveryRow.id)).all()
        states = []
        for id_ in [*ids, ids[-1]]:
            with team.store.write() as session:
                note(session, Bounce(id_, Read.FINAL, "5.1.1"), now=NOW + HOUR)
            with team.store.read() as session:
                states.append(repository.escalation(session, found.id).state)
        assert states == [EscalationState.SENT, EscalationState.FAILED, EscalationState.FAILED]
        with team.store.read() as session:
            done = repository.escalation(session, found.id)
            told = session.scalars(select(AlertEventRow.action).where(AlertEventRow.action == "report_failed")).all()
            assert repository.counts_by_kind(session, NOW - DAY, NOW + DAY) == {}
        assert {one.problem for one in done.recipients} == {"The mail came back."}
        assert len(told) == 1

    def test_counts_are_of_what_reached_somebody_in_the_time(self, team: Team) -> None:
        police = team.police()
        team.grant(police)
        found = team.decide(team.propose(police, team.recipient()))
        with team.store.read() as session:
            assert repository.counts_by_kind(session, NOW - DAY, NOW + DAY) == {}
        team.send(Mailbox())
        follow_reports(team.store, team.settings, NOW)
        with team.store.read() as session:
            both = {RecipientKind.KESBANGPOL: 1, RecipientKind.POLICE: 1}
            assert repository.counts_by_kind(session, NOW, NOW + HOUR) == both
            assert repository.counts_by_kind(session, NOW - HOUR, NOW) == {}
            assert repository.counts_by_kind(session, NOW + HOUR, NOW + DAY) == {}
        assert found.id

    def test_a_message_that_was_purged_is_not_waited_for(self, team: Team) -> None:
        found = team.decide(team.propose(team.recipient()))
        with team.store.write() as session:
            session.query(DeliveryRow).delete()
        follow_reports(team.store, team.settings, NOW)
        with team.store.read() as session:
            assert repository.escalation(session, found.id).state is EscalationState.FAILED
            assert session.scalars(select(EscalationRecipientRow.sent_at)).one() is None


class TestRaising:
    def bound(self, team: Team, *regions: str) -> None:
        with team.store.write() as session:
            for region in regions:
                session.add(
                    UserRow(name=f"petugas-{region}", role="liaison", region=region, active=True, created_at=NOW)
                )

    def raise_up(self, team: Team, within: str | None) -> str | None:
        with team.store.write() as session:
            return service.raise_up(
                session, team.alert, "Meluas", actor="liaison", settings=team.settings, now=NOW, within=within
            ).desk

    def test_it_goes_to_the_nearest_desk_above_with_a_notice(self, team: Team) -> None:
        self.bound(team, "63.03.05", "63.03")
        assert self.raise_up(team, "63.03.05") == "63.03"
        with team.store.read() as session:
            notice = session.scalars(select(NoticeRow)).one()
            assert (notice.desk, notice.kind, notice.ready_at) == ("63.03", "raised", NOW)
            assert notice.facts["level"] == 3
            assert alerts.summary(session, team.alert).raised_to == ["63.03"]
        assert self.raise_up(team, "63.03") == "63"
        with pytest.raises(ConflictError, match="already"):
            self.raise_up(team, "63.03")
        with pytest.raises(ConflictError, match="no desk"):
            self.raise_up(team, None)

    def test_a_level_without_a_desk_is_passed_over(self, team: Team) -> None:
        assert self.raise_up(team, "63.03.05") == "63"

    def test_only_what_was_verified(self, team: Team) -> None:
        team.set_state("acknowledged")
        with pytest.raises(ConflictError):
            self.raise_up(team, "63.03")
        team.set_state("verified")
        with pytest.raises(NotFoundError):
            self.raise_up(team, "63.71")


def test_what_the_office_wrote_stands_around_its_reports_of_that_kind(team: Team) -> None:
    blocks = {
        "letterhead": "Kesbangpol {wilayah}",
        "title": "Atensi {nomor}",
        "opening": "Dengan hormat,",
        "closing": "Demikian, {tanggal}.",
        "signature": "Kepala kantor",
    }
    plain = team.propose(team.recipient())
    with team.store.write() as session:
        save_texts(session, Kind.ATENSI, "id", blocks, version=0, actor="admin", now=NOW)
    other = team.propose(team.recipient("Kesbangpol Kota Lain", address="b@banjarkab.example"))
    text = other.bodies["id"].text
    assert text.startswith(f"Kesbangpol Martapura, Kabupaten Banjar\n\nATENSI LA/{team.alert}/20241120\n")
    order = [
        text.index(said) for said in ("Dengan hormat,", "1. Apa yang", "Demikian, 20/11/2024.", "Kepala kantor", "-- ")
    ]
    assert order == sorted(order)
    assert other.bodies["en"] == plain.bodies["en"]
    with team.store.read() as session:
        facts = facts_of(session, team.alert)
        special = service.preview(session, facts, ReportKind.KHUSUS, "", team.settings, NOW)
    assert "Dengan hormat" not in special["id"].text
    assert plain.bodies["id"].text.startswith("LAPORAN ATENSI (KEWASPADAAN DINI)\n")
