"""What every handler needs: the store, the settings, the clock and the keys, put together once in `create_app`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from api.live import Live
from waspada.access.credentials import Credentials
from waspada.access.oidc import OpenIdClient, client_of
from waspada.access.secrets import Signer
from waspada.access.throttle import Throttle
from waspada.access.vault import Vault
from waspada.alerts.heard import HeardLines
from waspada.audit import AuditLog, audit_log
from waspada.reports.sealing import Keys
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
    credentials: Credentials
    vault: Vault  # for what a browser keeps between two steps and must not read
    reports: Keys  # of the senders of field reports, and of drafts
    openid: OpenIdClient | None
    live: Live
    heard: HeardLines


def make_context(store: Store, settings: Settings, clock: Callable[[], datetime]) -> Context:
    key = settings.secret_key
    return Context(
        store=store,
        settings=settings,
        clock=clock,
        audit=audit_log(settings),
        signer=Signer(key),
        throttle=Throttle(store, key),
        credentials=Credentials(key),
        vault=Vault(key, "browser"),
        reports=Keys(key),
        openid=client_of(settings),
        live=Live(store),
        heard=HeardLines(),
    )


def context_of(request: Request) -> Context:
    found = request.app.state.context
    assert isinstance(found, Context)  # noqa: S101 (set in create_app)
    return found


async def _context(request: Request) -> Context:
    """In the event loop: what is not `async` costs a change of threads."""
    return context_of(request)


Ctx = Annotated[Context, Depends(_context)]
