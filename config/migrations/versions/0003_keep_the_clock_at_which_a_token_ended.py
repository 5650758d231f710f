"""Keep the service clock at which a token ended, beside the instant: a host's clock may be wrong."""

import sqlalchemy as sa
from alembic import op

revision = "0003"

down_revision = "0002"

branch_labels = None

depends_on = None


def upgrade() -> None:
    comment = "service clock at that moment, ms"
    op.add_column("token", sa.Column("ended_clock", sa.BigInteger(), nullable=True, comment=comment))


def downgrade() -> None:
    op.drop_column("token", "ended_clock")
