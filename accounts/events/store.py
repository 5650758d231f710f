"""SQL: what an account went through, kept for a later look at whether it was ceded (DU-02). No personal data."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

account_event = sa.Table(
    "account_event",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("account", sa.BigInteger, nullable=False, comment="account.id"),
    sa.Column("kind", sa.Text, nullable=False, comment="accounts/events/states.py"),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("network", sa.Text, comment="keyed hash of the network it came from"),
    sa.Column("browser", sa.Text, comment="keyed hash of the browser it came from"),
    sa.Index("ix_account_event_account_at", "account", "at"),
)
"""Without a foreign key: what happened outlives the account."""
