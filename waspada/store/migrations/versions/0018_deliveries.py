"""Messages on their way out, alerts by region and score, who has an alert in hand, zone and language of an account"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

#: Characters of the codes of provinces, kabupaten/kota and kecamatan; what they hold goes on after a dot.
_HOLDERS = (2, 5, 8)


def upgrade() -> None:
    moment = waspada.store.types.UtcDateTime(timezone=True)
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("alerts", sa.Column("owner", sa.Text(), nullable=True))
    op.add_column("alerts", sa.Column("due_at", moment, nullable=True))
    op.create_index("ix_alerts_owner", "alerts", ["owner", "score"])
    op.add_column("users", sa.Column("zone", sa.String(length=10), nullable=True))
    op.add_column("users", sa.Column("language", sa.String(length=2), nullable=True))
    op.create_table(
        "deliveries",
        sa.Column("id", whole, nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", moment, nullable=False),
        sa.Column("sent_at", moment, nullable=True),
        sa.Column("failed_at", moment, nullable=True),
        sa.Column("dropped_at", moment, nullable=True),
        sa.Column("last_problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("key", name=op.f("uq_deliveries_key")),
    )
    waiting = sa.text("sent_at IS NULL AND failed_at IS NULL AND dropped_at IS NULL")
    op.create_index(
        "ix_deliveries_waiting", "deliveries", ["next_try_at", "id"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_index("ix_deliveries_about", "deliveries", ["about"])
    op.create_index("ix_deliveries_due", "deliveries", ["due_at"])
    op.create_table(
        "alert_regions",
        sa.Column("code", sa.String(length=13), nullable=False),
        sa.Column("alert_id", whole, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alerts.id"], name=op.f("fk_alert_regions_alert_id_alerts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code", "alert_id", name=op.f("pk_alert_regions")),
    )
    _fill_regions()
    op.create_index("ix_alert_regions_rank", "alert_regions", ["code", "score", "alert_id"])
    op.create_index("ix_alert_regions_alert_id", "alert_regions", ["alert_id"])


def _fill_regions() -> None:
    alerts = sa.table("alerts", sa.column("id"), sa.column("score"))
    places = sa.table("alert_places", sa.column("alert_id"), sa.column("code", sa.String()))
    regions = sa.table("alert_regions", sa.column("code"), sa.column("alert_id"), sa.column("score"))
    found = sa.union(
        sa.select(places.c.code, places.c.alert_id),
        *(
            sa.select(sa.func.substr(places.c.code, 1, length), places.c.alert_id).where(
                sa.func.substr(places.c.code, length + 1, 1) == "."
            )
            for length in _HOLDERS
        ),
    ).subquery()
    code, alert_id = found.c
    rows = sa.select(code, alert_id, alerts.c.score).join(alerts, alerts.c.id == alert_id)
    op.execute(regions.insert().from_select(["code", "alert_id", "score"], rows))


def downgrade() -> None:
    op.drop_index("ix_alert_regions_alert_id", table_name="alert_regions")
    op.drop_index("ix_alert_regions_rank", table_name="alert_regions")
    op.drop_table("alert_regions")
    op.drop_index("ix_deliveries_due", table_name="deliveries")
    op.drop_index("ix_deliveries_about", table_name="deliveries")
    op.drop_index("ix_deliveries_waiting", table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_column("users", "language")
    op.drop_column("users", "zone")
    op.drop_index("ix_alerts_owner", table_name="alerts")
    op.drop_column("alerts", "due_at")
    op.drop_column("alerts", "owner")
