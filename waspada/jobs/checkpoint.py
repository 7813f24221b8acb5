"""Once a day the audit log is checked from its last checkpoint on, and its head is written off the machine.

What stands elsewhere cannot be changed together with the database: `waspada audit verify --heads FILE` compares.
"""

from __future__ import annotations

import logging
import os
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from waspada.alerts.types import SYSTEM
from waspada.audit.checkpoints import Checked, Checkpoint, go_on, newest
from waspada.audit.service import audit_log
from waspada.audit.types import AuditAction
from waspada.items.repository import clear_reject, reject
from waspada.notify.messages import Channel, Message
from waspada.notify.outbox import put
from waspada.settings import Settings
from waspada.store import Store

log = logging.getLogger("waspada.audit")

EVERY = timedelta(hours=24)
#: Under this name what went wrong is kept aside, in `rejects`.
STAGE = "audit"
#: So many rows may come in while the log is checked; they are the next checkpoint's.
_STEADILY = 1000
_LOG, _HEAD_FILE = "log", "head file"


def keep_checkpoint(store: Store, settings: Settings, now: datetime) -> Checked | None:
    """Checks the log and writes its head away when the last checkpoint is a day old; None when it is not.

    A broken log, and a file that cannot be written, are listed among what could not be handled.
    """
    with store.read() as session:
        last = newest(session)
    if last is not None and now - last.at < EVERY:
        return None
    return checkpoint(store, settings, now, actor=SYSTEM)


def checkpoint(store: Store, settings: Settings, now: datetime, *, actor: str) -> Checked:
    """Checks the log to its end, in steps, and writes its head away."""
    chain = audit_log(settings)
    found = go_on(store, chain, actor=actor, now=now)
    while found.ok and found.left > _STEADILY:
        found = go_on(store, chain, actor=actor, now=now)
    with store.write() as session:
        if not found.ok:
            reject(session, STAGE, _LOG, f"the chain of the audit log is broken ({found.broken})", now)
            log.error("the chain of the audit log is broken (%s, row %s)", found.broken, found.broken_id)
            return found
        clear_reject(session, STAGE, _LOG)
        made = newest(session)
        if made is not None:
            _mail(session, settings, made, now)
        chain.append(
            session,
            actor=actor,
            action=AuditAction.AUDIT_VERIFIED,
            object="audit/checkpoint",
            detail={"rows": found.rows},
            now=now,
        )
    if made is not None and settings.audit_head_file is not None:
        _write(store, settings.audit_head_file, made, now)
    return found


def _write(store: Store, path: Path, made: Checkpoint, now: datetime) -> None:
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(made.as_line() + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        problem = f"the head of the audit log could not be written to {path}: {error.strerror}"
        log.warning(problem)
        store.retrying(lambda session: reject(session, STAGE, _HEAD_FILE, problem, now))
        return
    store.retrying(lambda session: clear_reject(session, STAGE, _HEAD_FILE))


def _mail(session: Session, settings: Settings, made: Checkpoint, now: datetime) -> None:
    if not settings.audit_head_mail:
        return
    text = (
        "Catatan audit Waspada utuh sampai baris berikut. Simpan surel ini: dengan baris ini siapa pun dapat menguji"
        f" bahwa catatan tidak diubah atau dipotong sesudahnya.\n\n{made.as_line()}\n"
    )
    body = {"subject": f"Waspada: kepala catatan audit {made.at:%Y-%m-%d}", "text": text}
    about = f"audit/{made.id}"
    put(session, Message(Channel.MAIL, settings.audit_head_mail, about, body, f"{about}/mail"), now=now)
