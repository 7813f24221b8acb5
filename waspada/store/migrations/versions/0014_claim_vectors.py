"""Embeddings of fact-checks, and the verdicts of this desk as they were given; recent items are matched anew"""

import sqlalchemy as sa
from alembic import op

import waspada.store.types
from waspada.store import append_only

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLE = "fact_check_events"


def upgrade() -> None:
    op.add_column("fact_checks", sa.Column("vectors_of", sa.String(length=80), nullable=True))
    op.add_column("fact_checks", sa.Column("vectors", waspada.store.types.Vector(), nullable=True))
    op.create_index(op.f("ix_fact_checks_vectors_of"), "fact_checks", ["vectors_of"])
    op.create_table(
        _TABLE,
        sa.Column("id", _KEY, nullable=False),
        sa.Column("claim_id", sa.String(length=80), nullable=False),
        sa.Column("at", waspada.store.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["fact_checks.id"], name=op.f(f"fk_{_TABLE}_claim_id_fact_checks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TABLE}")),
    )
    op.create_index(op.f(f"ix_{_TABLE}_claim_id"), _TABLE, ["claim_id"])
    op.execute(
        f"INSERT INTO {_TABLE} (claim_id, at, actor, verdict, url, reason) "  # noqa: S608 (constants only)
        "SELECT id, added_at, actor, verdict, url, reason FROM fact_checks "
        "WHERE origin = 'own' AND added_at IS NOT NULL AND actor IS NOT NULL"
    )
    append_only.refuse_update(op, _TABLE)
    op.execute("UPDATE fact_checks SET looked_back = false")  # the way of scoring is another one


def downgrade() -> None:
    append_only.allow_update(op, _TABLE)
    op.drop_table(_TABLE)
    op.drop_index(op.f("ix_fact_checks_vectors_of"), "fact_checks")
    op.drop_column("fact_checks", "vectors")
    op.drop_column("fact_checks", "vectors_of")
