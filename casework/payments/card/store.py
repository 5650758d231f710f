"""SQL: attempts to pay by card, what the provider's news said, refunds that were asked for, and the daily comparison.

No card data is here or anywhere: the provider has it.
"""

import sqlalchemy as sa

from casework.payments.card.states import ChargeState, RefundState
from foundation.sql.tables import Id, metadata

CHARGE = "charge"
"""The kind of subject that an attempt is, for its tasks."""

EVENT = "provider_event"
"""The same of an event, for the question that it leads to."""

REFUND = "card_refund"
"""The same of a refund that was asked for."""

DAY = "card_day"
"""The same of a day that is compared; its key is the day."""

ONE_UNDER_WAY = "state in ('opening', 'open', 'processing')"

charge = sa.Table(
    "charge",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column(
        "reference", sa.Text, nullable=False, unique=True, comment="random: what the provider knows it by"
    ),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), nullable=False),
    sa.Column("serial", sa.Integer, nullable=False, comment="1..n of this submission"),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column(
        "state",
        sa.Text,
        nullable=False,
        default=ChargeState.OPENING,
        comment="casework/payments/card/states.py",
    ),
    sa.Column("cents", sa.BigInteger, nullable=False, comment="what is asked for, whole cents"),
    sa.Column("began_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column(
        "expires_at", sa.BigInteger, nullable=False, comment="instant from which on its page takes nothing"
    ),
    sa.Column("actor", sa.Text, nullable=False, comment="user name of who began it"),
    sa.Column("session", sa.Text, unique=True, comment="the provider's id of the page"),
    sa.Column("href", sa.Text, comment="where the page is, while it is open"),
    sa.Column("payment", sa.Text, unique=True, comment="the provider's id of the payment"),
    sa.Column("failure", sa.Text, comment="the bank's last word against it"),
    sa.Column(
        "asked_at",
        sa.BigInteger,
        nullable=False,
        default=0,
        comment="instant at which the newest question began",
    ),
    sa.Column(
        "heard_event",
        sa.BigInteger,
        nullable=False,
        default=0,
        comment="the newest of its events that was here before that question",
    ),
    sa.Column("settled_at", sa.BigInteger, comment="instant at which it came to an end"),
    sa.UniqueConstraint("submission", "serial"),
    sa.Index(
        "uq_charge_under_way",
        "submission",
        unique=True,
        sqlite_where=sa.text(ONE_UNDER_WAY),
        postgresql_where=sa.text(ONE_UNDER_WAY),
    ),
)
"""One attempt at one provider. Of a file one at a time is under way (P15)."""

provider_event = sa.Table(
    "provider_event",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False, comment="the provider's id: said twice, one row"),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column(
        "said_at", sa.BigInteger, nullable=False, comment="the provider's instant; no order hangs on it"
    ),
    sa.Column("received_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("charge", sa.BigInteger, sa.ForeignKey("charge.id"), comment="null: of no attempt of ours"),
    sa.UniqueConstraint("provider", "event"),
    sa.Index("ix_provider_event_charge", "charge"),
)

card_refund = sa.Table(
    "card_refund",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("charge", sa.BigInteger, sa.ForeignKey("charge.id"), nullable=False, index=True),
    sa.Column("cents", sa.BigInteger, nullable=False, comment="whole cents, above nothing"),
    sa.Column("state", sa.Text, nullable=False, default=RefundState.ASKED),
    sa.Column(
        "key", sa.Text, nullable=False, unique=True, comment="idempotency key: asked twice, one refund"
    ),
    sa.Column("actor", sa.Text, nullable=False, comment="user name, or service"),
    sa.Column("role", sa.Text, comment="in which it was asked"),
    sa.Column("reason", sa.Text, nullable=False, comment="as staff wrote it; no personal data"),
    sa.Column("asked_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("provider_id", sa.Text, comment="the provider's id of the refund"),
    sa.Column("refused_for", sa.Text, comment="the provider's word for its no"),
    sa.CheckConstraint("cents > 0", name="cents"),
)

card_day = sa.Table(
    "card_day",
    metadata,
    sa.Column("day", sa.Text, primary_key=True, comment="in Montréal: 2016-07-14"),
    sa.Column("compared_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("lines", sa.Text, nullable=False, comment="JSON: of each kind ours, theirs"),
    sa.Column("differences", sa.Text, nullable=False, comment="JSON: what stands on one side alone"),
)
"""One row for each day, also where nothing moved."""
