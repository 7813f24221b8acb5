"""From the answers that stand to a model folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from waspada.errors import ModelError
from waspada.models.types import TrainingKind
from waspada.settings import Settings
from waspada.store import Store

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Learned:
    """A model folder that was made of labels."""

    name: str
    folder: str
    kind: str
    base: str | None
    made_of: Mapping[str, Any]


def learn(
    store: Store, settings: Settings, kind: TrainingKind, number: int, now: datetime, progress: Progress
) -> Learned:
    """Raises InputError, MissingExtraError, ModelError."""
    _ = store, settings, kind, number, now, progress
    raise ModelError("This version cannot learn from labels yet.", hint="Train from files: waspada train DATA OUT.")
