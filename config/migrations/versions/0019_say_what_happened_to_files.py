"""Say what happened to files."""

import sqlalchemy as sa
from alembic import op

revision = "0019"

down_revision = "0018"

branch_labels = None

depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "file_event",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("submission", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="casework/files/states.py"),
        sa.Column("key", sa.Text(), nullable=False, comment="idempotency key: said twice, one event"),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="instant at which it was recorded"),
        sa.Column(
            "on_day", sa.Text(), nullable=True, comment="the day that counts, where it is another: 2016-07-14"
        ),
        sa.Column("actor", sa.Text(), nullable=False, comment="user name, or service"),
        sa.Column("role", sa.Text(), nullable=True, comment="in which it was done"),
        sa.Column(
            "reason",
            sa.Text(),
            nullable=True,
            comment="as the person reads it",
        ),
        sa.Column("detail", sa.Text(), nullable=False, comment="JSON without personal data"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name=op.f("fk_file_event_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_event")),
        sa.UniqueConstraint("key", name=op.f("uq_file_event_key")),
    )
    op.create_index("ix_file_event_submission_kind", "file_event", ["submission", "kind"])


def downgrade() -> None:
    op.drop_table("file_event")
