"""The models that come with the package are known to every store by their names."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

import nlp
from nlp.model_files import read_config
from waspada.alerts.types import SYSTEM
from waspada.models import repository, service
from waspada.store import Store

_FOLDERS = (nlp.BASELINE, nlp.ENCODER)


def register_shipped(store: Store, now: datetime) -> None:
    """Notes the shipped models where the store does not know them yet; writes nothing where it does.

    A folder of another version under a known name is no other model: the name holds its version.
    """
    with store.read() as session:
        known = repository.names(session)
    new = [(nlp.model_name(path), path) for path in map(nlp.shipped, _FOLDERS)]
    if all(name in known for name, _ in new):
        return

    def save(session: Session) -> None:
        for name, path in new:
            kind = str(read_config(path, nlp.KINDS)["kind"])
            service.register(session, name, path.name, kind=kind, actor=SYSTEM, now=now, shipped=True)

    store.retrying(save)
