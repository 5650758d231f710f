"""Carry mail that is to go out, and keep what an account went through."""

import sqlalchemy as sa
from alembic import op

revision = "0011"

down_revision = "0010"

branch_labels = None

depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _mail()
    _account_events()
    _recovery()
    _email_change()
    _second_factor()
    op.add_column(
        "task",
        sa.Column(
            "postponed",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="leases that ended with a later instant to try again: no failures",
        ),
    )


def _mail() -> None:
    op.create_table(
        "mail",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="idempotency key: posted twice, one mail"),
        sa.Column("kind", sa.Text(), nullable=False, comment="of the feature that posts it"),
        sa.Column("subject_kind", sa.Text(), nullable=False, comment="what it is about"),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False, comment="its subject line; no personal data"),
        sa.Column(
            "recipient",
            sa.Text(),
            nullable=True,
            comment="encrypted: foundation/encryption/fields.py; erased when sent",
        ),
        sa.Column("text", sa.Text(), nullable=True, comment="encrypted; erased when sent or refused"),
        sa.Column("message_id", sa.Text(), nullable=False, comment="left part of the Message-ID"),
        sa.Column("state", sa.Text(), nullable=False, comment="foundation/mail/states.py"),
        sa.Column("staged_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("tried_at", sa.BigInteger(), nullable=True, comment="instant of the first try"),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column(
            "settled_at",
            sa.BigInteger(),
            nullable=True,
            comment="instant since which the state is no longer staged",
        ),
        sa.Column(
            "reply_code",
            sa.Integer(),
            nullable=True,
            comment="of the last word of a server; 0 for silence",
        ),
        sa.Column(
            "reply_status",
            sa.Text(),
            nullable=True,
            comment="enhanced status of the same (RFC 3463), such as 5.1.1",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mail_message_id")),
    )
    op.create_index("ix_mail_subject", "mail", ["subject_kind", "subject_id"])


def _account_events() -> None:
    op.create_table(
        "account_event",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False, comment="account.id"),
        sa.Column("kind", sa.Text(), nullable=False, comment="accounts/events/states.py"),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("network", sa.Text(), nullable=True, comment="keyed hash of the network it came from"),
        sa.Column("browser", sa.Text(), nullable=True, comment="keyed hash of the browser it came from"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_event")),
    )
    op.create_index("ix_account_event_account_at", "account_event", ["account", "at"])


def _recovery() -> None:
    op.create_table(
        "recovery",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("what", sa.Text(), nullable=False, comment="accounts/recovery/states.py"),
        sa.Column(
            "email_keys",
            sa.Text(),
            nullable=False,
            comment="blind indexes of the address, the newest key first",
        ),
        sa.Column("asked_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("kept_until", sa.BigInteger(), nullable=False, comment="instant at which the link is past"),
        sa.Column("network", sa.Text(), nullable=True, comment="keyed hash of the network it came from"),
        sa.Column("browser", sa.Text(), nullable=True, comment="keyed hash of the browser it came from"),
        sa.Column(
            "account", sa.BigInteger(), nullable=True, comment="account.id, once somebody was written to"
        ),
        sa.Column("token_key", sa.Text(), nullable=True, comment="blind index of the link's token"),
        sa.Column(
            "used_at",
            sa.BigInteger(),
            nullable=True,
            comment="instant at which it was used, which it is once",
        ),
        sa.Column("wrong", sa.Integer(), nullable=False, comment="tries with a wrong other secret"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
        sa.UniqueConstraint("token_key", name=op.f("uq_recovery_token_key")),
    )
    op.create_index("ix_recovery_account", "recovery", ["account"])
    op.create_index("ix_recovery_asked_at", "recovery", ["asked_at"])


def _email_change() -> None:
    op.create_table(
        "email_change",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False, comment="account.id"),
        sa.Column(
            "email", sa.Text(), nullable=True, comment="encrypted: the new address; erased once it is settled"
        ),
        sa.Column("state", sa.Text(), nullable=False, comment="email_change/states.py"),
        sa.Column("asked_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column(
            "due_at", sa.BigInteger(), nullable=False, comment="instant from which on it may come true"
        ),
        sa.Column(
            "confirmed_at",
            sa.BigInteger(),
            nullable=True,
            comment="instant at which the new address was confirmed",
        ),
        sa.Column(
            "settled_at", sa.BigInteger(), nullable=True, comment="instant since which it no longer waits"
        ),
        sa.Column("confirm_key", sa.Text(), nullable=True, comment="blind index of the new address's token"),
        sa.Column("cancel_key", sa.Text(), nullable=True, comment="blind index of the old address's token"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_change")),
        sa.UniqueConstraint("confirm_key", name=op.f("uq_email_change_confirm_key")),
        sa.UniqueConstraint("cancel_key", name=op.f("uq_email_change_cancel_key")),
    )
    op.create_index("ix_email_change_account", "email_change", ["account"])


def _second_factor() -> None:
    op.create_table(
        "second_factor",
        sa.Column("account", sa.BigInteger(), autoincrement=False, nullable=False, comment="account.id"),
        sa.Column(
            "secret", sa.Text(), nullable=True, comment="encrypted; empty until its first code was typed"
        ),
        sa.Column(
            "pending",
            sa.Text(),
            nullable=True,
            comment="encrypted: a secret whose first code was not typed yet",
        ),
        sa.Column(
            "step",
            sa.BigInteger(),
            nullable=True,
            comment="step of the last code that was taken: it serves once",
        ),
        sa.Column(
            "codes",
            sa.Text(),
            nullable=True,
            comment="encrypted JSON of the recovery codes that are left",
        ),
        sa.Column("set_at", sa.BigInteger(), nullable=True, comment="instant since which it is asked for"),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_second_factor")),
    )


def downgrade() -> None:
    op.drop_table("second_factor")
    op.drop_table("email_change")
    op.drop_table("recovery")
    op.drop_column("task", "postponed")
    op.drop_table("account_event")
    op.drop_table("mail")
