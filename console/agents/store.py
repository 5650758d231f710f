"""SQL: files that agents have opened: why, after which check of who asks, for how long (AC-11)."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

file_opening = sa.Table(
    "file_opening",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("account", sa.BigInteger, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("agent", sa.BigInteger, sa.ForeignKey("operator.id"), nullable=False),
    sa.Column("purpose", sa.Text, nullable=False, comment="console/agents/states.py"),
    sa.Column("method", sa.Text, nullable=False, comment="how it was checked who asks"),
    sa.Column("result", sa.Text, nullable=False, comment="confirmed, failed, not_needed"),
    sa.Column("reason", sa.Text, nullable=False, comment="why, in the agent's words"),
    sa.Column("opened_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("open_until", sa.BigInteger, nullable=False, comment="instant; 0 where nothing was disclosed"),
    sa.Index("ix_file_opening_agent_account", "agent", "account", "opened_at"),
)
