"""SQL: registrations that wait for their address to be confirmed; an account is made when it is."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

REGISTRATION = "registration"
"""Kind of subject, for the mail and the audit; its key is `registration.id`."""

registration = sa.Table(
    "registration",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column(
        "code_key", sa.Text, nullable=False, unique=True, comment="blind index of the code in the message"
    ),
    sa.Column("username", sa.Text, nullable=False, unique=True, comment="held for it while it waits"),
    sa.Column("step", sa.Text, nullable=False, comment="accounts/registration/states.py"),
    sa.Column("email_key", sa.Text, index=True, comment="blind index of the canonical address"),
    sa.Column("content", sa.Text, comment="encrypted JSON of the account to be; empty once it is made"),
    sa.Column("programme", sa.Text, nullable=False, comment="whose registration window it came in"),
    sa.Column("account", sa.BigInteger, comment="account.id, once it is made"),
    sa.Column("made_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column(
        "kept_until",
        sa.BigInteger,
        nullable=False,
        index=True,
        comment="instant from which on the code is past",
    ),
    sa.Column("serial", sa.Text, nullable=False, comment="what the code is made of, with a secret"),
    sa.Column("messages", sa.Integer, nullable=False, default=0, comment="written with this code"),
    sa.Column("written_at", sa.BigInteger, comment="instant of the last of them"),
)
