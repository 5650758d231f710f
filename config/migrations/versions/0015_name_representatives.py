"""Name representatives."""

import sqlalchemy as sa
from alembic import op

revision = "0015"

down_revision = "0014"

branch_labels = None

depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "consultant",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("number", sa.Text(), nullable=False, comment="capitals and digits"),
        sa.Column("name", sa.Text(), nullable=False, comment="as the register publishes it"),
        sa.Column("status", sa.Text(), nullable=False, comment="recognised, suspended, revoked"),
        sa.Column("valid_from", sa.Text(), nullable=False, comment="day"),
        sa.Column("valid_to", sa.Text(), nullable=False, comment="last day"),
        sa.Column("imported_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultant")),
        sa.UniqueConstraint("number", name=op.f("uq_consultant_number")),
    )
    op.create_table(
        "representative",
        sa.Column("id", sa.Text(), nullable=False, comment="random"),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column(
            "reference", sa.Text(), nullable=False, comment="random; printed on the form of the procuration"
        ),
        sa.Column("kind", sa.Text(), nullable=False, comment="lawyer, notary, consultant, relative"),
        sa.Column("state", sa.Text(), nullable=False, comment="declared, received, active, frozen, revoked"),
        sa.Column("frozen_from", sa.Text(), nullable=True, comment="the state that a frozen one goes on in"),
        sa.Column("consultant", sa.BigInteger(), nullable=True),
        sa.Column(
            "details",
            sa.Text(),
            nullable=False,
            comment="who it is; encrypted: foundation/encryption/fields.py",
        ),
        sa.Column("declared_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column(
            "received_on", sa.Text(), nullable=True, comment="day on which the procuration that counts came"
        ),
        sa.Column("postmarked_on", sa.Text(), nullable=True, comment="day of its postmark"),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_representative_account")),
        sa.ForeignKeyConstraint(["consultant"], ["consultant.id"], name=op.f("fk_representative_consultant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_representative")),
        sa.UniqueConstraint("reference", name=op.f("uq_representative_reference")),
    )
    op.create_index(op.f("ix_representative_account"), "representative", ["account"])
    op.create_index(op.f("ix_representative_consultant"), "representative", ["consultant"])
    live = sa.text("state <> 'revoked'")
    op.create_index(
        "ix_representative_live",
        "representative",
        ["account"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_table(
        "representative_event",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("representative", sa.Text(), nullable=False),
        sa.Column("move", sa.Text(), nullable=False, comment="accounts/representatives/states.py"),
        sa.Column("before", sa.Text(), nullable=True, comment="state; empty for the first"),
        sa.Column("after", sa.Text(), nullable=False, comment="state"),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("actor", sa.Text(), nullable=False, comment="candidate, a user name of staff, or service"),
        sa.Column("role", sa.Text(), nullable=True, comment="in which the actor acted"),
        sa.Column("reason", sa.Text(), nullable=True, comment="one of a few words"),
        sa.Column("received_on", sa.Text(), nullable=True, comment="day, of what came by mail"),
        sa.Column("postmarked_on", sa.Text(), nullable=True, comment="day"),
        sa.ForeignKeyConstraint(
            ["representative"],
            ["representative.id"],
            name=op.f("fk_representative_event_representative"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_representative_event")),
    )
    op.create_index(
        op.f("ix_representative_event_representative"), "representative_event", ["representative"]
    )
    op.create_table(
        "spouse_flag",
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("spouse", sa.BigInteger(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_spouse_flag_account")),
        sa.ForeignKeyConstraint(["spouse"], ["account.id"], name=op.f("fk_spouse_flag_spouse")),
        sa.PrimaryKeyConstraint("account", "spouse", "programme", name=op.f("pk_spouse_flag")),
    )


def downgrade() -> None:
    for table in ("spouse_flag", "representative_event", "representative", "consultant"):
        op.drop_table(table)
