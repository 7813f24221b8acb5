"""What persons do with models: show one beside the one in use, promote it, roll back. And where their folders lie.

Functions that take a session run in the caller's writing transaction; the caller writes the audit log in the same one.
The models themselves are read by whoever calls: this room knows folders, not what lies in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from waspada.audit.types import Detail
from waspada.errors import ConflictError, ModelError
from waspada.models import policy, repository
from waspada.models.types import InUse, ModelEvent, ModelView, Objection, Step
from waspada.privacy.reasons import reason_of
from waspada.settings import Settings
from waspada.store.tables import ModelRow

#: Reads a model folder and returns the model's name; raises ModelError for one that is missing or damaged.
Check = Callable[[Path], str]
MAX_NAME = 80
#: A name stands in addresses.
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._+~-]{{0,{MAX_NAME - 1}}}")
#: What stands beside models at `/models/...`: a model of such a name could not be opened.
RESERVED = frozenset({"reports", "rollback", "trainings", "unshadow"})


def store_of(settings: Settings) -> Path:
    """The folder of model folders. Names are never used twice, and no folder is overwritten or removed."""
    return settings.data_dir / "models"


def folder_of(row: ModelRow, settings: Settings) -> Path:
    """Where a model lies."""
    if row.shipped:
        return Path(str(files("models").joinpath(row.folder)))
    return store_of(settings) / row.folder


def register(
    session: Session,
    name: str,
    folder: str,
    *,
    kind: str,
    actor: str,
    now: datetime,
    shipped: bool = False,
    base: str | None = None,
    made_of: Mapping[str, Any] | None = None,
) -> bool:
    """Notes a model that lies in the store (or in the package); False where it is known already.

    Raises ConflictError where the name is known of another folder, ModelError for a name that is none.
    """
    if not _NAME.fullmatch(name) or name in RESERVED or not folder or folder == ".." or Path(folder).name != folder:
        raise ModelError(f"A model cannot be called {name!r} or lie in {folder!r}.", hint="Use a short, plain name.")
    is_new = repository.add(
        session,
        name=name,
        folder=folder,
        shipped=shipped,
        kind=kind,
        base=base,
        made_of=dict(made_of or {}),
        actor=actor,
        at=now,
    )
    known = repository.get(session, name)
    if (known.folder, known.shipped) != (folder, shipped):
        raise ConflictError(f"There is another model {name} already.", hint="Names are never used twice.")
    return is_new


def in_use(session: Session, default: str) -> InUse:
    """The model in use; `default` is the one named by the settings, which reads until a first promotion."""
    return policy.in_use(repository.events(session), default)


def models(session: Session, default: str) -> list[ModelView]:
    return repository.views(session, in_use(session, default))


def model(session: Session, name: str, default: str) -> ModelView:
    """Raises NotFoundError."""
    return repository.view(repository.get(session, name), in_use(session, default))


def objections(session: Session, name: str, default: str) -> list[Objection]:
    """What speaks against putting a model in use. Raises NotFoundError."""
    found = model(session, name, default)
    return policy.may_promote(found.comparison, found.gates, in_use(session, default).current)


def check_folder(session: Session, name: str, settings: Settings, check: Check) -> Path:
    """The folder of a model, read and found whole. Raises NotFoundError, and ModelError for one that is missing,
    damaged or of another model. It may take seconds: it is no part of a writing transaction."""
    path = folder_of(repository.get(session, name), settings)
    found = check(path)
    if found != name:
        raise ModelError(f"The folder of the model {name} holds {found}.", hint="Restore it from a backup.")
    return path


def shadow(session: Session, name: str, *, default: str, actor: str, reason: str, now: datetime) -> ModelEvent:
    """Has a model read beside the one in use from now on; one that did so before does no more.

    Raises NotFoundError, InputError, and ConflictError for the one in use, or one that does so already.
    """
    repository.lock(session)
    repository.get(session, name)
    use, text = in_use(session, default), reason_of(reason)
    if name in (use.current, use.shadow):
        raise ConflictError(f"The model {name} reads already.", hint="`waspada models list` shows which one does what.")
    return _note(session, Step.SHADOW, name, use.shadow, text, actor, now)


def unshadow(session: Session, *, default: str, actor: str, reason: str, now: datetime) -> ModelEvent:
    """No model reads beside the one in use any more; what it said stays. Raises ConflictError where none does."""
    repository.lock(session)
    use, text = in_use(session, default), reason_of(reason)
    if use.shadow is None:
        raise ConflictError("No model reads beside the one in use.", hint="Nothing has to be done.")
    return _note(session, Step.UNSHADOW, use.shadow, None, text, actor, now)


def promote(
    session: Session,
    name: str,
    *,
    default: str,
    seen: str,
    actor: str,
    reason: str,
    override: bool,
    now: datetime,
) -> ModelEvent:
    """Puts a model in use. `seen` is the model that the person saw in use: of two at once the second gets a
    ConflictError. `override` sets aside what speaks against it; whether the person may is the caller's question.

    Raises NotFoundError, InputError (no reason), ConflictError (it is in use already, another one is by now, or
    something speaks against it).
    """
    repository.lock(session)
    repository.get(session, name)
    text, use = reason_of(reason, is_needed=True), in_use(session, default)
    _check_seen(use, seen)
    if name == use.current:
        raise ConflictError(f"The model {name} is in use already.", hint="Nothing has to be done.")
    against = objections(session, name, default)
    if against and not override:
        raise ConflictError(
            f"The model {name} cannot be promoted: {policy.said(against)}.",
            hint="Compare it (`waspada models compare`), or have an admin set this aside (`--override`).",
        )
    event = _note(session, Step.PROMOTE, name, use.current, text, actor, now, against)
    repository.rank_live(session, now)
    return event


def rollback(session: Session, *, default: str, seen: str, actor: str, reason: str, now: datetime) -> ModelEvent:
    """Puts the model in use that was before this one: its tags still stand. `seen` as in `promote`.

    Raises InputError (no reason) and ConflictError (another one is in use by now, or there was none before).
    """
    repository.lock(session)
    text, use = reason_of(reason, is_needed=True), in_use(session, default)
    _check_seen(use, seen)
    if use.previous is None:
        raise ConflictError(f"No model was in use before {use.current}.", hint="Promote another one.")
    event = _note(session, Step.ROLLBACK, use.previous, use.current, text, actor, now)
    repository.rank_live(session, now)
    return event


def decided(event: ModelEvent) -> Detail:
    """A promotion or roll-back as the audit log keeps it; the reason stands with the event."""
    return {"event": event.id, "before": event.previous, "overridden": [one.value for one in event.overridden]}


def _check_seen(use: InUse, seen: str) -> None:
    if seen != use.current:
        raise ConflictError(f"The model {use.current} is in use by now, not {seen}.", hint="Look again, then decide.")


def _note(
    session: Session,
    what: Step,
    name: str,
    previous: str | None,
    reason: str,
    actor: str,
    now: datetime,
    overridden: Sequence[Objection] = (),
) -> ModelEvent:
    event = ModelEvent(0, what, name, previous, reason, overridden, actor, now)
    id_ = repository.note(session, event)
    return ModelEvent(id_, what, name, previous, reason, overridden, actor, now)
