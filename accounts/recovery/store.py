"""SQL: who asked for a lost secret, and the link that was mailed for it. No address and no token, only their hashes."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

RECOVERY = "recovery"
"""Kind of subject of the task that answers one, and its kind; the key is `recovery.id`."""

recovery = sa.Table(
    "recovery",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("what", sa.Text, nullable=False, comment="accounts/recovery/states.py"),
    sa.Column(
        "email_keys", sa.Text, nullable=False, comment="blind indexes of the address, the newest key first"
    ),
    sa.Column("asked_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("kept_until", sa.BigInteger, nullable=False, comment="instant at which the link is past"),
    sa.Column("network", sa.Text, comment="keyed hash of the network it came from"),
    sa.Column("browser", sa.Text, comment="keyed hash of the browser it came from"),
    sa.Column("account", sa.BigInteger, comment="account.id, once somebody was written to"),
    sa.Column("token_key", sa.Text, unique=True, comment="blind index of the link's token"),
    sa.Column("used_at", sa.BigInteger, comment="instant at which it was used, which it is once"),
    sa.Column("wrong", sa.Integer, nullable=False, default=0, comment="tries with a wrong other secret"),
    sa.Index("ix_recovery_account", "account"),
    sa.Index("ix_recovery_asked_at", "asked_at"),
)
