"""Register what comes by post."""

import sqlalchemy as sa
from alembic import op

revision = "0024"

down_revision = "0023"

branch_labels = None

depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mail_item",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="of its form: sent twice, one item"),
        sa.Column("kind", sa.Text(), nullable=False, comment="casework/mailroom/states.py"),
        sa.Column("state", sa.Text(), nullable=False, comment="casework/mailroom/states.py"),
        sa.Column("submission", sa.BigInteger(), nullable=True, comment="its file; empty in the pen"),
        sa.Column("received_on", sa.Text(), nullable=False, comment="day on which it came: 2016-07-14"),
        sa.Column(
            "postmarked_on", sa.Text(), nullable=True, comment="day of its postmark, where that can be read"
        ),
        sa.Column("instrument", sa.Text(), nullable=True, comment="of a payment"),
        sa.Column("cents", sa.BigInteger(), nullable=True, comment="of a payment: whole cents"),
        sa.Column(
            "reference", sa.Text(), nullable=False, comment="of a procuration, or number of an instrument"
        ),
        sa.Column(
            "changed_on", sa.Text(), nullable=True, comment="of a paper modification: the day of the change"
        ),
        sa.Column("parts", sa.Text(), nullable=False, comment="JSON: items of a list of documents"),
        sa.Column(
            "hints",
            sa.Text(),
            nullable=False,
            comment="encrypted: casework/mailroom/guessing/hints.py",
        ),
        sa.Column("entered_at", sa.BigInteger(), nullable=False, comment="instant; it drives nothing"),
        sa.Column(
            "entered_on",
            sa.Text(),
            nullable=False,
            comment="day of that in Montréal: of the daily list",
        ),
        sa.Column("entered_by", sa.Text(), nullable=False, comment="user name"),
        sa.Column(
            "acted_as",
            sa.Text(),
            nullable=True,
            comment="key under which its effect was done last, after a correction",
        ),
        sa.Column(
            "tracking", sa.Text(), nullable=True, comment="number by which the post follows what went back"
        ),
        sa.Column("sent_on", sa.Text(), nullable=True, comment="day on which it went back"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name=op.f("fk_mail_item_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_item")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_item_key")),
    )
    op.create_index("ix_mail_item_submission_kind", "mail_item", ["submission", "kind", "received_on"])
    op.create_index("ix_mail_item_entered_on", "mail_item", ["entered_on"])
    op.create_index("ix_mail_item_state", "mail_item", ["state"])
    op.create_table(
        "mail_event",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("item", sa.BigInteger(), nullable=False),
        sa.Column("move", sa.Text(), nullable=False, comment="casework/mailroom/states.py"),
        sa.Column("after", sa.Text(), nullable=False, comment="state after it"),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("actor", sa.Text(), nullable=False, comment="user name, or service"),
        sa.Column("role", sa.Text(), nullable=True, comment="in which it was done"),
        sa.Column("reason", sa.Text(), nullable=True, comment="staff's own words"),
        sa.Column("detail", sa.Text(), nullable=False, comment="JSON without personal data"),
        sa.ForeignKeyConstraint(["item"], ["mail_item.id"], name=op.f("fk_mail_event_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_event")),
    )
    op.create_index(op.f("ix_mail_event_item"), "mail_event", ["item"])
    op.create_table(
        "mail_guess",
        sa.Column("item", sa.BigInteger(), nullable=False),
        sa.Column("submission", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column(
            "signals", sa.Text(), nullable=False, comment="JSON: casework/mailroom/guessing/guesses.py"
        ),
        sa.ForeignKeyConstraint(["item"], ["mail_item.id"], name=op.f("fk_mail_guess_item")),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name=op.f("fk_mail_guess_submission")),
        sa.PrimaryKeyConstraint("item", "submission", name=op.f("pk_mail_guess")),
    )
    op.create_index(op.f("ix_mail_guess_submission"), "mail_guess", ["submission"])
    op.create_table(
        "mail_correction",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("item", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="casework/mailroom/states.py"),
        sa.Column("state", sa.Text(), nullable=False, comment="casework/mailroom/states.py"),
        sa.Column("received_on", sa.Text(), nullable=True, comment="day that is right: 2016-07-14"),
        sa.Column(
            "postmarked_on",
            sa.Text(),
            nullable=True,
            comment="day that is right, where the postmark can be read",
        ),
        sa.Column("reason", sa.Text(), nullable=False, comment="staff's own words"),
        sa.Column("proposed_by", sa.Text(), nullable=False, comment="user name"),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("decided_by", sa.Text(), nullable=True, comment="user name"),
        sa.Column("decided_at", sa.BigInteger(), nullable=True, comment="instant"),
        sa.ForeignKeyConstraint(["item"], ["mail_item.id"], name=op.f("fk_mail_correction_item")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_correction")),
    )
    op.create_index(
        "uq_mail_correction_item",
        "mail_correction",
        ["item"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )


def downgrade() -> None:
    op.drop_table("mail_correction")
    op.drop_table("mail_guess")
    op.drop_table("mail_event")
    op.drop_table("mail_item")
