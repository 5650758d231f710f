"""SQL: movements of money, money that waits for a person, and what remains of deleted files. Amounts are whole cents of
the Canadian dollar (`foundation/money.py`)."""

from typing import Final

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

money_case = sa.Table(
    "money_case",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), nullable=False, index=True),
    sa.Column("reason", sa.Text, nullable=False, comment="why it waits: casework/payments/states.py"),
    sa.Column("instrument", sa.Text, nullable=False, comment="card, or one of five by post"),
    sa.Column("cents", sa.BigInteger, nullable=False, comment="whole cents that it is about"),
    sa.Column("on_day", sa.Text, nullable=False, comment="the day on which the money came: 2016-07-14"),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="idempotency key"),
    sa.Column("opened_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("act", sa.Text, comment="what was decided; empty while it waits"),
    sa.Column("decided_at", sa.BigInteger, comment="instant"),
    sa.Column("decided_by", sa.Text, comment="user name, or service"),
    sa.Column("why", sa.Text, comment="as the person reads it"),
    sa.Column("currency", sa.Text, comment="another one than the Canadian dollar, such as USD"),
    sa.CheckConstraint("(act is null) = (decided_at is null)", name="decided"),
    sa.Index(
        "ix_money_case_waiting",
        "opened_at",
        sqlite_where=sa.text("act is null"),
        postgresql_where=sa.text("act is null"),
    ),
)
"""Money that no rule places: a person decides once, and the row stays. Nothing of its file is deleted meanwhile."""

refund_cheque = sa.Table(
    "refund_cheque",
    metadata,
    sa.Column("case", sa.BigInteger, sa.ForeignKey("money_case.id"), primary_key=True, autoincrement=False),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), nullable=False, index=True),
    sa.Column("cents", sa.BigInteger, nullable=False, comment="whole cents, above nothing"),
    sa.Column("asked_at", sa.BigInteger, nullable=False, comment="instant of the decision"),
    sa.Column("number", sa.Text, unique=True, comment="of the cheque; empty until it is issued"),
    sa.Column("issued_on", sa.Text, comment="the day on it: 2016-07-14"),
    sa.Column("issued_at", sa.BigInteger, comment="instant at which it was entered"),
    sa.Column("issued_by", sa.Text, comment="user name"),
    sa.CheckConstraint("cents > 0", name="cents"),
    sa.CheckConstraint("(number is null) = (issued_on is null)", name="issued"),
)
"""Money that a decision gives back by cheque, and the cheque once it has left."""

IS_AWAITED: Final = "paid_at is null and lapsed_at is null"

supplement = sa.Table(
    "supplement",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), nullable=False),
    sa.Column("serial", sa.Integer, nullable=False, comment="of its amendment within the submission"),
    sa.Column("fee", sa.Text, nullable=False, comment="JSON, fixed with the amendment: submission/fees.py"),
    sa.Column("asked_at", sa.BigInteger, nullable=False, comment="instant of the amendment"),
    sa.Column("pay_by", sa.BigInteger, nullable=False, comment="instant: the last second of the last day"),
    sa.Column("paid_at", sa.BigInteger, comment="instant; empty until it is here"),
    sa.Column("lapsed_at", sa.BigInteger, comment="instant; empty unless it was not paid"),
    sa.Column(
        "given_up_at",
        sa.BigInteger,
        comment="instant; empty unless its candidate gave the amendment up, at which it lapsed",
    ),
    sa.CheckConstraint("paid_at is null or lapsed_at is null", name="one_end"),
    sa.UniqueConstraint("submission", "serial"),
    sa.Index(
        "uq_supplement_awaited",
        "submission",
        unique=True,
        sqlite_where=sa.text(IS_AWAITED),
        postgresql_where=sa.text(IS_AWAITED),
    ),
)
"""What an amendment costs that adds a person: beside the fee, which stands in the submission's row. One is awaited at a
time; its amendment counts once it is paid."""

tombstone = sa.Table(
    "tombstone",
    metadata,
    sa.Column(
        "submission", sa.BigInteger, sa.ForeignKey("submission.id"), primary_key=True, autoincrement=False
    ),
    sa.Column("deleted_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column(
        "return_until", sa.Text, nullable=False, comment="day up to which the address is kept: 2016-07-14"
    ),
    sa.Column(
        "address", sa.Text, comment="encrypted: to return what comes by post; empty once that day is over"
    ),
)
"""What remains of a file that was deleted because it was not paid: its number, its events and movements, and this."""
