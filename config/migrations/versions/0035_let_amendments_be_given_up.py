"""Let amendments be given up that wait for their fee."""

import sqlalchemy as sa
from alembic import op

revision = "0035"

down_revision = "0034"

branch_labels = None

depends_on = None


def upgrade() -> None:
    said = "instant; empty unless its candidate gave the amendment up, at which it lapsed"
    op.add_column("supplement", sa.Column("given_up_at", sa.BigInteger(), nullable=True, comment=said))


def downgrade() -> None:
    op.drop_column("supplement", "given_up_at")
