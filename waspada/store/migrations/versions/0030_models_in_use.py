"""Tags of a model that is shown beside the one in use, and how far items were read anew after a switch"""

import sqlalchemy as sa
from alembic import op

from waspada.store.tables.base import BigKey

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tags", sa.Column("beside", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("model_events", sa.Column("walked_to", BigKey, nullable=True))


def downgrade() -> None:
    op.drop_column("model_events", "walked_to")
    # What a model said beside the one in use would be read by a version that knows no such tags.
    op.execute("DELETE FROM tags WHERE beside")
    op.drop_column("tags", "beside")
