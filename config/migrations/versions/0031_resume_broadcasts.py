"""Say of a broadcast who stopped it, so that it may go on, and which feature's audience it tells; how many of that have
been told is counted from it."""

import sqlalchemy as sa
from alembic import op

revision = "0031"

down_revision = "0028"

branch_labels = None

depends_on = None


def upgrade() -> None:
    who = "user name of who stopped it; empty unless it is stopped"
    op.add_column("broadcast", sa.Column("stopped_by", sa.Text(), nullable=True, comment=who))
    which = "feature_switch.id, of what tells that it turned on; else empty"
    op.add_column("broadcast", sa.Column("switch", sa.BigInteger(), nullable=True, comment=which))
    op.create_index("uq_broadcast_switch", "broadcast", ["switch"], unique=True)
    op.drop_column("feature_switch", "told")
    op.drop_column("feature_switch", "told_at")
