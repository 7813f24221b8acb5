"""An index of the notices that wait: what holds how many is counted without reading those of a year"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    waiting = sa.text("ready_at IS NULL AND dropped_at IS NULL")
    op.create_index("ix_notices_waiting", "notices", ["held_by"], sqlite_where=waiting, postgresql_where=waiting)


def downgrade() -> None:
    op.drop_index("ix_notices_waiting", table_name="notices")
