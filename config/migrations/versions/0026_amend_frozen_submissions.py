"""Amend frozen submissions, switch features on by date, and say why a task was set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0026"

down_revision = "0025"

branch_labels = None

depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


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
    _switches()


def _switches() -> None:
    op.create_table(
        "feature_switch",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="casework/switches/states.py"),
        sa.Column(
            "on_at", sa.BigInteger(), nullable=False, comment="instant from which on it is on, if approved"
        ),
        sa.Column("author", sa.Text(), nullable=False, comment="user name"),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it is planned"),
        sa.Column("planned_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("approver", sa.Text(), nullable=True, comment="user name of the second person"),
        sa.Column("approved_at", sa.BigInteger(), nullable=True, comment="instant"),
        sa.Column(
            "turned_on_at", sa.BigInteger(), nullable=True, comment="instant at which its task was done"
        ),
        sa.Column("told", sa.Integer(), nullable=False, comment="accounts that got its message"),
        sa.Column(
            "told_at", sa.BigInteger(), nullable=True, comment="instant at which the last of them had it"
        ),
        sa.Column(
            "ended_at",
            sa.BigInteger(),
            nullable=True,
            comment="instant; withdrawn before on_at, else turned off",
        ),
        sa.Column("ended_by", sa.Text(), nullable=True, comment="user name"),
        sa.Column("end_reason", sa.Text(), nullable=True, comment="why"),
        sa.CheckConstraint("approver <> author", name=op.f("ck_feature_switch_two_people")),
        sa.CheckConstraint(
            "(approver is null) = (approved_at is null)", name=op.f("ck_feature_switch_approved")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feature_switch")),
    )
    where = sa.text("ended_at is null")
    op.create_index(
        "uq_feature_switch_live", "feature_switch", ["programme", "name"], unique=True,
        sqlite_where=where, postgresql_where=where,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("feature_switch")
    op.drop_index("ix_mail_set_aside", "mail")
    op.drop_column("task", "error")
