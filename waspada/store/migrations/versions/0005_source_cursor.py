"""Where the reading of an API or stream goes on"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sources", sa.Column("cursor", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("sources", "cursor")
