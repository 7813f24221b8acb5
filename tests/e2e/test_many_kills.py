"""Thirty `kill -9` at random moments of a crawl of the demo's outlets: in the end everything is there, once."""

from __future__ import annotations

import os
import random
import signal
import time
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, text

from tests.e2e.desks import WEB_PORT_FREE, Desk, answers
from tests.e2e.programs import Program, until, waspada
from waspada.cli.demo import site
from waspada.cli.demo.site import OutletSite, hosts, serve
from waspada.cli.demo.world import World
from waspada.clock import utc_now
from waspada.sources.types import NewSource, SourceKind, SourceRole
from waspada.store import Store, open_url
from waspada.store.tables import SourceRow

KILLS = 30
_SEED = 63
_SUPERVISOR = "supervisor"
_PAUSE_SECONDS = (0.1, 2.5)
_PAGE_SECONDS = 1.2
_MAX_DELAY_SECONDS = 0.5
_END_SECONDS = 240.0


def _sources(world: World, sites: dict[str, OutletSite]) -> list[NewSource]:
    return [
        NewSource(
            url=sites[outlet.id].feed_url,
            id=outlet.id,
            name=outlet.name,
            outlet=outlet.name,
            kind=SourceKind(outlet.kind),
            role=SourceRole(outlet.role),
            region=outlet.region,
        )
        for outlet in world.outlets.values()
    ]


@pytest.mark.full
@pytest.mark.parametrize("dialect", ["sqlite"])  # on PostgreSQL test_run.py kills each process once
def test_thirty_kills_lose_nothing_and_double_nothing(
    store: Store, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = _slow_world()
    with serve(world) as sites:
        monkeypatch.setattr(site, "SLOW_SECONDS", 0.0)
        calm = _calm_run(tmp_path / "calm" / "data", world, sites)
        url = store_url if store_url.startswith("postgresql") else None
        desk = Desk(tmp_path / "data", store, url, max_delay_seconds=_MAX_DELAY_SECONDS)
        desk.add(*_sources(world, sites))
        monkeypatch.setattr(site, "SLOW_SECONDS", _PAGE_SECONDS)
        _Campaign(desk, hosts(sites), random.Random(_SEED)).run()
    assert desk.keys() == calm
    desk.check_whole()
    _check_database(desk)


def _slow_world() -> World:
    """The demo's campaign, every healthy server slow: the crawl takes as long as the kills do."""
    world = World(utc_now())
    for outlet in world.outlets.values():
        if not outlet.trouble:
            world.outlets[outlet.id] = replace(outlet, trouble="slow")
    return world


def _calm_run(data: Path, world: World, sites: dict[str, OutletSite]) -> list[str]:
    """What an undisturbed service finds on the same outlets."""
    data.mkdir(parents=True)
    desk = Desk(data, open_url(f"sqlite:///{data / 'waspada.db'}"))
    desk.add(*_sources(world, sites))
    service = desk.start(hosts(sites))
    try:
        service.wait_for(lambda: _is_done(desk), "the end of the calm run", _END_SECONDS)
        assert "ended" not in service.text
    finally:
        service.close()
        keys = desk.keys()
        desk.store.close()
    assert len(keys) == len(set(keys)) >= 220
    return keys


def _is_done(desk: Desk) -> bool:
    with desk.store.read() as session:
        unheard = session.scalars(select(SourceRow.id).where(SourceRow.last_poll_at.is_(None))).first()
    return unheard is None and not desk.waiting() and desk.count() == desk.count("grouped") > 0 and not desk.stale()


class _Campaign:
    """Kills, and restarts what nobody else restarts: the supervisor."""

    def __init__(self, desk: Desk, allowed: frozenset[str], rng: random.Random) -> None:
        self._desk = desk
        self._allowed = allowed
        self._rng = rng
        self._token = ""
        self._services: list[Program] = []

    def run(self) -> None:
        try:
            self._start()
            self._token = self._service.one_time_token()  # good as a bearer token until the console is used
            hits = sum(self._kill_one(number) for number in range(1, KILLS + 1))
            print(f"kills before the work was done: {hits} of {KILLS}")
            assert hits >= KILLS // 2, "the work ended too early to be hit"
            self._service.wait_for(lambda: _is_done(self._desk), "the end of the work", _END_SECONDS)
            self._service.interrupt()
            assert self._service.process.returncode == 0
            for service in self._services:
                until(service.is_gone, "the end of every process", 15)
                assert "Traceback" not in service.text, service.text
        finally:
            for service in self._services:
                service.close()

    @property
    def _service(self) -> Program:
        return self._services[-1]

    def _start(self) -> None:
        self._services.append(self._desk.start(self._allowed, WEB_PORT_FREE))

    def _kill_one(self, number: int) -> bool:
        """One kill after a random pause; says whether there was work left."""
        time.sleep(self._rng.uniform(*_PAUSE_SECONDS))
        self._read_alerts()
        alive = self._service.wait_for(self._desk.pids, "a child ran")
        victim = self._rng.choice([*sorted(alive), *sorted(alive), _SUPERVISOR])
        busy = not _is_done(self._desk)
        counts = (self._desk.count(), self._desk.count("grouped"), self._desk.waiting())
        print(f"kill {number}: {victim}; items {counts[0]}, grouped {counts[1]}, pages waiting {counts[2]}")
        if victim == _SUPERVISOR:
            self._service.kill()
            self._start()  # at once: its orphans are still on their way out
        else:
            _kill(alive[victim])
        return busy

    def _read_alerts(self) -> None:
        """A reader at work, so that the audit log grows while things die. No answer is no fault here."""
        address = self._service.address()
        if answers(address):
            with httpx.Client(base_url=address, timeout=5) as reader:
                try:
                    reader.get("/api/v1/alerts", headers={"Authorization": f"Bearer {self._token}"})
                except httpx.TransportError:
                    return


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # it was dead already


def _check_database(desk: Desk) -> None:
    if desk.store.is_sqlite:
        with desk.store.read() as session:
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
    verified = waspada("audit", "verify", "--data", str(desk.data), **desk.settings)
    assert verified.returncode == 0, verified.stderr
    assert int(verified.stdout.split()[0]) >= 1
    print(verified.stdout)
