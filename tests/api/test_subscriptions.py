"""Subscriptions through the pages and the API: a manager's, a subscriber's behind signed links, and a stranger's."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from tests.api.conftest import Client, Desk, form_token
from tests.notify.senders.servers import Said, http_server
from waspada.access import Role, Scope
from waspada.settings import Settings
from waspada.store.tables import AuditRow, DeliveryRow, SubscriptionRow
from waspada.subscriptions.links import SubscriptionLinks

HOUR = timedelta(hours=1)
NEW = {"channel": "mail", "address": "camat@kantor.example", "region": "63.03"}
FORM = {**NEW, "min_level": "2", "hour": "7", "zone": "WITA", "period": "daily", "language": "id", "days": ["0", "2"]}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def manager(desk: Desk) -> Client:
    return desk.program(Role.SUBSCRIBER_MANAGER)


def settings_of(desk: Desk) -> Settings:
    found = desk.app.state.context.settings
    assert isinstance(found, Settings)
    return found


def row(desk: Desk, id_: int = 1) -> SubscriptionRow:
    with desk.store.read() as session:
        found = session.get_one(SubscriptionRow, id_)
        session.expunge(found)
        return found


def links(desk: Desk) -> SubscriptionLinks:
    return SubscriptionLinks(settings_of(desk).secret_key)


def confirmed(desk: Desk, manager: Client, **given: Any) -> int:
    answer = manager.post("/api/v1/subscriptions", json={**NEW, **given})
    assert answer.status_code == 201, answer.text
    id_ = int(answer.json()["id"])
    assert desk.stranger().post(links(desk).confirm(id_, 1, desk.clock())).status_code == 200
    return id_


def switched(desk: Desk, **given: Any) -> None:
    """Other settings, as after a restart."""
    context = desk.app.state.context
    object.__setattr__(context, "settings", context.settings.model_copy(update=given))


class TestApi:
    def test_the_way_of_one(self, desk: Desk, manager: Client) -> None:
        made = manager.post("/api/v1/subscriptions", json=NEW)
        assert made.status_code == 201
        one = made.json()
        assert (one["state"], one["address"], one["next_due_at"]) == ("waiting", "c•••@kantor.example", None)
        path = f"/api/v1/subscriptions/{one['id']}"
        desk.stranger().post(links(desk).confirm(one["id"], 1, desk.clock()))
        assert manager.get(path).json()["state"] == "active"
        changed = manager.ask("PUT", path, json={"region": "63.71", "hour": 9, "zone": "WIB", "days": [1]})
        assert (changed.json()["region"]["code"], changed.json()["hour"]) == ("63.71", 9)
        paused = manager.post(f"{path}/pause", json={"until": "2024-12-01"})
        assert paused.json()["state"] == "paused"
        assert manager.post(f"{path}/resume").json()["state"] == "active"
        assert manager.post(f"{path}/end").json()["end_reason"] == "manager"
        assert manager.get("/api/v1/subscriptions?state=ended").json()["data"][0]["id"] == one["id"]
        assert [line["kind"] for line in manager.get(f"{path}/sends").json()["data"]] == ["opt_in"]

    def test_no_answer_holds_an_address(self, desk: Desk, manager: Client) -> None:
        id_ = confirmed(desk, manager)
        for path in ("", f"/{id_}", f"/{id_}/sends"):
            assert "camat@" not in manager.get(f"/api/v1/subscriptions{path}").text
        assert "camat" not in manager.get("/api/v1/deliveries").text
        with desk.store.read() as session:
            lines = session.scalars(select(AuditRow).where(AuditRow.action == "subscription.change")).all()
            assert {line.object for line in lines} == {f"subscription/{id_}"}
            assert not any("camat" in repr(line.detail) for line in lines)
            assert {line.actor for line in lines} == {"subscriber-manager-write-all", "subscriber"}

    def test_a_region_bounds_a_manager(self, desk: Desk, manager: Client) -> None:
        confirmed(desk, manager)
        bound = desk.program(Role.SUBSCRIBER_MANAGER, region="63.71")
        assert bound.get("/api/v1/subscriptions").json()["data"] == []
        assert bound.get("/api/v1/deliveries").json()["data"] == []
        for ask in (
            bound.get("/api/v1/subscriptions/1"),
            bound.post("/api/v1/subscriptions/1/end"),
            bound.post("/api/v1/subscriptions", json={**NEW, "address": "x@kantor.example"}),
            bound.post("/api/v1/subscriptions/preview", json={"region": "63"}),
        ):
            assert ask.status_code == 404

    @pytest.mark.parametrize("role", [Role.LIAISON, Role.ANALYST, Role.OPERATOR])
    def test_who_has_no_business_here(self, desk: Desk, role: Role) -> None:
        client = desk.program(role)
        assert client.get("/api/v1/subscriptions").status_code == 403
        assert client.post("/api/v1/subscriptions", json=NEW).status_code == 403

    def test_an_auditor_looks_and_a_reading_token_changes_nothing(self, desk: Desk, manager: Client) -> None:
        confirmed(desk, manager)
        auditor, reads = desk.program(Role.AUDITOR), desk.program(Role.SUBSCRIBER_MANAGER, Scope.READ)
        for one in (auditor, reads):
            assert one.get("/api/v1/subscriptions/1").status_code == 200
            assert one.post("/api/v1/subscriptions/1/end").status_code == 403

    @pytest.mark.parametrize(
        "wrong",
        [{"region": "63.99"}, {"hour": 22}, {"days": []}, {"labels": ["politik"]}, {"address": "x"}, {"zone": "UTC"},
         {"channel": "push"}, {"min_level": 0}, {"address": "humas@polri.go.id"},
         {"address": "a@b.example\r\nBcc: c@d.example"},
         {"labels": ["election"]}, {"days": [9]}, {"extra": 1}],
    )  # fmt: skip
    def test_what_cannot_be(self, manager: Client, wrong: dict[str, Any]) -> None:
        assert manager.post("/api/v1/subscriptions", json={**NEW, **wrong}).status_code == 422

    def test_a_preview_keeps_and_sends_nothing(self, desk: Desk, manager: Client) -> None:
        shown = manager.post("/api/v1/subscriptions/preview", json={"region": "63"}).json()
        assert shown["subject"]
        assert len(shown["chat"]) <= 3800
        with desk.store.read() as session:
            assert session.scalar(select(func.count()).select_from(DeliveryRow)) == 0
            assert session.scalar(select(func.count()).select_from(SubscriptionRow)) == 0

    def test_asking_again_has_its_pace(self, desk: Desk, manager: Client) -> None:
        manager.post("/api/v1/subscriptions", json=NEW)
        assert manager.post("/api/v1/subscriptions/1/opt-in").status_code == 409
        desk.clock.forward(HOUR)
        assert manager.post("/api/v1/subscriptions/1/opt-in").status_code == 200


class TestLinks:
    def test_opening_one_does_nothing(self, desk: Desk, manager: Client) -> None:
        manager.post("/api/v1/subscriptions", json=NEW)
        stranger, path = desk.stranger(), links(desk).confirm(1, 1, desk.clock())
        for _ in range(3):
            page = stranger.get(path)
            assert page.status_code == 200
            assert 'method="post"' in page.text
        assert stranger.ask("HEAD", path).status_code == 200
        assert row(desk).confirmed_at is None
        stranger.post(path)
        way_out = links(desk).unsubscribe(1, 1)
        assert stranger.get(way_out).status_code == 200
        assert row(desk).ended_at is None

    def test_one_tap_leaves_without_cookie_or_form_token(self, desk: Desk, manager: Client) -> None:
        """RFC 8058: as a mail program posts it, in either encoding, twice."""
        confirmed(desk, manager)
        path = links(desk).unsubscribe(1, 1)
        assert desk.stranger().post(path, data=ONE_CLICK).status_code == 200
        assert (row(desk).end_reason, row(desk).next_due_at) == ("unsubscribed", None)
        again = desk.stranger().post(path, files={"List-Unsubscribe": (None, "One-Click")})
        assert again.status_code == 200

    def test_after_the_end_no_other_link_is_good(self, desk: Desk, manager: Client) -> None:
        confirmed(desk, manager)
        manage = links(desk).manage(1, 1, desk.clock())
        desk.stranger().post(links(desk).unsubscribe(1, 1))
        for method in ("GET", "POST"):
            assert desk.stranger().ask(method, manage).status_code == 404
            assert desk.stranger().ask(method, links(desk).confirm(1, 1, desk.clock())).status_code == 404

    @pytest.mark.parametrize("kind", ["subscription/confirm", "subscription/manage", "unsubscribe"])
    @pytest.mark.parametrize("word", ["x", "A" * 49, "..%2F..", "%3Cscript%3E", "A" * 100])
    def test_noise_is_no_link(self, desk: Desk, kind: str, word: str) -> None:
        for method in ("GET", "POST"):
            answer = desk.stranger().ask(method, f"/{kind}/{word}")
            assert answer.status_code == 404
            assert "<script" not in answer.text.lower().partition("<body")[2].replace("<script src", "")

    def test_an_old_link_has_run_out(self, desk: Desk, manager: Client) -> None:
        manager.post("/api/v1/subscriptions", json=NEW)
        path = links(desk).confirm(1, 1, desk.clock())
        desk.clock.forward(timedelta(days=8))
        assert desk.stranger().post(path).status_code == 404
        assert row(desk).confirmed_at is None

    def test_a_person_changes_pauses_and_leaves(self, desk: Desk, manager: Client) -> None:
        confirmed(desk, manager)
        path, who = links(desk).manage(1, 1, desk.clock()), desk.stranger()
        page = who.get(path)
        assert page.status_code == 200
        assert "c•••@kantor.example" in page.text
        shown = who.post(path, data={**FORM, "step": "preview", "region": "63"})
        assert shown.status_code == 200
        assert '<pre class="text"' in shown.text
        assert row(desk).region == "63.03"
        with desk.store.read() as session:
            (line,) = session.scalars(select(AuditRow).where(AuditRow.action == "digest.make")).all()
        assert (line.actor, line.object) == ("subscriber", "region/63")
        assert line.detail == {"how": "preview", "subscription": 1, "by": "link"}
        assert who.post(path, data={**FORM, "step": "changed", "region": "63.71", "hour": "9"}).status_code == 200
        assert (row(desk).region, row(desk).hour, row(desk).days) == ("63.71", 9, 5)
        assert who.post(path, data={"step": "paused", "until": "2024-12-01"}).status_code == 200
        assert row(desk).paused_until is not None
        assert who.post(path, data={"step": "resumed"}).status_code == 200
        assert who.post(path, data={"step": "revoked"}).status_code == 200
        assert who.get(path).status_code == 404
        newer = links(desk).manage(1, 2, desk.clock())
        assert who.post(newer, data={"step": "ended"}).status_code == 200
        assert row(desk).end_reason == "unsubscribed"

    def test_previews_have_their_pace(self, desk: Desk, manager: Client) -> None:
        confirmed(desk, manager)
        path = links(desk).manage(1, 1, desk.clock())
        answers = [desk.stranger().post(path, data={**FORM, "step": "preview"}) for _ in range(12)]
        assert [one.status_code for one in answers[:10]] == [200] * 10
        assert answers[-1].status_code == 429
        assert '<pre class="text"' not in answers[-1].text
        assert desk.stranger().post(path, data={**FORM, "step": "changed", "hour": "9"}).status_code == 200

    def test_another_address_must_confirm(self, desk: Desk, manager: Client) -> None:
        confirmed(desk, manager)
        desk.clock.forward(HOUR)
        path = links(desk).manage(1, 1, desk.clock())
        for wrong in ("x", "humas@polri.go.id", "a@b.example\r\nBcc: c@d.example"):
            assert desk.stranger().post(path, data={"step": "address", "address": wrong}).status_code == 422
        moved = desk.stranger().post(path, data={"step": "address", "address": "lurah@kantor.example"})
        assert moved.status_code == 200
        assert row(desk).confirmed_at is None
        assert desk.stranger().get(path).status_code == 404

    @pytest.mark.parametrize(
        "wrong",
        [{"step": "x"}, {"step": "changed", "hour": "23"}, {"step": "changed", "region": "<script>"},
         {"step": "paused"}, {"step": "paused", "until": "2019-01-01"}, {"step": "changed", "labels": "<b>"}, {}],
    )  # fmt: skip
    def test_wrong_steps_change_nothing(self, desk: Desk, manager: Client, wrong: dict[str, str]) -> None:
        confirmed(desk, manager)
        answer = desk.stranger().post(links(desk).manage(1, 1, desk.clock()), data=wrong)
        assert answer.status_code == 422
        assert "<script>" not in answer.text
        assert row(desk).hour == 7

    def test_a_body_of_ten_megabytes_is_refused(self, desk: Desk, manager: Client) -> None:
        confirmed(desk, manager)
        switched(desk, self_service=True)
        big = b"address=" + b"a" * 10_000_000
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        for path in (links(desk).manage(1, 1, desk.clock()), links(desk).unsubscribe(1, 1), "/subscribe"):
            assert desk.stranger().post(path, content=big, headers=headers).status_code == 413
        assert row(desk).ended_at is None


class TestStrangers:
    def ask(self, client: Client, **given: Any) -> Any:
        csrf = form_token(client.get("/subscribe").text)
        return client.post("/subscribe", data={**FORM, "csrf": csrf, **given})

    def test_closed_unless_the_operator_opens_it(self, desk: Desk) -> None:
        for method in ("GET", "POST"):
            assert desk.stranger().ask(method, "/subscribe").status_code == 404

    def test_known_or_not_the_answer_is_the_same(self, desk: Desk, manager: Client) -> None:
        switched(desk, self_service=True)
        client = desk.stranger()
        first, second = self.ask(client), self.ask(client)
        assert first.status_code == second.status_code == 200
        assert _without_tokens(first.text) == _without_tokens(second.text)
        with desk.store.read() as session:
            assert session.scalar(select(func.count()).select_from(SubscriptionRow)) == 1
            assert session.scalar(select(func.count()).select_from(DeliveryRow)) == 1
        assert row(desk).created_by == "subscriber"

    def test_no_stranger_is_shown_a_digest(self, desk: Desk) -> None:
        """What stands in it may not be verified."""
        switched(desk, self_service=True)
        assert 'value="preview"' not in desk.stranger().get("/subscribe").text
        assert '<pre class="text"' not in self.ask(desk.stranger(), step="preview").text

    def test_a_form_of_another_site_and_too_many_at_once(self, desk: Desk) -> None:
        switched(desk, self_service=True)
        client = desk.stranger()
        assert client.post("/subscribe", data=FORM).status_code == 403
        answers = [self.ask(client, address=f"p{n}@kantor.example").status_code for n in range(12)]
        assert answers[:10] == [200] * 10
        assert answers[-1] == 429

    def test_html_in_every_field_stays_text(self, desk: Desk) -> None:
        switched(desk, self_service=True)
        nasty = "<script>alert(1)</script>"
        answer = self.ask(desk.stranger(), address=nasty)
        assert answer.status_code == 422
        assert nasty not in answer.text
        for name in ("region", "language", "zone", "labels"):
            assert nasty not in self.ask(desk.stranger(), **{name: nasty[:13]}).text


class TestConsole:
    def test_a_manager_adds_previews_and_imports(self, desk: Desk) -> None:
        manager = desk.browser(Role.SUBSCRIBER_MANAGER)
        csrf = form_token(manager.get("/subscriptions").text)
        shown = manager.post("/subscriptions", data={**FORM, "csrf": csrf, "step": "preview"})
        assert '<pre class="text"' in shown.text
        assert 'value="camat@kantor.example"' in shown.text
        added = manager.post("/subscriptions", data={**FORM, "csrf": csrf, "step": "add"})
        assert (added.status_code, added.headers["location"]) == (303, "/subscriptions/1")
        assert "c•••@kantor.example" in manager.get("/subscriptions/1").text
        lines = (
            "address,region,days,hour,period\n"
            "lurah@kantor.example,63.03,sen kam,6,daily\n"
            "<b>x</b>,63.03,,7,daily\n"
            "sekcam@kantor.example,63.99,,7,daily\n"
        )
        done = manager.post("/subscriptions/import", data={"csrf": csrf, "lines": lines})
        assert done.status_code == 200
        assert "<b>x</b>" not in done.text
        with desk.store.read() as session:
            days = session.scalars(select(SubscriptionRow.days).order_by(SubscriptionRow.id)).all()
        assert days == [5, 9]
        for nonsense in ("", "x", "a,b\n1,2", '"address,region\n'):
            assert manager.post("/subscriptions/import", data={"csrf": csrf, "lines": nonsense}).status_code == 422

    def test_a_chat_is_found_by_the_word_that_its_owner_sent(self, desk: Desk, tmp_path: Path) -> None:
        manager, said = desk.browser(Role.SUBSCRIBER_MANAGER), Said(body=b'{"ok": true, "result": []}')
        csrf = form_token(manager.get("/subscriptions").text)
        form = {**FORM, "csrf": csrf, "channel": "telegram", "address": ""}
        assert manager.post("/subscriptions", data=form).status_code == 303
        word = re.search(r"waspada-[0-9a-f]{16}", manager.get("/subscriptions/1").text)
        assert word is not None
        with http_server(said) as host:
            switched(desk, telegram_token=SecretStr("12345:rahasia"), telegram_api=f"http://{host}")
            assert manager.post("/subscriptions/1/chat", data={"csrf": csrf}).status_code == 409
            chat = {"type": "private", "id": 777888}
            sent = [{"message": {"text": f"/start {word[0]}", "chat": chat}}]
            said.body = json.dumps({"ok": True, "result": sent}).encode()
            assert manager.post("/subscriptions/1/chat", data={"csrf": csrf}).status_code == 303
        assert row(desk).confirmed_at is not None
        assert "•••888" in manager.get("/subscriptions/1").text

    def test_forms_need_their_token(self, desk: Desk) -> None:
        manager = desk.browser(Role.SUBSCRIBER_MANAGER)
        for path in ("", "/import", "/1", "/1/end", "/1/pause", "/1/opt-in", "/1/address", "/1/chat"):
            assert manager.post(f"/subscriptions{path}", data={**FORM, "lines": "x"}).status_code == 403

    def test_deliveries_show_no_words_unless_nothing_is_sent(self, desk: Desk) -> None:
        manager = desk.browser(Role.SUBSCRIBER_MANAGER)
        csrf = form_token(manager.get("/subscriptions").text)
        manager.post("/subscriptions", data={**FORM, "csrf": csrf})
        with desk.store.read() as session:
            (delivery,) = session.scalars(select(DeliveryRow)).all()
            confirm_url = re.search(r"/subscription/confirm/\S+", delivery.body["text"])
        assert confirm_url is not None
        for path in ("/deliveries", f"/deliveries/{delivery.id}", "/deliveries?state=waiting&channel=mail"):
            page = manager.get(path)
            assert page.status_code == 200
            assert confirm_url[0] not in page.text
        operator = desk.browser(Role.OPERATOR)
        assert operator.get("/deliveries").status_code == 200
        assert "/subscriptions/1" not in operator.get(f"/deliveries/{delivery.id}").text


def _without_tokens(page: str) -> str:
    return re.sub(r'value="[^"]*"', "", page)
