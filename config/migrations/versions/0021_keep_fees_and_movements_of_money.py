"""Keep fees, charges and movements of money."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0021"

down_revision = "0020"

branch_labels = None

depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "submission",
        sa.Column(
            "fee", sa.Text(), nullable=True, comment="JSON, fixed with the submission: submission/fees.py"
        ),
    )
    _movements()
    _charges()
    _provider()
    _money_cases()
    _tombstones()
    _watches()


def _movements() -> None:
    op.create_table(
        "movement",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("submission", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="in, out or returned: casework/payments/states.py"
        ),
        sa.Column("instrument", sa.Text(), nullable=False, comment="card, or one of five by post"),
        sa.Column("cents", sa.BigInteger(), nullable=False, comment="whole cents, always above nothing"),
        sa.Column("on_day", sa.Text(), nullable=False, comment="the day that counts: 2016-07-14"),
        sa.Column("key", sa.Text(), nullable=False, comment="idempotency key: told twice, one movement"),
        sa.Column("charge", sa.Text(), nullable=True, comment="the provider's charge, of a card"),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="instant at which it was entered"),
        sa.Column("actor", sa.Text(), nullable=False, comment="user name, or service"),
        sa.CheckConstraint("cents > 0", name=op.f("ck_movement_cents")),
        sa.CheckConstraint("kind in ('in', 'out', 'returned')", name=op.f("ck_movement_kind")),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name=op.f("fk_movement_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movement")),
        sa.UniqueConstraint("key", name=op.f("uq_movement_key")),
    )
    op.create_index("ix_movement_submission", "movement", ["submission"])


def _charges() -> None:
    op.create_table(
        "charge",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False, comment="random: what the provider knows it by"),
        sa.Column("submission", sa.BigInteger(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False, comment="1..n of this submission"),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="casework/payments/card/states.py"),
        sa.Column("cents", sa.BigInteger(), nullable=False, comment="what is asked for, whole cents"),
        sa.Column("began_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column(
            "expires_at",
            sa.BigInteger(),
            nullable=False,
            comment="instant from which on its page takes nothing",
        ),
        sa.Column("actor", sa.Text(), nullable=False, comment="user name of who began it"),
        sa.Column("session", sa.Text(), nullable=True, comment="the provider's id of the page"),
        sa.Column("href", sa.Text(), nullable=True, comment="where the page is, while it is open"),
        sa.Column("payment", sa.Text(), nullable=True, comment="the provider's id of the payment"),
        sa.Column("failure", sa.Text(), nullable=True, comment="the bank's last word against it"),
        sa.Column(
            "asked_at", sa.BigInteger(), nullable=False, comment="instant at which the newest question began"
        ),
        sa.Column(
            "heard_event",
            sa.BigInteger(),
            nullable=False,
            comment="the newest of its events that was here before that question",
        ),
        sa.Column("settled_at", sa.BigInteger(), nullable=True, comment="instant at which it came to an end"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name=op.f("fk_charge_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
        sa.UniqueConstraint("payment", name=op.f("uq_charge_payment")),
        sa.UniqueConstraint("reference", name=op.f("uq_charge_reference")),
        sa.UniqueConstraint("session", name=op.f("uq_charge_session")),
        sa.UniqueConstraint("submission", "serial", name=op.f("uq_charge_submission_serial")),
    )
    one_under_way = sa.text("state in ('opening', 'open', 'processing')")
    op.create_index(
        "uq_charge_under_way",
        "charge",
        ["submission"],
        unique=True,
        sqlite_where=one_under_way,
        postgresql_where=one_under_way,
    )


def _provider() -> None:
    op.create_table(
        "provider_event",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False, comment="the provider's id: said twice, one row"),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column(
            "said_at", sa.BigInteger(), nullable=False, comment="the provider's instant; no order hangs on it"
        ),
        sa.Column("received_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("charge", sa.BigInteger(), nullable=True, comment="null: of no attempt of ours"),
        sa.ForeignKeyConstraint(["charge"], ["charge.id"], name=op.f("fk_provider_event_charge")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_event")),
        sa.UniqueConstraint("provider", "event", name=op.f("uq_provider_event_provider_event")),
    )
    op.create_index("ix_provider_event_charge", "provider_event", ["charge"])
    op.create_table(
        "card_refund",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("charge", sa.BigInteger(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False, comment="whole cents, above nothing"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="idempotency key: asked twice, one refund"),
        sa.Column("actor", sa.Text(), nullable=False, comment="user name, or service"),
        sa.Column("role", sa.Text(), nullable=True, comment="in which it was asked"),
        sa.Column("reason", sa.Text(), nullable=False, comment="as staff wrote it; no personal data"),
        sa.Column("asked_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("provider_id", sa.Text(), nullable=True, comment="the provider's id of the refund"),
        sa.Column("refused_for", sa.Text(), nullable=True, comment="the provider's word for its no"),
        sa.CheckConstraint("cents > 0", name=op.f("ck_card_refund_cents")),
        sa.ForeignKeyConstraint(["charge"], ["charge.id"], name=op.f("fk_card_refund_charge")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_refund")),
        sa.UniqueConstraint("key", name=op.f("uq_card_refund_key")),
    )
    op.create_index("ix_card_refund_charge", "card_refund", ["charge"])
    op.create_table(
        "card_day",
        sa.Column("day", sa.Text(), nullable=False, comment="in Montréal: 2016-07-14"),
        sa.Column("compared_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("lines", sa.Text(), nullable=False, comment="JSON: of each kind ours, theirs"),
        sa.Column("differences", sa.Text(), nullable=False, comment="JSON: what stands on one side alone"),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_card_day")),
    )


def _money_cases() -> None:
    op.create_table(
        "money_case",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("submission", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="why it waits: casework/payments/states.py"),
        sa.Column("instrument", sa.Text(), nullable=False, comment="card, or one of five by post"),
        sa.Column("cents", sa.BigInteger(), nullable=False, comment="whole cents that it is about"),
        sa.Column("on_day", sa.Text(), nullable=False, comment="the day on which the money came: 2016-07-14"),
        sa.Column("key", sa.Text(), nullable=False, comment="idempotency key"),
        sa.Column("opened_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("act", sa.Text(), nullable=True, comment="what was decided; empty while it waits"),
        sa.Column("decided_at", sa.BigInteger(), nullable=True, comment="instant"),
        sa.Column("decided_by", sa.Text(), nullable=True, comment="user name, or service"),
        sa.Column("why", sa.Text(), nullable=True, comment="as the person reads it"),
        sa.CheckConstraint("(act is null) = (decided_at is null)", name=op.f("ck_money_case_decided")),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name=op.f("fk_money_case_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_case")),
        sa.UniqueConstraint("key", name=op.f("uq_money_case_key")),
    )
    op.create_index("ix_money_case_submission", "money_case", ["submission"])
    op.create_index(
        "ix_money_case_waiting", "money_case", ["opened_at"],
        sqlite_where=sa.text("act is null"), postgresql_where=sa.text("act is null"),
    )  # fmt: skip


def _tombstones() -> None:
    op.create_table(
        "tombstone",
        sa.Column("submission", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column(
            "return_until",
            sa.Text(),
            nullable=False,
            comment="day up to which the address is kept: 2016-07-14",
        ),
        sa.Column(
            "address",
            sa.Text(),
            nullable=True,
            comment="encrypted: to return what comes by post; empty once that day is over",
        ),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name=op.f("fk_tombstone_submission")),
        sa.PrimaryKeyConstraint("submission", name=op.f("pk_tombstone")),
    )


def _watches() -> None:
    """What an earlier release took, and can still be paid, is reminded like all others."""
    op.get_bind().execute(
        sa.text(
            "insert into task (kind, subject_kind, subject_id, due_at, key, staged_at, state, attempt, failures, "
            "postponed, rung_at, leased_until) select 'payment_watch', 'submission', cast(id as text), 0, "
            "'payment_watch:submission:' || cast(id as text), :now, 'staged', 0, 0, 0, 0, 0 from submission where "
            "status = 'submitted' and pay_by > :now"
        ),
        {"now": time.time_ns() // 1_000_000},
    )


def downgrade() -> None:
    for table in (
        "tombstone",
        "money_case",
        "card_day",
        "card_refund",
        "provider_event",
        "charge",
        "movement",
    ):
        op.drop_table(table)
    op.drop_column("submission", "fee")
