"""An empty store of this version for a data folder, copied."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from waspada.store import open_url


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "waspada.db"
        open_url(f"sqlite:///{path}").close()
        return path.read_bytes()


def put_empty_store(folder: Path) -> Path:
    """Puts it there, unless there is one. Returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "waspada.db"
    if not path.exists():
        path.write_bytes(_migrated())
    return path
