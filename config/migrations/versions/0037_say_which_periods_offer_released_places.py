"""Say which periods offer the places that unpaid applications released."""

import sqlalchemy as sa
from alembic import op

revision = "0037"

down_revision = "0036"

branch_labels = None

depends_on = None


def upgrade() -> None:
    said = "whether its places are those that unpaid applications released (ADR 0040)"
    no = sa.false()
    op.add_column(
        "period", sa.Column("from_released", sa.Boolean(), nullable=False, server_default=no, comment=said)
    )


def downgrade() -> None:
    op.drop_column("period", "from_released")
