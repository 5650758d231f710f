"""Ask for a proof of work with each number, where an operator says so."""

import sqlalchemy as sa
from alembic import op

revision = "0004"

down_revision = "0003"

branch_labels = None

depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("period", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "proof",
                sa.Boolean(),
                server_default=sa.text("false"),
                nullable=False,
                comment="whether a number owes a proof of work",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("period", schema=None) as batch_op:
        batch_op.drop_column("proof")
