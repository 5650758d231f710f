"""SQL: accounts that an agent has begun for somebody of an exempt stream, who finishes them by a link (AC-12)."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

INVITATION = "invitation"
"""Kind of subject, for the mail and the audit; its key is `invitation.id`."""

invitation = sa.Table(
    "invitation",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("code_key", sa.Text, nullable=False, unique=True, comment="blind index of the link's code"),
    sa.Column("content", sa.Text, comment="encrypted JSON: identity, address; empty once it is used or past"),
    sa.Column(
        "email_key",
        sa.Text,
        nullable=False,
        index=True,
        comment="blind index of the address",
    ),
    sa.Column("programme", sa.Text, nullable=False),
    sa.Column("stream", sa.Text, nullable=False, comment="why outside the windows: [[streams]] id"),
    sa.Column("invited_by", sa.Text, nullable=False, comment="user name of the agent"),
    sa.Column("invited_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("expires_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("account", sa.BigInteger, comment="account.id, once it is made"),
)
