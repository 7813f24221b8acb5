"""What a model said before it decided, so that new heads are learned without reading anew"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tags", sa.Column("log_odds", waspada.store.types.Vector(), nullable=True))


def downgrade() -> None:
    op.drop_column("tags", "log_odds")
