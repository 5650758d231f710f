"""Ask for supplements of amendments that add a person."""

import sqlalchemy as sa
from alembic import op

revision = "0034"

down_revision = "0033"

branch_labels = None

depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

AWAITED = sa.text("paid_at is null and lapsed_at is null")


def upgrade() -> None:
    fixed, last = (
        "JSON, fixed with the amendment: submission/fees.py",
        "instant: the last second of the last day",
    )
    op.create_table(
        "supplement",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("submission", sa.BigInteger(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False, comment="of its amendment within the submission"),
        sa.Column("fee", sa.Text(), nullable=False, comment=fixed),
        sa.Column("asked_at", sa.BigInteger(), nullable=False, comment="instant of the amendment"),
        sa.Column("pay_by", sa.BigInteger(), nullable=False, comment=last),
        sa.Column("paid_at", sa.BigInteger(), nullable=True, comment="instant; empty until it is here"),
        sa.Column(
            "lapsed_at", sa.BigInteger(), nullable=True, comment="instant; empty unless it was not paid"
        ),
        sa.CheckConstraint("paid_at is null or lapsed_at is null", name=op.f("ck_supplement_one_end")),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name=op.f("fk_supplement_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplement")),
        sa.UniqueConstraint("submission", "serial", name=op.f("uq_supplement_submission_serial")),
    )
    op.create_index(
        "uq_supplement_awaited",
        "supplement",
        ["submission"],
        unique=True,
        sqlite_where=AWAITED,
        postgresql_where=AWAITED,
    )


def downgrade() -> None:
    op.drop_table("supplement")
