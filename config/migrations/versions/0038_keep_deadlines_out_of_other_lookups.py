"""Keep the index of deadlines out of lookups that ask for no deadline."""

import sqlalchemy as sa
from alembic import op

revision = "0038"

down_revision = "0037"

branch_labels = None

depends_on = None

BEFORE, AFTER = "state = 'live'", "state = 'live' and ends is not null"


def upgrade() -> None:
    made_anew(AFTER)


def downgrade() -> None:
    made_anew(BEFORE)


def made_anew(where: str) -> None:
    op.drop_index("ix_token_live_ends", "token")
    condition = sa.text(where)
    op.create_index(
        "ix_token_live_ends",
        "token",
        ["period", "ends"],
        sqlite_where=condition,
        postgresql_where=condition,
    )
