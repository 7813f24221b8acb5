"""States of an alert by what people found of it, revisions in its history, silences of one alert, hand-overs"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None

_STATES = (("alerts", "state"), ("alert_events", "from_state"), ("alert_events", "to_state"))


def upgrade() -> None:
    moment = waspada.store.types.UtcDateTime(timezone=True)
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    _resize(15, 20)
    op.add_column("alert_events", sa.Column("revision", sa.Integer(), nullable=True))
    op.create_index("ix_alert_events_at", "alert_events", ["at"])
    is_due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_alerts_due", "alerts", ["due_at"], sqlite_where=is_due, postgresql_where=is_due)
    _name_states()
    with op.batch_alter_table("silences") as batch:
        batch.add_column(sa.Column("alert_id", whole, nullable=True))
        batch.add_column(sa.Column("item_id", whole, nullable=True))
        batch.add_column(sa.Column("level", sa.Integer(), nullable=True))
        for column, table in (("alert_id", "alerts"), ("item_id", "items")):
            name = f"fk_silences_{column}_{table}"
            batch.create_foreign_key(name, table, [column], ["id"], ondelete="CASCADE")
            batch.create_index(f"ix_silences_{column}", [column])
    op.create_table(
        "handovers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("desk", sa.String(length=13), nullable=False),
        sa.Column("shift_start", moment, nullable=False),
        sa.Column("shift_end", moment, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=True),
        sa.Column("received_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
        sa.UniqueConstraint("desk", "shift_start", name=op.f("uq_handovers_desk_shift_start")),
    )


def _resize(before: int, after: int) -> None:
    """SQLite holds no word to the length of its column: there it stays as it is."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, column in _STATES:
        op.alter_column(table, column, type_=sa.String(length=after), existing_type=sa.String(length=before))


def _name_states() -> None:
    """Dismissed becomes a duplicate where that was the reason, and no threat for the others.

    A step away from it follows the last step into it. The audit log keeps the old word.
    """
    alerts, events = _table("alerts", "state", "reason"), _table("alert_events", "from_state", "to_state", "reason")
    into = sa.alias(events)
    last = (
        sa.select(into.c.reason)
        .where(into.c.alert_id == events.c.alert_id, into.c.id < events.c.id, into.c.to_state == "dismissed")
        .order_by(into.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    for table, column, reason in (
        (events, "from_state", last),
        (events, "to_state", events.c.reason),
        (alerts, "state", alerts.c.reason),
    ):
        found = sa.case((reason == "duplicate", "duplicate"), else_="not_a_threat")
        op.execute(table.update().where(table.c[column] == "dismissed").values({column: found}))


def _name_back() -> None:
    old = {"not_a_threat": "dismissed", "duplicate": "dismissed", "needs_clarification": "acknowledged"}
    for name, column in _STATES:
        table = _table(name, column)
        for word, before in old.items():
            op.execute(table.update().where(table.c[column] == word).values({column: before}))


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, sa.column("id"), sa.column("alert_id"), *(sa.column(one, sa.String()) for one in columns))


def downgrade() -> None:
    op.drop_table("handovers")
    op.execute("DELETE FROM silences WHERE alert_id IS NOT NULL OR item_id IS NOT NULL")
    with op.batch_alter_table("silences") as batch:
        for column, table in (("alert_id", "alerts"), ("item_id", "items")):
            batch.drop_index(f"ix_silences_{column}")
            batch.drop_constraint(f"fk_silences_{column}_{table}", type_="foreignkey")
        batch.drop_column("level")
        batch.drop_column("item_id")
        batch.drop_column("alert_id")
    _name_back()
    op.drop_index("ix_alerts_due", table_name="alerts")
    op.drop_index("ix_alert_events_at", table_name="alert_events")
    op.drop_column("alert_events", "revision")
    _resize(20, 15)
