"""The models that a worker reads with: the one in use, as the newest promotion or roll-back says, and its shadow.

A worker looks before each round. The model in use before stays loaded, so that a roll-back takes no loading. A folder
that cannot be read changes nothing: the worker goes on with what it has, says so, and tries again after a while.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from waspada.errors import NotFoundError, StoreError
from waspada.items.repository import clear_reject, reject
from waspada.models import repository, service
from waspada.models.types import InUse
from waspada.settings import Settings
from waspada.store import Store
from waspada.taxonomy import Tagger

log = logging.getLogger("waspada.models")
#: Reads a model folder (nlp.load).
Load = Callable[[Path], Tagger]
#: A folder that could not be read is tried again after so long.
TRY_AGAIN = timedelta(minutes=1)
_STAGE = "model"


class Taggers:
    """`default` is the model that the settings name, loaded; `load` reads others."""

    def __init__(self, store: Store, settings: Settings, default: Tagger, load: Load) -> None:
        self.current = default
        self.shadow: Tagger | None = None
        self._store, self._settings, self._load = store, settings, load
        self._default = default.model
        self._loaded = {default.model: default}
        self._failed_at: dict[str, datetime] = {}
        self._seen: int | None = None

    def look(self, now: datetime) -> bool:
        """Takes in what was decided; True when another model is in use, or another one reads beside it."""
        with self._store.read() as session:
            newest = repository.newest_event_id(session)
            if newest == self._seen and not self._is_due(now):
                return False
            use = service.in_use(session, self._default)
        before = (self.current, self.shadow)
        self.current = self._tagger(use.current, now) or self.current
        self.shadow = self._tagger(use.shadow, now) if use.shadow else None
        self._seen = newest
        self._forget(use)
        return (self.current, self.shadow) != before

    def _is_due(self, now: datetime) -> bool:
        return any(now - at >= TRY_AGAIN for at in self._failed_at.values())

    def _tagger(self, name: str, now: datetime) -> Tagger | None:
        """A model by its name; None where it cannot be loaded."""
        if name in self._loaded:
            return self._loaded[name]
        failed_at = self._failed_at.get(name)
        if failed_at is not None and now - failed_at < TRY_AGAIN:
            return None
        try:
            with self._store.read() as session:
                path = service.folder_of(repository.get(session, name), self._settings)
            found = self._load(path)
            if found.model != name:
                raise NotFoundError(f"The folder {path.name} holds {found.model}.")
        except StoreError:
            raise
        except Exception as error:  # whatever lies in a folder: the worker goes on with the model that it has
            log.exception("the model %s cannot be loaded; %s reads on", name, self.current.model)
            problem = f"{type(error).__name__}: {error}"
            self._failed_at[name] = now
            self._store.retrying(lambda session: reject(session, _STAGE, f"model {name}", problem, now))
            return None
        if self._failed_at.pop(name, None) is not None:
            self._store.retrying(lambda session: _mended(session, name))
        self._loaded[name] = found
        return found

    def _forget(self, use: InUse) -> None:
        """Keeps what reads, what a roll-back leads to, and what the settings name."""
        kept = {use.current, use.shadow, use.previous, self._default, self.current.model}
        self._loaded = {name: one for name, one in self._loaded.items() if name in kept}
        self._failed_at = {name: at for name, at in self._failed_at.items() if name in kept}


def _mended(session: Session, name: str) -> None:
    clear_reject(session, _STAGE, f"model {name}")
