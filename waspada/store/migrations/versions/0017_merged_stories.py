"""The index of merged stories holds them alone: one of all made a planner read every story that was not merged"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_NAME = "ix_stories_merged_into"


def upgrade() -> None:
    merged = sa.text("merged_into IS NOT NULL")
    op.drop_index(_NAME, table_name="stories")
    op.create_index(_NAME, "stories", ["merged_into"], sqlite_where=merged, postgresql_where=merged)


def downgrade() -> None:
    op.drop_index(_NAME, table_name="stories")
    op.create_index(_NAME, "stories", ["merged_into"])
