"""SQL: representatives of candidates, what became of each power, the register of consultants, spouses who apply too."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

REPRESENTATIVE, REGISTER = "representative", "consultant_register"
"""Kinds of subjects: the key of the first is `representative.id`, that of the second a day such as 2026-06-13."""

consultant = sa.Table(
    "consultant",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("number", sa.Text, nullable=False, unique=True, comment="capitals and digits"),
    sa.Column("name", sa.Text, nullable=False, comment="as the register publishes it"),
    sa.Column("status", sa.Text, nullable=False, comment="recognised, suspended, revoked"),
    sa.Column("valid_from", sa.Text, nullable=False, comment="day"),
    sa.Column("valid_to", sa.Text, nullable=False, comment="last day"),
    sa.Column("imported_at", sa.BigInteger, nullable=False, comment="instant"),
)

representative = sa.Table(
    "representative",
    metadata,
    sa.Column("id", sa.Text, primary_key=True, comment="random"),
    sa.Column("account", sa.BigInteger, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column(
        "reference",
        sa.Text,
        nullable=False,
        unique=True,
        comment="random; printed on the form of the procuration",
    ),
    sa.Column("kind", sa.Text, nullable=False, comment="lawyer, notary, consultant, relative"),
    sa.Column("state", sa.Text, nullable=False, comment="declared, received, active, frozen, revoked"),
    sa.Column("frozen_from", sa.Text, comment="the state that a frozen one goes on in"),
    sa.Column("consultant", sa.BigInteger, sa.ForeignKey("consultant.id"), index=True),
    sa.Column(
        "details", sa.Text, nullable=False, comment="who it is; encrypted: foundation/encryption/fields.py"
    ),
    sa.Column("declared_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("received_on", sa.Text, comment="day on which the procuration that counts came"),
    sa.Column("postmarked_on", sa.Text, comment="day of its postmark"),
    sa.Index(
        "ix_representative_live",
        "account",
        unique=True,
        sqlite_where=sa.text("state <> 'revoked'"),
        postgresql_where=sa.text("state <> 'revoked'"),
    ),
)
"""One live representative an account: the index holds it, whoever clicks twice."""

representative_event = sa.Table(
    "representative_event",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("representative", sa.Text, sa.ForeignKey("representative.id"), nullable=False, index=True),
    sa.Column("move", sa.Text, nullable=False, comment="accounts/representatives/states.py"),
    sa.Column("before", sa.Text, comment="state; empty for the first"),
    sa.Column("after", sa.Text, nullable=False, comment="state"),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("actor", sa.Text, nullable=False, comment="candidate, a user name of staff, or service"),
    sa.Column("role", sa.Text, comment="in which the actor acted"),
    sa.Column("reason", sa.Text, comment="one of a few words"),
    sa.Column("received_on", sa.Text, comment="day, of what came by mail"),
    sa.Column("postmarked_on", sa.Text, comment="day"),
)
"""Append-only: what was undone is a line too."""

spouse_flag = sa.Table(
    "spouse_flag",
    metadata,
    sa.Column("account", sa.BigInteger, sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("spouse", sa.BigInteger, sa.ForeignKey("account.id"), primary_key=True),
    sa.Column("programme", sa.Text, primary_key=True),
    sa.Column("found_at", sa.BigInteger, nullable=False, comment="instant"),
)
"""The account that declares a spouse, and the account that this spouse has: seen by agents, refused to nobody."""
