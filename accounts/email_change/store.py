"""SQL: changes of e-mail addresses, which wait so that the old address can say no."""

import sqlalchemy as sa

from accounts.email_change.states import EmailChangeState
from foundation.sql.tables import Id, metadata

EMAIL_CHANGE = "email_change"
"""Kind of subject of the task that makes one come true, and its kind; the key is `email_change.id`."""

email_change = sa.Table(
    "email_change",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("account", sa.BigInteger, nullable=False, comment="account.id"),
    sa.Column("email", sa.Text, comment="encrypted: the new address; erased once it is settled"),
    sa.Column(
        "state", sa.Text, nullable=False, default=EmailChangeState.WAITING, comment="email_change/states.py"
    ),
    sa.Column("asked_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("due_at", sa.BigInteger, nullable=False, comment="instant from which on it may come true"),
    sa.Column("confirmed_at", sa.BigInteger, comment="instant at which the new address was confirmed"),
    sa.Column("settled_at", sa.BigInteger, comment="instant since which it no longer waits"),
    sa.Column("confirm_key", sa.Text, unique=True, comment="blind index of the new address's token"),
    sa.Column("cancel_key", sa.Text, unique=True, comment="blind index of the old address's token"),
    sa.Index("ix_email_change_account", "account"),
)
