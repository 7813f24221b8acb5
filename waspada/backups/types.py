"""The shapes of a backup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from waspada.errors import InputError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `key` tells whether a secret key is the one that the database was written with,
    without being it; `counts` are rows by table, `models` SHA-256 by path of the files of the store of models."""

    format: int
    version: str
    revision: str
    made_at: datetime
    sha256: str
    size_bytes: int
    key: str
    holds_key: bool
    audit_head: str
    counts: Mapping[str, int]
    models: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> bytes:
        return json.dumps({**asdict(self), "made_at": self.made_at.isoformat()}, indent=2, sort_keys=True).encode()

    @classmethod
    def read(cls, data: bytes) -> Manifest:
        """Raises InputError for what is no manifest of a backup that this version can read."""
        try:
            found: dict[str, Any] = json.loads(data)
            if found["format"] != FORMAT:
                raise InputError(
                    f"The backup has the format {found['format']}.",
                    hint="A newer version of Waspada wrote it: use that.",
                )
            made_at = datetime.fromisoformat(found["made_at"])
            known = {name: found[name] for name in cls.__dataclass_fields__ if name != "models"}
            models = {str(path): str(digest) for path, digest in dict(found.get("models") or {}).items()}
            manifest = cls(**{**known, "made_at": made_at, "models": models})
        except (ValueError, KeyError, TypeError):
            raise InputError("The manifest of the backup cannot be read.", hint="The file is damaged.") from None
        if made_at.tzinfo is None or not isinstance(manifest.sha256, str) or len(manifest.sha256) != 64:
            raise InputError("The manifest of the backup cannot be read.", hint="The file is damaged.")
        return manifest


@dataclass(frozen=True, slots=True)
class Erasure:
    """An item that was removed (`what` is "item") or whose text was emptied ("text"), by the key of its address."""

    url_key: str
    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was written; `removed` are older ones that went for it."""

    file: Path
    manifest: Manifest
    removed: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was brought back. `aside` holds the database that was there, None where there was none. `unread`
    are databases whose list of erasures could not be read: what was erased in them alone is back."""

    manifest: Manifest
    aside: Path | None
    erased_items: int
    erased_texts: int
    migrated: bool
    unread: tuple[Path, ...]
