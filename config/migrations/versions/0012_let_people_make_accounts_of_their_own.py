"""Let people make accounts of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0012"

down_revision = "0011"

branch_labels = None

depends_on = None

COLUMNS = (
    sa.Column("state", sa.Text(), nullable=False, server_default="active"),
    sa.Column(
        "email",
        sa.Text(),
        nullable=True,
        comment="encrypted: the address as it was typed; empty where none is known",
    ),
    sa.Column("email_key", sa.Text(), nullable=True, comment="blind index of its canonical form (AC-02)"),
    sa.Column(
        "email_alike",
        sa.Text(),
        nullable=True,
        comment="blind index of it without tags and dots: a signal, never a refusal",
    ),
    sa.Column(
        "confirmed_at",
        sa.BigInteger(),
        nullable=True,
        comment="instant at which its owner confirmed the address",
    ),
    sa.Column("terms_at", sa.BigInteger(), nullable=True, comment="instant at which the terms were accepted"),
    sa.Column("terms_version", sa.Text(), nullable=True, comment="of the terms that were accepted"),
    sa.Column(
        "address",
        sa.Text(),
        nullable=True,
        comment="encrypted JSON: accounts/personal_data/home_address.py",
    ),
    sa.Column(
        "programme",
        sa.Text(),
        nullable=True,
        comment="whose registration window made it; empty for those imported",
    ),
    sa.Column(
        "rehearsed_at",
        sa.BigInteger(),
        nullable=True,
        comment="instant of the last sign-in rehearsed whole",
    ),
)
"""Identities stay as they are: `guichet accounts encrypt` encrypts the plain ones, while people work."""


def upgrade() -> None:
    with op.batch_alter_table("account") as batch:
        for column in COLUMNS:
            batch.add_column(column)
        batch.alter_column(
            "identity",
            comment="encrypted JSON: family_name, given_name, birth_date, passport, birth_country; plain before 0012",
            existing_type=sa.Text(),
            existing_nullable=False,
        )
        batch.create_unique_constraint(op.f("uq_account_email_key"), ["email_key"])
        batch.create_index(op.f("ix_account_email_alike"), ["email_alike"])
    op.create_table(
        "registration",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("code_key", sa.Text(), nullable=False, comment="blind index of the code in the message"),
        sa.Column("username", sa.Text(), nullable=False, comment="held for it while it waits"),
        sa.Column("step", sa.Text(), nullable=False, comment="accounts/registration/states.py"),
        sa.Column("email_key", sa.Text(), nullable=True, comment="blind index of the canonical address"),
        sa.Column(
            "content",
            sa.Text(),
            nullable=True,
            comment="encrypted JSON of the account to be; empty once it is made",
        ),
        sa.Column("programme", sa.Text(), nullable=False, comment="whose registration window it came in"),
        sa.Column("account", sa.BigInteger(), nullable=True, comment="account.id, once it is made"),
        sa.Column("made_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column(
            "kept_until", sa.BigInteger(), nullable=False, comment="instant from which on the code is past"
        ),
        sa.Column("serial", sa.Text(), nullable=False, comment="what the code is made of, with a secret"),
        sa.Column("messages", sa.Integer(), nullable=False, comment="written with this code"),
        sa.Column("written_at", sa.BigInteger(), nullable=True, comment="instant of the last of them"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("code_key", name=op.f("uq_registration_code_key")),
        sa.UniqueConstraint("username", name=op.f("uq_registration_username")),
    )
    op.create_index(op.f("ix_registration_email_key"), "registration", ["email_key"])
    op.create_index(op.f("ix_registration_kept_until"), "registration", ["kept_until"])


def downgrade() -> None:
    op.drop_table("registration")
    with op.batch_alter_table("account") as batch:
        batch.drop_index(op.f("ix_account_email_alike"))
        batch.drop_constraint(op.f("uq_account_email_key"), type_="unique")
        for column in reversed(COLUMNS):
            batch.drop_column(column.name)
