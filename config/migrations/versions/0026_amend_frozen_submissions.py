"""Amend frozen submissions, switch features on by date, and say why a task was set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0026"

down_revision = "0025"

branch_labels = None

depends_on = None


def upgrade() -> None:
    op.add_column(
        "task",
        sa.Column(
            "error",
            sa.Text(),
            nullable=True,
            comment="type of the last failure; its text may quote a row, and is nowhere",
        ),
    )
    where = sa.text("state = 'set_aside'")
    op.create_index("ix_mail_set_aside", "mail", ["id"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_mail_set_aside", "mail")
    op.drop_column("task", "error")
