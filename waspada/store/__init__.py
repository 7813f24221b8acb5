"""The database: engine, tables, migrations."""

from waspada.store.engine import Store, open_store, open_url

__all__ = ["Store", "open_store", "open_url"]
