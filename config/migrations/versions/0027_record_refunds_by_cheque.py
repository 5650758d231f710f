"""Record refunds by cheque, with the number and day of the cheque that went out; let money in another currency wait."""

import sqlalchemy as sa
from alembic import op

revision = "0027"

down_revision = "0026"

branch_labels = None

depends_on = None


def upgrade() -> None:
    other = "another one than the Canadian dollar, such as USD"
    op.add_column("money_case", sa.Column("currency", sa.Text(), nullable=True, comment=other))
    op.create_table(
        "refund_cheque",
        sa.Column("case", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("submission", sa.BigInteger(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False, comment="whole cents, above nothing"),
        sa.Column("asked_at", sa.BigInteger(), nullable=False, comment="instant of the decision"),
        sa.Column("number", sa.Text(), nullable=True, comment="of the cheque; empty until it is issued"),
        sa.Column("issued_on", sa.Text(), nullable=True, comment="the day on it: 2016-07-14"),
        sa.Column("issued_at", sa.BigInteger(), nullable=True, comment="instant at which it was entered"),
        sa.Column("issued_by", sa.Text(), nullable=True, comment="user name"),
        sa.CheckConstraint("cents > 0", name=op.f("ck_refund_cheque_cents")),
        sa.CheckConstraint("(number is null) = (issued_on is null)", name=op.f("ck_refund_cheque_issued")),
        sa.ForeignKeyConstraint(["case"], ["money_case.id"], name=op.f("fk_refund_cheque_case")),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name=op.f("fk_refund_cheque_submission")),
        sa.PrimaryKeyConstraint("case", name=op.f("pk_refund_cheque")),
        sa.UniqueConstraint("number", name=op.f("uq_refund_cheque_number")),
    )
    op.create_index(op.f("ix_refund_cheque_submission"), "refund_cheque", ["submission"])
    # A surplus of a payment by post that was decided before had no cheque on record: each is to be issued.
    op.execute(
        'insert into refund_cheque ("case", submission, cents, asked_at) '
        "select q.id, m.submission, m.cents, q.decided_at from movement m "
        "join money_case q on m.key = 'case:' || cast(q.id as text) || '\\:surplus'"
    )


def downgrade() -> None:
    op.drop_table("refund_cheque")
    op.drop_column("money_case", "currency")
