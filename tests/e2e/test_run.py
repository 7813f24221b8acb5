"""`waspada run` under faults: children and supervisor killed, a second run, addresses and folders of no use."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawler import badweb
from tests.crawler.badweb import BadWeb, Handler
from tests.e2e.desks import CHILDREN, Desk, answers
from tests.e2e.programs import Program, members, until, waspada
from waspada.cli.demo.world import DemoItem, World
from waspada.clock import utc_now
from waspada.sources.types import NewSource
from waspada.store import Store

PAGES = 14
_PAGE_SECONDS = 0.25
_NO_SOURCES = "id,name,url,kind,region,tz,tier\n"


@pytest.fixture
def desk(store: Store, store_url: str, tmp_path: Path) -> Desk:
    """An empty data folder, once with its own database and once with PostgreSQL."""
    return Desk(tmp_path / "data", store, store_url if store_url.startswith("postgresql") else None)


@pytest.fixture
def site() -> Iterator[BadWeb]:
    """A small slow outlet of the demo's texts."""
    with BadWeb() as web:
        items = [item for item in World(utc_now()).of("warta-barito") if item.edited is None][:PAGES]
        entries = [badweb.entry(web.put(f"/berita/{item.id}", _slow_page(item)), item.title) for item in items]
        web.put("/feed.xml", badweb.xml(badweb.feed(*entries)))
        yield web


@pytest.fixture
def no_sources(tmp_path: Path) -> dict[str, str]:
    """A setting that keeps the command from the real outlets."""
    file = tmp_path / "none.csv"
    file.write_text(_NO_SOURCES)
    return {"WASPADA_SOURCES_FILE": str(file)}


def _slow_page(item: DemoItem) -> badweb.Answer:
    page = badweb.article(item.title, *item.paragraphs, date=item.published_at.isoformat()).encode()

    def answer(handler: Handler) -> None:
        time.sleep(_PAGE_SECONDS)
        handler.send(200, page, {"Content-Type": "text/html; charset=utf-8"})

    return answer


def test_killed_processes_lose_nothing_and_double_nothing(desk: Desk, site: BadWeb) -> None:
    desk.add(NewSource(url=site.url("/feed.xml"), id="warta", name="Warta", outlet="Warta", region="63.71"))
    service = desk.start(site.allowed)
    try:
        base = service.address()
        service.wait_for(lambda: desk.count() >= 2, "two items")
        _killed_and_back(desk, service, "collector")
        service.wait_for(lambda: desk.count("grouped") >= 1, "an item in a story")
        _killed_and_back(desk, service, "worker")
        service.wait_for(lambda: answers(base), "an answer of the console")
        _killed_and_back(desk, service, "api")
        service.wait_for(lambda: answers(base), "an answer at the same address again")
        service.wait_for(lambda: desk.count("grouped") == PAGES and not desk.stale(), "the end of the work")
        desk.check_whole()
        assert _said(service, "ended by SIGKILL") == 3
        assert _said(service, "scrapy") == 0  # the collector has its own words for what happens
        _supervisor_killed(service)
    finally:
        service.close()
    _runs_again(desk, site)


def _killed_and_back(desk: Desk, service: Program, name: str) -> None:
    """The reason and the pause are said, and the child comes back under another pid; the others stay."""
    before = service.wait_for(lambda: desk.pids() if set(desk.pids()) == set(CHILDREN) else None, "all children")
    desk.kill(service, name)
    said = re.compile(rf"{name} ended by SIGKILL after \d+ s; starting it again in 1 s")
    service.wait_for(lambda: said.search(service.text), f"the reason of the end of {name}", 20)
    back = service.wait_for(lambda: _other(desk, name, before[name]), f"{name} was back", 20)
    assert {other: pid for other, pid in back.items() if other != name} == {
        other: pid for other, pid in before.items() if other != name
    }


def _other(desk: Desk, name: str, pid: int) -> dict[str, int] | None:
    now = desk.pids()
    return now if now.get(name, pid) != pid else None


def _said(service: Program, words: str) -> int:
    return sum(words in line for line in service.said)


def _supervisor_killed(service: Program) -> None:
    """Its children end by themselves."""
    assert len(members(service.process.pid)) >= 4
    service.kill()
    until(service.is_gone, "the end of the orphans", 15)


def _runs_again(desk: Desk, site: BadWeb) -> None:
    keys = desk.keys()
    service = desk.start(site.allowed)
    try:
        base = service.address()
        service.wait_for(lambda: answers(base), "an answer after the restart")
        assert desk.keys() == keys
        desk.check_whole()
        service.interrupt()
        assert service.process.returncode == 0, service.text
        until(service.is_gone, "the end of every child", 2)
        assert "stopped" in service.said[-1]
    finally:
        service.close()


def test_new_run_starts_at_once_at_the_same_address_after_a_crash(tmp_path: Path, no_sources: dict[str, str]) -> None:
    """As a service manager does it: the orphans of the old run are still on their way out."""
    data = tmp_path / "data"
    first = Program("run", "--data", str(data), "--port", "0", **no_sources)
    try:
        base = first.address()
        first.wait_for(lambda: answers(base), "an answer")
        first.kill()
        second = Program("run", "--data", str(data), "--port", base.rpartition(":")[2], **no_sources)
        try:
            assert second.address() == base
            second.wait_for(lambda: answers(base), "an answer of the second run")
            until(first.is_gone, "the end of the orphans", 15)
            assert answers(base)
            second.interrupt()
            assert second.process.returncode == 0, second.text
        finally:
            second.close()
    finally:
        first.close()


def test_second_run_is_refused_with_the_pid(tmp_path: Path, no_sources: dict[str, str]) -> None:
    data = tmp_path / "data"
    first = Program("run", "--data", str(data), "--port", "0", **no_sources)
    try:
        base = first.address()
        for command in (("run", "--port", "0"), ("crawl", "--once"), ("demo", "--exit")):
            second = waspada(*command, "--data", str(data), **no_sources)
            assert second.returncode == 2, command
            if command[0] != "demo":  # this one is refused even sooner: the folder is not a demo's
                assert f"already runs on the data folder {data} (pid {first.process.pid})" in second.stderr
            assert "Traceback" not in second.stderr
            assert second.stdout == ""
        first.wait_for(lambda: answers(base), "the first one still answers")
        first.interrupt()
    finally:
        first.close()


def _refused(*arguments: str, **settings: str) -> str:
    """What the command says when it will not run: one message, no traceback, exit code 2, nothing on stdout."""
    done = waspada("run", *arguments, **settings)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("waspada: ")
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_open_address_without_users_is_refused(host: str, tmp_path: Path, no_sources: dict[str, str]) -> None:
    said = _refused("--host", host, "--port", "0", "--data", str(tmp_path / "data"), **no_sources)
    assert f"will not listen on {host} while it has no user" in said
    assert "127.0.0.1" in said


def test_taken_port_is_named(tmp_path: Path, no_sources: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = _refused("--port", str(port), "--data", str(tmp_path / "data"), **no_sources)
    assert f"127.0.0.1:{port} cannot be used" in said
    assert "in use" in said
    assert "--port" in said


def test_folder_that_cannot_be_written_is_named(tmp_path: Path, no_sources: dict[str, str]) -> None:
    file = tmp_path / "taken"
    file.write_text("a file, no folder")
    for folder in (file, Path("/proc/waspada")):
        said = _refused("--data", str(folder), **no_sources)
        assert f"data folder {folder} cannot be written" in said
        assert "--data" in said


def test_broken_secret_key_is_named_before_anything_starts(tmp_path: Path, no_sources: dict[str, str]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for content in ("kaput", "00ff"):
        (data / "secret.key").write_text(content)
        said = _refused("--port", "0", "--data", str(data), **no_sources)
        assert f"secret key {data / 'secret.key'}" in said
        assert "backup" in said
        assert "wsp_" not in said
        assert (data / "secret.key").read_text() == content
    looked = waspada("doctor", "--data", str(data), **no_sources)
    assert looked.returncode == 1
    assert f"secret key {data / 'secret.key'}" in looked.stdout


def test_database_that_does_not_answer_is_named(tmp_path: Path, no_sources: dict[str, str]) -> None:
    url = "postgresql+psycopg://waspada:geheim@127.0.0.1:1/none"
    said = _refused("--data", str(tmp_path / "data"), WASPADA_DATABASE_URL=url, **no_sources)
    assert "database cannot be used" in said
    assert "geheim" not in said


def test_broken_database_file_is_named(tmp_path: Path, no_sources: dict[str, str]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "waspada.db").write_bytes(b"no database at all " * 500)
    said = _refused("--port", "0", "--data", str(data), **no_sources)
    assert "database cannot be used" in said
    assert "doctor" in said


def test_only_the_first_start_prints_a_token_and_ctrl_c_is_quiet(tmp_path: Path, no_sources: dict[str, str]) -> None:
    """The one-time token is printed by the first start only. Ctrl-C ends a start as quietly as a running service."""
    data = tmp_path / "data"
    said = []
    for pause_seconds in (0.2, 1.0):
        service = Program("run", "--data", str(data), "--port", "0", **no_sources)
        try:
            service.address()
            time.sleep(pause_seconds)  # its children are still importing
            service.interrupt()
            assert service.process.returncode == 0, service.text
            until(service.is_gone, "the end of every child", 2)
            said.append(service.text)
        finally:
            service.close()
    assert "One-time admin token" in said[0]
    assert "wsp_" not in said[1]
    assert "Traceback" not in "".join(said)
    assert "ended" not in "".join(said)
