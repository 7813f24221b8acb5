"""What grouping compares of an item beside its terms: hashed title and proper words, figures, whether it is placed"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fingerprints", sa.Column("is_placed", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("fingerprints", sa.Column("facts", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("fingerprints", "facts")
    op.drop_column("fingerprints", "is_placed")
