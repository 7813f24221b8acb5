"""Topics: when the threshold was chosen and a head tried, what failed, and what waits to look back"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_MOMENTS = ("chosen_at", "tried_at", "failed_at")


def upgrade() -> None:
    for name in _MOMENTS:
        op.add_column("topics", sa.Column(name, waspada.store.types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("topics", sa.Column("looks_back", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.drop_column("topics", "fitted_on")


def downgrade() -> None:
    op.add_column("topics", sa.Column("fitted_on", sa.Integer(), nullable=False, server_default="0"))
    op.drop_column("topics", "looks_back")
    for name in reversed(_MOMENTS):
        op.drop_column("topics", name)
