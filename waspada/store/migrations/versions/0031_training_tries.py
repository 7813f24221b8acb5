"""How often a training was started: one that ends its process each time is not started for ever"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("trainings", sa.Column("tries", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("trainings", "tries")
