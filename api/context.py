"""What every handler needs: the store, the settings, the clock and the keys, put together once in `create_app`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from api.live import Live
from waspada.access.secrets import Signer
from waspada.access.throttle import Throttle
from waspada.alerts.heard import HeardLines
from waspada.audit import AuditLog, audit_log
from waspada.settings import Settings
from waspada.store.engine import Store


@dataclass(frozen=True, slots=True)
class Context:
    store: Store
    settings: Settings
    clock: Callable[[], datetime]
    audit: AuditLog
    signer: Signer
    throttle: Throttle
    live: Live
    heard: HeardLines


def make_context(store: Store, settings: Settings, clock: Callable[[], datetime]) -> Context:
    return Context(
        store, settings, clock, audit_log(settings), Signer(settings.secret_key), Throttle(), Live(store), HeardLines()
    )


def context_of(request: Request) -> Context:
    found = request.app.state.context
    assert isinstance(found, Context)  # noqa: S101 (set in create_app)
    return found


Ctx = Annotated[Context, Depends(context_of)]
