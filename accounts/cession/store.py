"""SQL: from which networks an account signed in, as keyed hashes (DU-02)."""

import sqlalchemy as sa

from foundation.sql.tables import metadata

sign_in_network = sa.Table(
    "sign_in_network",
    metadata,
    sa.Column("account", sa.BigInteger, primary_key=True, autoincrement=False, comment="account.id"),
    sa.Column(
        "digest",
        sa.Text,
        primary_key=True,
        comment="keyed hash of account and network: no two accounts compare",
    ),
    sa.Column("first_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("last_at", sa.BigInteger, nullable=False, comment="instant"),
)
