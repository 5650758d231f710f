"""Say of a leave that the line has not heard of it: the process that took it may die before it says so."""

import sqlalchemy as sa
from alembic import op

revision = "0005"

down_revision = "0004"

branch_labels = None

depends_on = None


def upgrade() -> None:
    comment = "left, and a tick has not told the line yet"
    op.add_column(
        "token",
        sa.Column("unheard", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment=comment),
    )
    op.create_index(
        "ix_token_unheard",
        "token",
        ["period", "number"],
        sqlite_where=sa.text("unheard = 1"),
        postgresql_where=sa.text("unheard"),
    )


def downgrade() -> None:
    op.drop_index("ix_token_unheard", "token")
    op.drop_column("token", "unheard")
