"""Let staff set up their second factor themselves, with recovery codes, and enter once by a code when it is renewed."""

import sqlalchemy as sa
from alembic import op

revision = "0032"

down_revision = "0031"

branch_labels = None

depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column(
            "totp_pending",
            sa.Text(),
            nullable=True,
            comment="encrypted: a secret whose first code was not typed yet",
        ),
        sa.Column(
            "codes",
            sa.Text(),
            nullable=True,
            comment="encrypted JSON of the recovery codes left; without a secret, of the code to enter once with",
        ),
        sa.Column(
            "codes_until",
            sa.BigInteger(),
            nullable=True,
            comment="instant until which a code to enter with is good",
        ),
    ):
        op.add_column("operator", column)


def downgrade() -> None:
    with op.batch_alter_table("operator") as batch:
        for column in ("codes_until", "codes", "totp_pending"):
            batch.drop_column(column)
