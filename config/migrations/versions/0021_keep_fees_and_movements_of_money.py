"""Keep fees, charges and movements of money."""

import sqlalchemy as sa
from alembic import op

revision = "0021"

down_revision = "0020"

branch_labels = None

depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "submission",
        sa.Column(
            "fee", sa.Text(), nullable=True, comment="JSON, fixed with the submission: submission/fees.py"
        ),
    )
    _movements()


def _movements() -> None:
    op.create_table(
        "movement",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("submission", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="in, out or returned: casework/payments/states.py"
        ),
        sa.Column("instrument", sa.Text(), nullable=False, comment="card, or one of five by post"),
        sa.Column("cents", sa.BigInteger(), nullable=False, comment="whole cents, always above nothing"),
        sa.Column("on_day", sa.Text(), nullable=False, comment="the day that counts: 2016-07-14"),
        sa.Column("key", sa.Text(), nullable=False, comment="idempotency key: told twice, one movement"),
        sa.Column("charge", sa.Text(), nullable=True, comment="the provider's charge, of a card"),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="instant at which it was entered"),
        sa.Column("actor", sa.Text(), nullable=False, comment="user name, or service"),
        sa.CheckConstraint("cents > 0", name=op.f("ck_movement_cents")),
        sa.CheckConstraint("kind in ('in', 'out', 'returned')", name=op.f("ck_movement_kind")),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name=op.f("fk_movement_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movement")),
        sa.UniqueConstraint("key", name=op.f("uq_movement_key")),
    )
    op.create_index("ix_movement_submission", "movement", ["submission"])


def downgrade() -> None:
    op.drop_table("movement")
    op.drop_column("submission", "fee")
