"""Let a period say who announced it, its edits, its frozen rules and its annulment; and acts wait for a second person.

Who announced a period is in the audit of before. What rules it was announced with is in the programme's file, which a
step of migration does not read: `guichet migrate` freezes them afterwards (`quota/frozen_rules.py`).
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"

down_revision = "0006"

branch_labels = None

depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

COLUMNS = (
    sa.Column(
        "edit_version",
        sa.BigInteger(),
        server_default="1",
        nullable=False,
        comment="goes up with every act of an operator, and with nothing else (optimistic lock)",
    ),
    sa.Column(
        "announced_by", sa.Text(), nullable=True, comment="who announced it: somebody else arms it (P17)"
    ),
    sa.Column("odd_reason", sa.Text(), nullable=True, comment="why it is unusual: quota/oddities.py"),
    sa.Column("notice_at", sa.BigInteger(), nullable=True, comment="instant at which the notice was put up"),
    sa.Column(
        "rules",
        sa.Text(),
        nullable=True,
        comment="JSON, frozen with the announcement: quota/frozen_rules.py",
    ),
    sa.Column("rules_digest", sa.Text(), nullable=True, comment="SHA-256 of rules, hexadecimal"),
    sa.Column("annulled_at", sa.BigInteger(), nullable=True, comment="instant"),
    sa.Column("annul_reason", sa.Text(), nullable=True, comment="told to everybody"),
    sa.Column(
        "voided",
        sa.Integer(),
        server_default="0",
        nullable=False,
        comment="how many of those accepted are void; accepted itself never goes down",
    ),
)

COMMENTS = (
    ("period", "state", "draft, announced, armed, open, cap_reached, closed", ", annulled"),
    (
        "period",
        "ended_at",
        "instant of cap_reached or closed",
        "instant of cap_reached, closed, or annulled before",
    ),
    ("token", "state", "live, used, lapsed, left", ", cancelled"),
)
"""Columns whose comments name one word more: table, column, comment of before, and what follows it or stands for it."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":  # SQLite keeps no comments
        for table, name, before, more in COMMENTS:
            comment = before + more if more.startswith(",") else more
            op.alter_column(table, name, comment=comment, existing_comment=before)
    for column in COLUMNS:
        op.add_column("period", column)
    op.create_table(
        "approval",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False, comment="what is done once two people want it"),
        sa.Column("author", sa.Text(), nullable=False, comment="who wanted it first"),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("approver", sa.Text(), nullable=True, comment="who wanted it too; empty while it waits"),
        sa.Column("approved_at", sa.BigInteger(), nullable=True, comment="instant"),
        sa.CheckConstraint("approver <> author", name=op.f("ck_approval_two_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index("ix_approval_subject", "approval", ["subject_kind", "subject_id", "act"])
    op.execute(
        "update period set announced_by = (select actor from audit where audit.act = 'announce'"
        " and audit.subject_kind = 'period' and audit.subject_id = period.uid order by audit.id desc limit 1)"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, name, before, _ in COMMENTS:
            op.alter_column(table, name, comment=before)
    op.drop_table("approval")
    for column in COLUMNS:
        op.drop_column("period", column.name)
