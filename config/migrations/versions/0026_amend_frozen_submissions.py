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
    _amendments()


def _amendments() -> None:
    op.create_table(
        "amendment",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("submission", sa.BigInteger(), nullable=False),
        sa.Column(
            "serial", sa.Integer(), nullable=False, comment="1..n of its submission: the version after it"
        ),
        sa.Column("kind", sa.Text(), nullable=False, comment="submission/forms/model.py: AmendmentKind"),
        sa.Column(
            "key", sa.Text(), nullable=False, comment="of the form that was sent: twice, one amendment"
        ),
        sa.Column("on_day", sa.Text(), nullable=False, comment="the day of the change: 2016-07-14"),
        sa.Column("last_day", sa.Text(), nullable=False, comment="until which it was to be told: 2016-08-15"),
        sa.Column("told_on", sa.Text(), nullable=False, comment="day on which it was told"),
        sa.Column("author", sa.Text(), nullable=False, comment="user name"),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("content", sa.Text(), nullable=False, comment="encrypted: casework/amendments/sealing.py"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name=op.f("fk_amendment_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
        sa.UniqueConstraint("submission", "key", name=op.f("uq_amendment_submission_key")),
        sa.UniqueConstraint("submission", "serial", name=op.f("uq_amendment_submission_serial")),
    )
    op.create_table(
        "amendment_review",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("amendment", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False, comment="casework/amendments/states.py"),
        sa.Column("actor", sa.Text(), nullable=False, comment="user name"),
        sa.Column("role", sa.Text(), nullable=False, comment="in which it was done"),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column(
            "text",
            sa.Text(),
            nullable=True,
            comment="what was asked, encrypted: casework/amendments/sealing.py",
        ),
        sa.ForeignKeyConstraint(["amendment"], ["amendment.id"], name=op.f("fk_amendment_review_amendment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment_review")),
    )
    op.create_index("ix_amendment_review_amendment", "amendment_review", ["amendment"])


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
    op.drop_table("amendment_review")
    op.drop_table("amendment")
    op.drop_table("feature_switch")
    op.drop_index("ix_mail_set_aside", "mail")
    op.drop_column("task", "error")
