"""The hours in which a source usually publishes"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sources", sa.Column("usual_hours", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("sources", "usual_hours")
