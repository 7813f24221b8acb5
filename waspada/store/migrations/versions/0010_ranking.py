"""Ranking: how sure a level is, volumes by the first report, notes beside the parts, and weights that were learned"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ALL_GROUPS = 15


def upgrade() -> None:
    op.create_table(
        "ranking_weights",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", waspada.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_ranking_weights")),
    )
    op.add_column("tags", sa.Column("alert_p", sa.JSON(), nullable=True))
    op.add_column("alerts", sa.Column("weights_version", sa.Integer(), nullable=True))
    op.add_column("alerts", sa.Column("notes", sa.JSON(), nullable=True))
    op.add_column(
        "story_places", sa.Column("first_item_at", waspada.store.types.UtcDateTime(timezone=True), nullable=True)
    )
    op.add_column("story_places", sa.Column("label_groups", sa.Integer(), nullable=False, server_default="0"))
    places = sa.table(
        "story_places",
        sa.column("first_item_at", waspada.store.types.UtcDateTime(timezone=True)),
        sa.column("last_item_at", waspada.store.types.UtcDateTime(timezone=True)),
        sa.column("eventful", sa.Boolean()),
        sa.column("label_groups", sa.Integer()),
    )
    # Of which group the older ones are is not kept; for the five weeks that they count they stand for all.
    groups = sa.case((places.c.eventful, _ALL_GROUPS), else_=0)
    op.execute(places.update().values(first_item_at=places.c.last_item_at, label_groups=groups))
    op.create_index("ix_story_places_began", "story_places", ["code", "first_item_at", "label_groups", "story_id"])
    op.create_index("ix_alert_places_alert", "alert_places", ["code", "alert_id", "position"])


def downgrade() -> None:
    op.drop_index("ix_alert_places_alert", table_name="alert_places")
    op.drop_index("ix_story_places_began", table_name="story_places")
    op.drop_column("story_places", "label_groups")
    op.drop_column("story_places", "first_item_at")
    op.drop_column("alerts", "notes")
    op.drop_column("alerts", "weights_version")
    op.drop_column("tags", "alert_p")
    op.drop_table("ranking_weights")
