"""Say who is first: in order of arrival, or drawn from a seed that was committed to."""

import sqlalchemy as sa
from alembic import op

revision = "0002"

down_revision = "0001"

branch_labels = None

depends_on = None

COLUMNS = (
    ("mode", sa.Text, "fifo", "fifo, draw"),
    ("entries_from", sa.BigInteger, None, "instant"),
    ("value_is", sa.Text, None, "names the public value beforehand"),
    ("commitment", sa.Text, None, "SHA-256 of the seed, hexadecimal; from the announcement on"),
    ("entry_mark", sa.BigInteger, "0", "no entry above this was ever given"),
    ("entries", sa.BigInteger, None, "how many there are: frozen at the opening, never changed"),
    ("public_value", sa.Text, None, "never changed once there and entries frozen"),
    ("seed", sa.Text, None, "hexadecimal; empty until the order is drawn"),
    ("drawn_at", sa.BigInteger, None, "instant"),
)


def upgrade() -> None:
    for name, kind, default, comment in COLUMNS:
        nullable = default is None
        op.add_column(
            "period", sa.Column(name, kind(), nullable=nullable, server_default=default, comment=comment)
        )
    op.create_table(
        "draw_seed",
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column(
            "seed",
            sa.Text(),
            nullable=False,
            comment="secret until the draw copies it into the period's row",
        ),
        sa.ForeignKeyConstraint(["period"], ["period.uid"], name=op.f("fk_draw_seed_period")),
        sa.PrimaryKeyConstraint("period", name=op.f("pk_draw_seed")),
    )


def downgrade() -> None:
    op.drop_table("draw_seed")
    for name, *_ in reversed(COLUMNS):
        op.drop_column("period", name)
