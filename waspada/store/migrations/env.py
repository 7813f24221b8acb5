"""Alembic's entry: always runs on the connection that `waspada.store.migrate` hands over."""

from alembic import context

from waspada.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
