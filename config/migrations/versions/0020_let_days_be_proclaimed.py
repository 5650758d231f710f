"""Let days be proclaimed holidays."""

import sqlalchemy as sa
from alembic import op

revision = "0020"

down_revision = "0019"

branch_labels = None

depends_on = None


def upgrade() -> None:
    op.create_table(
        "proclaimed_day",
        sa.Column("day", sa.Text(), nullable=False, comment="2026-09-21, in Montréal"),
        sa.Column("name", sa.Text(), nullable=False, comment="as people read it: un jour de deuil national"),
        sa.Column("author", sa.Text(), nullable=False, comment="user name of who entered it"),
        sa.Column("asked_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column(
            "approver",
            sa.Text(),
            nullable=True,
            comment="user name of who confirmed it; none yet, no holiday yet",
        ),
        sa.Column(
            "approved_at", sa.BigInteger(), nullable=True, comment="instant from which it is a holiday"
        ),
        sa.Column(
            "moved_at",
            sa.BigInteger(),
            nullable=True,
            comment="instant at which every open deadline had been looked at",
        ),
        sa.CheckConstraint("approver <> author", name=op.f("ck_proclaimed_day_two_people")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_proclaimed_day")),
    )


def downgrade() -> None:
    op.drop_table("proclaimed_day")
