"""Say of an account since when mail comes back from its address, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0028"

down_revision = "0027"

branch_labels = None

depends_on = None


def upgrade() -> None:
    since = "instant since which mail comes back from it for good"
    op.add_column("account", sa.Column("email_failing_at", sa.BigInteger(), nullable=True, comment=since))
    why = "why, by RFC 3463, such as 5.1.1"
    op.add_column("account", sa.Column("email_failing_status", sa.Text(), nullable=True, comment=why))
