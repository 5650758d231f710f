"""SQL: movements of money. Amounts are whole cents of the Canadian dollar (`foundation/money.py`)."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata

movement = sa.Table(
    "movement",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False, comment="in, out or returned: casework/payments/states.py"),
    sa.Column("instrument", sa.Text, nullable=False, comment="card, or one of five by post"),
    sa.Column("cents", sa.BigInteger, nullable=False, comment="whole cents, always above nothing"),
    sa.Column("on_day", sa.Text, nullable=False, comment="the day that counts: 2016-07-14"),
    sa.Column(
        "key", sa.Text, nullable=False, unique=True, comment="idempotency key: told twice, one movement"
    ),
    sa.Column("charge", sa.Text, comment="the provider's charge, of a card"),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant at which it was entered"),
    sa.Column("actor", sa.Text, nullable=False, comment="user name, or service"),
    sa.CheckConstraint("cents > 0", name="cents"),
    sa.CheckConstraint("kind in ('in', 'out', 'returned')", name="kind"),
    sa.Index("ix_movement_submission", "submission"),
)
"""Append-only: a mistake is another movement. What a file has paid is their sum (P15)."""
