"""The machine as it is seen from outside: readiness, the page, metrics; and webhooks by API and console."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from tests.api.conftest import Client, Desk, form_token
from tests.api.sample import NOW
from waspada.access import Role, Scope
from waspada.processes import repository
from waspada.store.tables import AuditRow, DeliveryRow, RejectRow, WebhookRow


def beat(desk: Desk, role: str, *, ago: timedelta = timedelta(0), pid: int = 7, **detail: Any) -> None:
    with desk.store.write() as session:
        repository.beat(
            session, role, "abc", pid, started_at=NOW - timedelta(days=1), now=desk.clock.now - ago, version="1",
            detail=detail,
        )  # fmt: skip


class TestReady:
    def test_a_desk_whose_processes_live_is_ready(self, desk: Desk) -> None:
        beat(desk, "collector")
        beat(desk, "worker", model="waspada-id-v1", touched_at=NOW.isoformat())
        answer = desk.stranger().get("/api/v1/ready")
        assert answer.status_code == 200
        assert set(answer.json()["checks"].values()) == {"ok"}

    def test_the_process_that_is_silent_is_named(self, desk: Desk) -> None:
        beat(desk, "collector")
        beat(desk, "worker", ago=timedelta(minutes=3))
        answer = desk.stranger().get("/api/v1/ready")
        assert answer.status_code == 503
        checks = answer.json()["checks"]
        assert checks["worker"].startswith("is silent")
        assert checks["collector"] == "ok"

    def test_one_that_hangs_is_named_although_it_beats(self, desk: Desk) -> None:
        beat(desk, "collector")
        beat(desk, "worker", touched_at=(NOW - timedelta(hours=2)).isoformat())
        assert desk.stranger().get("/api/v1/ready").json()["checks"]["worker"].startswith("does not go on")

    def test_a_second_worker_that_lives_is_enough(self, desk: Desk) -> None:
        beat(desk, "worker", ago=timedelta(hours=1), pid=1)
        beat(desk, "worker", pid=2)
        assert desk.stranger().get("/api/v1/ready").status_code == 200

    def test_a_database_of_another_version_is_not_ready(self, desk: Desk) -> None:
        with desk.store.write() as session:
            session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        answer = desk.stranger().get("/api/v1/ready")
        assert answer.status_code == 503
        assert answer.json()["checks"]["migrations"].startswith("at 0001")

    def test_a_database_that_is_gone_is_not_ready_and_says_nothing_of_itself(self, desk: Desk) -> None:
        with desk.store.write() as session:
            session.connection().exec_driver_sql("DROP TABLE processes")
        if desk.store.is_sqlite:
            answer = desk.stranger().get("/api/v1/ready")
            assert answer.status_code == 503
            assert answer.json()["checks"] == {"database": "StoreError"}
        assert desk.stranger().get("/api/v1/health").json() == {"status": "ok"}


class TestMachine:
    def test_an_operator_sees_processes_queues_and_disk_and_no_news(self, desk: Desk) -> None:
        beat(desk, "worker", ago=timedelta(hours=2))
        found = desk.program(Role.OPERATOR).get("/api/v1/operations").json()
        assert found["processes"][0]["life"] == "silent"
        assert found["ready"] is False
        assert found["queues"]["rejects"] >= 1
        page = desk.browser(Role.ADMIN).get("/operations").text
        assert "Meja belum siap" in page
        assert "Pekerja" in page
        assert "Bentrok" not in page

    def test_a_hostile_problem_is_harmless(self, desk: Desk) -> None:
        with desk.store.write() as session:
            problem = "<script>alert(1)</script> \u202e kirim ke ani@surel.example"
            session.add(RejectRow(at=NOW, stage="tag", object="item 9", problem=problem))
        page = desk.browser(Role.OPERATOR).get("/operations").text
        assert "<script>alert" not in page
        assert "\u202e" not in page

    def test_looking_is_in_the_audit_log(self, desk: Desk) -> None:
        desk.program(Role.OPERATOR).get("/api/v1/operations")
        with desk.store.read() as session:
            assert session.scalars(select(AuditRow.action).order_by(AuditRow.id.desc())).first() == "process.read"


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


class TestMetrics:
    def test_what_is_counted(self, desk: Desk) -> None:
        beat(desk, "worker", model="waspada-id-v1", model_seconds=2.5)
        client = desk.program(Role.OPERATOR)
        client.get("/api/v1/sources")
        client.ask("HEAD", "/api/v1/sources")
        client.get("/api/v1/nothing")
        found = samples(client.get("/metrics").text)

        def value(name: str, **labels: str) -> float:
            return found[name, tuple(sorted(labels.items()))]

        asked = {"method": "GET", "route": "/api/v1/sources", "status": "200"}
        assert value("waspada_http_requests_total", **asked) == 1
        assert value("waspada_http_requests_total", **asked | {"method": "HEAD"}) == 1
        assert value("waspada_http_requests_total", method="GET", route="other", status="404") == 1
        assert value("waspada_http_request_seconds_count", route="/api/v1/sources") == 2
        assert value("waspada_alerts", level="3", state="new") == 1
        assert value("waspada_processes_alive", role="worker") == 1
        assert value("waspada_model_load_seconds", model="waspada-id-v1") == 2.5
        assert value("waspada_queue_rows", queue="rejects") >= 1
        assert value("waspada_newest_item_age_seconds") > 0
        assert value("waspada_bytes", what="database") > 0

    def test_labels_hold_no_content_and_no_names_and_do_not_grow(self, desk: Desk) -> None:
        client = desk.program(Role.ADMIN)

        def one_round(start: int) -> str:
            for number in range(start, start + 15):
                client.get(f"/api/v1/items/{number}?x={number}")
                client.get(f"/cari/{number}-sarwanto")
                client.ask("PROPFIND", f"/{number}")
                beat(desk, "worker", pid=number)
                with desk.store.write() as session:
                    session.add(RejectRow(at=NOW, stage=f"s{number}", object=f"item {number}", problem="x"))
            return client.get("/metrics").text

        one_round(1)
        before, text = one_round(1000), one_round(2000)
        assert samples(before).keys() == samples(text).keys()
        for hidden in ("sarwanto", "admin-admin-all", "warta-intan", "Bentrok", "PROPFIND"):
            assert hidden not in text
        names = {name for _, labels in samples(text) for name, _ in labels}
        assert names <= {"method", "route", "status", "le", "check", "queue", "stage", "level", "state", "channel",
                         "role", "model", "what", "version", "kind"}  # fmt: skip

    def test_the_store_says_the_same_whichever_process_answers(self, desk: Desk) -> None:
        texts = [desk.program(role).get("/metrics").text for role in (Role.OPERATOR, Role.ADMIN)]
        of_store = [
            {key: n for key, n in samples(text).items() if not key[0].startswith(("waspada_http", "waspada_bytes"))}
            for text in texts
        ]
        assert of_store[0] == of_store[1]

    def test_strangers_and_liaisons_get_nothing(self, desk: Desk) -> None:
        assert desk.stranger().get("/metrics").status_code == 401
        assert desk.program(Role.LIAISON).get("/metrics").status_code == 403

    def test_this_machine_reads_without_a_token_only_where_that_is_set(self, desk: Desk) -> None:
        context = desk.app.state.context
        settings = context.settings.model_copy(update={"metrics_open_on_loopback": True})
        desk.app.state.context = replace(context, settings=settings)
        assert desk.stranger().get("/metrics").status_code == 200
        proxied = {"X-Forwarded-For": "203.0.113.9"}
        assert desk.stranger(**proxied).get("/metrics").status_code == 401
        assert desk.new_client(base="http://waspada.example").get("/metrics").status_code == 421
        assert desk.stranger(Authorization="Bearer wsp_" + "x" * 43).get("/metrics").status_code == 401


NEW = {"title": "Posko", "url": "https://posko.example/terima", "region": "63.03", "min_level": 2}


@pytest.fixture
def admin(desk: Desk) -> Client:
    return desk.program(Role.ADMIN)


class TestWebhooks:
    def test_the_secret_is_shown_once_and_stored_nowhere(self, desk: Desk, admin: Client) -> None:
        made = admin.post("/api/v1/webhooks", json=NEW)
        assert made.status_code == 201
        secret = made.json()["secret"]
        assert re.fullmatch(r"whsec_[A-Za-z0-9+/=]{44}", secret)
        id_ = made.json()["webhook"]["id"]
        for path in ("/api/v1/webhooks", f"/api/v1/webhooks/{id_}", f"/api/v1/webhooks/{id_}/deliveries"):
            assert secret not in admin.get(path).text
        with desk.store.read() as session:
            stored = repr([row.__dict__ for row in session.scalars(select(WebhookRow))])
            log = repr([row.detail for row in session.scalars(select(AuditRow))])
        assert secret.removeprefix("whsec_") not in stored + log
        assert "posko.example" in log

    def test_its_life(self, desk: Desk, admin: Client) -> None:
        id_ = admin.post("/api/v1/webhooks", json=NEW).json()["webhook"]["id"]
        assert admin.post(f"/api/v1/webhooks/{id_}/test").status_code == 202
        (sent,) = admin.get(f"/api/v1/webhooks/{id_}/deliveries").json()["data"]
        assert (sent["type"], sent["state"]) == ("webhook.test", "waiting")
        assert admin.post(f"/api/v1/webhooks/{id_}/deliveries/{sent['id']}/again").status_code == 409
        assert admin.post(f"/api/v1/webhooks/{id_}/pause").json()["active"] is False
        assert admin.post(f"/api/v1/webhooks/{id_}/test").status_code == 409
        with desk.store.read() as session:
            assert session.scalars(select(DeliveryRow)).one().dropped_at is not None
        assert admin.post(f"/api/v1/webhooks/{id_}/resume").json()["active"] is True
        assert admin.post(f"/api/v1/webhooks/{id_}/deliveries/{sent['id']}/again").status_code == 202
        first = admin.post(f"/api/v1/webhooks/{id_}/secret").json()["secret"]
        assert first != admin.post(f"/api/v1/webhooks/{id_}/secret").json()["secret"]
        assert admin.ask("DELETE", f"/api/v1/webhooks/{id_}").status_code == 204
        assert admin.get(f"/api/v1/webhooks/{id_}").status_code == 404

    @pytest.mark.parametrize(
        "change",
        [
            {"url": "http://posko.example/"}, {"url": "https://127.0.0.1/"}, {"title": ""}, {"internal": True},
            {"region": "63.99"}, {"label": "siapa saja"}, {"state": "x"}, {"q": "nama orang"}, {"min_level": 9},
        ],
    )  # fmt: skip
    def test_what_does_not_fit_is_refused(self, admin: Client, change: dict[str, Any]) -> None:
        assert admin.post("/api/v1/webhooks", json=NEW | change).status_code == 422

    def test_an_admin_of_a_region_sees_and_sets_up_that_region_only(self, desk: Desk, admin: Client) -> None:
        all_ = admin.post("/api/v1/webhooks", json=NEW | {"region": None}).json()["webhook"]["id"]
        bound = desk.program(Role.ADMIN, Scope.ADMIN, region="63.03")
        assert bound.get("/api/v1/webhooks").json()["data"] == []
        assert bound.get(f"/api/v1/webhooks/{all_}").status_code == 404
        assert bound.ask("DELETE", f"/api/v1/webhooks/{all_}").status_code == 404
        assert bound.post("/api/v1/webhooks", json=NEW | {"region": "63"}).status_code == 404
        assert bound.post("/api/v1/webhooks", json=NEW).status_code == 201

    def test_by_the_console(self, desk: Desk) -> None:
        browser = desk.browser(Role.ADMIN)
        form = {
            "title": "Posko <b>",
            "url": NEW["url"],
            "min_level": "2",
            "csrf": form_token(browser.get("/webhooks").text),
        }
        bad = browser.post("/webhooks", data=form | {"url": "http://posko.example/"})
        assert bad.status_code == 422
        assert "tidak dapat dipasang" in bad.text
        made = browser.post("/webhooks", data=form)
        assert made.status_code == 200
        assert "whsec_" in made.text
        assert "Posko &lt;b&gt;" in made.text
        with desk.store.read() as session:
            id_ = session.scalars(select(WebhookRow.id)).one()
        assert "whsec_" not in browser.get(f"/webhooks/{id_}").text
        csrf = {"csrf": form["csrf"]}
        for step in ("test", "pause", "resume"):
            assert browser.post(f"/webhooks/{id_}/{step}", data=csrf).status_code == 303
        assert "whsec_" in browser.post(f"/webhooks/{id_}/secret", data=csrf).text
        assert browser.post(f"/webhooks/{id_}/pause", data={"csrf": "0" * 64}).status_code == 403
        assert browser.post(f"/webhooks/{id_}/remove", data=csrf).status_code == 303
        assert "Tidak ada webhook" in browser.get("/webhooks").text
