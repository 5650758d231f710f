"""Keep a record of SQL having come back from a copy, and of what is not known any more."""

import sqlalchemy as sa
from alembic import op

revision = "0010"

down_revision = "0006"

branch_labels = None

depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "restoration",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column(
            "known_at",
            sa.BigInteger(),
            nullable=False,
            comment="instant of the last tick that the copy knows",
        ),
        sa.Column("epoch", sa.Integer(), nullable=False, comment="that was begun because of it"),
        sa.Column(
            "submissions",
            sa.Integer(),
            nullable=False,
            comment="accepted since the copy, as far as anybody knows",
        ),
        sa.Column("calls", sa.Integer(), nullable=False, comment="numbers that had a row and have none"),
        sa.Column("numbers", sa.LargeBinary(), nullable=True, comment="zlib bitmap of these numbers"),
        sa.Column(
            "acknowledged_at",
            sa.BigInteger(),
            nullable=True,
            comment="instant at which an operator said that they know",
        ),
        sa.Column("acknowledged_by", sa.Text(), nullable=True, comment="user name"),
        sa.ForeignKeyConstraint(["period"], ["period.uid"], name=op.f("fk_restoration_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restoration")),
    )
    op.create_index(op.f("ix_restoration_period"), "restoration", ["period"])


def downgrade() -> None:
    op.drop_table("restoration")
