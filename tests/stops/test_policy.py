"""Which sources a stop holds and who may lift it: a table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.rows import NOW, add_source
from waspada.access.types import ForbiddenError
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.stops import repository, service
from waspada.stops.policy import held_by, holds, why_not_lifted
from waspada.stops.types import Stop
from waspada.store import Store

AT = datetime(2026, 11, 1, tzinfo=UTC)


def stop(source: str | None = None, region: str | None = None, role: str = "admin", lifted: bool = False) -> Stop:
    return Stop(1, AT, "satu", role, source, region, "uji", AT if lifted else None)


@pytest.mark.parametrize(
    ("held", "source", "home", "expected"),
    [
        (stop(), "a", None, True),
        (stop(), "a", "63", True),
        (stop(lifted=True), "a", "63", False),
        (stop(source="a"), "a", "64", True),
        (stop(source="a"), "b", "64", False),
        (stop(region="63"), "a", "63", True),
        (stop(region="63"), "a", "63.71", True),
        (stop(region="63.71"), "a", "63", False),
        (stop(region="63.7"), "a", "63.71", False),
        (stop(region="63"), "a", None, False),
    ],
)
def test_what_a_stop_holds(held: Stop, source: str, home: str | None, expected: bool) -> None:
    assert holds(held, source, home) is expected
    assert (held_by([held], source, home) is held) is expected


@pytest.mark.parametrize(
    ("role", "actor", "may"),
    [
        ("auditor", "satu", False),
        ("auditor", "dua", True),
        ("auditor", "cli", False),
        ("admin", "satu", True),
        ("admin", "cli", True),
        ("", "cli", True),
    ],
)
def test_an_auditors_stop_needs_another_account(role: str, actor: str, may: bool) -> None:
    assert (why_not_lifted(stop(role=role), actor) is None) is may


def test_a_stop_is_set_once_and_lifted_once(store: Store) -> None:
    def write(work: Callable[..., Stop], *given: object, **named: object) -> Stop:
        with store.write() as session:
            return work(session, *given, now=NOW, **named)

    with store.write() as session:
        add_source(session, "kabar", region="63.03")
    first = write(service.stop, "keberatan 0812-3456-7890", region="63.03", actor="auditor-1", role="auditor")
    assert "0812" not in first.reason
    with pytest.raises(ConflictError):
        write(service.stop, "lagi", region="63.03", actor="admin")
    write(service.stop, "lain", source_id="kabar", actor="admin", role="admin")
    for bad in ({"region": "99"}, {"source_id": "kabar", "region": "63"}):
        with pytest.raises(InputError):
            write(service.stop, "uji", actor="admin", **bad)
    with pytest.raises(InputError):
        write(service.stop, "  ", actor="admin")
    for outside in ({"region": "64"}, {"source_id": "kabar"}, {}):
        with pytest.raises(NotFoundError):
            write(service.stop, "uji", actor="admin", within="63.71", **outside)
    with pytest.raises(NotFoundError):
        write(service.stop, "uji", source_id="tidak-ada", actor="admin")
    with pytest.raises(ForbiddenError):
        write(service.lift, first.id, "sudah", actor="auditor-1")
    with pytest.raises(ForbiddenError):
        write(service.lift, first.id, "sudah", actor="cli")
    with pytest.raises(InputError):
        write(service.lift, first.id, "", actor="admin")
    lifted = write(service.lift, first.id, "sudah", actor="admin")
    assert (lifted.in_force, lifted.lifted_by, lifted.lifted_why) == (False, "admin", "sudah")
    with pytest.raises(ConflictError):
        write(service.lift, first.id, "lagi", actor="admin")
    with store.read() as session:
        assert [one.about for one in repository.in_force(session)] == ["source/kabar"]
        month = (NOW - timedelta(days=1), NOW + timedelta(days=1))
        assert len(repository.overlapping(session, *month)) == 2
        assert repository.overlapping(session, NOW + timedelta(days=2), NOW + timedelta(days=3)) != []
