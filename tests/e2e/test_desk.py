"""`waspada demo` left running: a first sign-in, a look at the ranking, a step with an alert, a program's token, Ctrl-C.
The smaller model tags here; test_demo.py looks at what the shipped one makes of the same items.

One story in one test, so that parallel test workers start one desk; each step is a function of its own.
"""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

import nlp
from tests.e2e.desks import answers
from tests.e2e.programs import Program, members, until, waspada
from waspada.store import open_url
from waspada.store.tables import ItemRow

_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
#: Everything a person or a program can read; the ids exist in the demo.
_CLOSED_PAGES = ("/", "/alerts", "/alerts/1", "/items/1", "/sources", "/sources/kbb", "/coverage", "/account")
_CLOSED_CALLS = (
    "alerts",
    "alerts/1",
    "alerts/1/history",
    "items/1",
    "stories/1",
    "places?q=banjar",
    "sources",
    "audit",
    "me",
    "tokens",
    "users",
    "rejects",
)


def test_a_first_day_at_the_desk(tmp_path: Path) -> None:
    data = tmp_path / "desk"
    desk = Program("demo", "--data", str(data), WASPADA_MODEL_DIR=str(nlp.shipped(nlp.BASELINE)))
    try:
        base, token = desk.address(), desk.one_time_token()
        until(lambda: answers(base), "an answer of the console", 30)
        _nothing_is_open(base)
        with httpx.Client(base_url=base, timeout=30) as reader:
            assert _sign_in(reader, token).status_code == 303
            _token_is_used_up(base, token)
            alert = _ranked_page_shows_alerts(reader)
            _evidence_is_marked(reader, alert)
            _moves_only_with_its_form(reader, alert)
        _program_reads(base, data, alert)
        _second_demo_is_refused(data)
        _ends_at_once(desk)
    finally:
        desk.close()


def _nothing_is_open(base: str) -> None:
    with httpx.Client(base_url=base, timeout=30) as stranger:
        for path in _CLOSED_PAGES:
            answer = stranger.get(path)
            assert (answer.status_code, urlsplit(answer.headers["location"]).path) == (303, "/login"), path
        for path in _CLOSED_CALLS:
            answer = stranger.get(f"/api/v1/{path}")
            assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json"), path
        assert stranger.post("/api/v1/alerts/1/moves", json={"to": "verified"}).status_code == 401
        assert stranger.post("/alerts/1/move", data={"to": "verified", "revision": "1"}).status_code == 303
        assert "mark" not in stranger.get("/login").text
        assert stranger.get("/api/v1/me", headers={"Authorization": "Bearer wsp_guessed"}).status_code == 401
    other_name = httpx.get(f"{base}/login", headers={"Host": "elsewhere.example"}, timeout=30)
    assert other_name.status_code == 421
    with socket.socket() as far:  # on no other address of this machine
        far.settimeout(2)
        assert far.connect_ex(("127.0.0.2", urlsplit(base).port or 0)) != 0


def _sign_in(client: httpx.Client, token: str) -> httpx.Response:
    fields = dict(_HIDDEN.findall(client.get("/login").text))
    return client.post("/login", data={**fields, "token": token})


def _token_is_used_up(base: str, token: str) -> None:
    with httpx.Client(base_url=base, timeout=30) as second:
        assert _sign_in(second, token).status_code == 401
        assert second.get("/alerts").status_code == 303
        assert second.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def _ranked_page_shows_alerts(reader: httpx.Client) -> str:
    page = reader.get("/alerts")
    assert page.status_code == 200
    links = re.findall(r'<h2><a href="(/alerts/\d+)"><bdi>([^<]+)</bdi>', page.text)
    scores = [float(score.replace(",", ".")) for score in re.findall(r'<p class="score"><b>([\d,]+)</b>', page.text)]
    assert len(links) == len(scores) == 25
    assert scores == sorted(scores, reverse=True)
    assert all(headline.strip() for _, headline in links)
    narrowed = reader.get("/alerts", params={"region": "63.03", "label": "conflict", "level": "2"})
    assert 0 < narrowed.text.count('<li class="card') < 25
    assert reader.get("/sources").text.count("Harian Putus") >= 1
    return str(links[0][0])


def _evidence_is_marked(reader: httpx.Client, alert: str) -> None:
    page = reader.get(alert).text
    marked = re.findall(r"<mark>([^<]+)</mark>", page)
    assert marked
    assert max(len(sentence.split()) for sentence in marked) >= 5
    assert page.count('<article class="item"') >= 1
    assert "elum diverifikasi" in page
    (item, *_) = re.findall(r'href="(/items/\d+)"', page)
    assert "<mark>" in reader.get(item).text


def _moves_only_with_its_form(reader: httpx.Client, alert: str) -> None:
    form = _forms(reader, alert)["acknowledged"]
    forged = [{**form, "csrf": ""}, {**form, "csrf": form["csrf"][::-1]}]
    assert [reader.post(f"{alert}/move", data=fields).status_code for fields in forged] == [403, 403]
    assert "acknowledged" in _forms(reader, alert)  # still to be done
    form, moved = _acknowledge(reader, alert)
    assert (moved.status_code, moved.headers.get("location")) == (303, alert)
    page = reader.get(alert).text
    assert "Menghubungi kecamatan." in page
    assert "acknowledged" not in _forms(reader, alert)
    assert reader.post(f"{alert}/move", data=form).status_code == 409  # the same form a second time


def _acknowledge(reader: httpx.Client, alert: str) -> tuple[dict[str, str], httpx.Response]:
    """The form and its answer. The demo goes on reading: overtaken by a new level, a person looks and asks again."""
    for _ in range(5):
        form = _forms(reader, alert)["acknowledged"]
        moved = reader.post(f"{alert}/move", data={**form, "note": "Menghubungi kecamatan."})
        if moved.status_code != 409:
            break
    return form, moved


def _forms(reader: httpx.Client, alert: str) -> dict[str, dict[str, str]]:
    """The steps that the page offers, each with its hidden fields."""
    found: dict[str, dict[str, str]] = {}
    for form in re.findall(r'<form method="post" action="/alerts/\d+/move".*?</form>', reader.get(alert).text, re.S):
        fields = dict(_HIDDEN.findall(form))
        found[fields["to"]] = fields
    return found


def _program_reads(base: str, data: Path, alert: str) -> None:
    issued = waspada("tokens", "issue", "admin", "--name", "ujicoba", "--data", str(data))
    assert issued.returncode == 0, issued.stderr
    with httpx.Client(base_url=f"{base}/api/v1", timeout=30) as program:
        program.headers.update({"Authorization": f"Bearer {issued.stdout.strip()}", "X-Purpose": "uji"})
        assert program.get("/me").json()["name"] == "admin"
        listed: list[dict[str, Any]] = program.get("/alerts", params={"region": "63", "limit": 50}).json()["data"]
        assert len(listed) == 50
        assert all(sum(one["parts"].values()) == one["score"] for one in listed)
        detail = program.get(alert).json()
        assert (detail["state"], detail["verified"]) == ("acknowledged", False)
        assert any(item["evidence"] for item in detail["items"])
        refused = program.post(f"{alert}/moves", json={"to": "verified"}, headers={"If-Match": "1"})
        assert refused.status_code == 403  # a token to read with
    verified = waspada("audit", "verify", "--data", str(data))
    assert verified.returncode == 0, verified.stderr
    assert int(verified.stdout.split()[0]) >= 10
    log = waspada("audit", "list", "--limit", "1000", "--data", str(data)).stdout
    assert "uji" in log


def _second_demo_is_refused(data: Path) -> None:
    """A demo may start over in its folder, but never under a running one."""
    before = _count_items(data)
    second = waspada("demo", "--exit", "--data", str(data))
    assert second.returncode == 2
    assert "already runs" in second.stderr
    assert _count_items(data) == before > 0


def _count_items(data: Path) -> int:
    store = open_url(f"sqlite:///{data / 'waspada.db'}")
    try:
        with store.read() as session:
            return session.query(ItemRow).count()
    finally:
        store.close()


def _ends_at_once(desk: Program) -> None:
    pids = members(desk.process.pid)
    assert len(pids) >= 4  # itself, collector, worker, api
    seconds = desk.interrupt()
    print(f"ended {seconds:.1f} s after Ctrl-C")
    assert desk.process.returncode == 0, desk.text
    until(desk.is_gone, "the end of every child", 2)
    assert "Traceback" not in desk.text


def test_demo_leaves_other_folders_alone(tmp_path: Path) -> None:
    (tmp_path / "surat.txt").write_text("penting")
    done = waspada("demo", "--exit", "--data", str(tmp_path))
    assert done.returncode == 2
    assert f"{tmp_path} holds something else" in done.stderr
    assert (tmp_path / "surat.txt").read_text() == "penting"
    assert [path.name for path in tmp_path.iterdir()] == ["surat.txt"]
