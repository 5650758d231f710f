"""List documents, and decide."""

import sqlalchemy as sa
from alembic import op

revision = "0025"

down_revision = "0024"

branch_labels = None

depends_on = None


def upgrade() -> None:
    op.create_table(
        "checklist",
        sa.Column("submission", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False, comment="of the rules"),
        sa.Column("rules", sa.Text(), nullable=False, comment="SHA-256 of their file"),
        sa.Column("answers", sa.Text(), nullable=False, comment="SHA-256 of what was signed"),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of the list as it went out"),
        sa.Column("sent_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("sent_on", sa.Text(), nullable=False, comment="day: 2016-07-14"),
        sa.Column("days", sa.Text(), nullable=False, comment="JSON: casework/checklists/rules.py, DayRules"),
        sa.Column(
            "addresses", sa.Text(), nullable=False, comment="JSON: where to send it, as the list says it"
        ),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name=op.f("fk_checklist_submission")),
        sa.PrimaryKeyConstraint("submission", name=op.f("pk_checklist")),
    )
    op.create_table(
        "decision",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("submission", sa.BigInteger(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False, comment="1..n of the file"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="casework/decisions/states.py"),
        sa.Column("reason", sa.Text(), nullable=False, comment="encrypted: as the person reads it"),
        sa.Column(
            "replaces", sa.BigInteger(), nullable=True, comment="the decision in whose place it stands"
        ),
        sa.Column("second_needed", sa.Boolean(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False, comment="SHA-256 of the answers it is about"),
        sa.Column("rules", sa.Text(), nullable=False, comment="SHA-256 of the rules of decisions"),
        sa.Column(
            "checklist_rules",
            sa.Text(),
            nullable=True,
            comment="SHA-256 of the rules of the list that was sent",
        ),
        sa.Column("proposed_by", sa.Text(), nullable=False, comment="user name"),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column(
            "settled_by", sa.Text(), nullable=True, comment="user name of who confirmed it or took it back"
        ),
        sa.Column(
            "settled_at",
            sa.BigInteger(),
            nullable=True,
            comment="instant; empty while it waits for a second person",
        ),
        sa.Column(
            "on_day",
            sa.Text(),
            nullable=True,
            comment="day of the decision: 2016-07-14; empty for one that was never made",
        ),
        sa.CheckConstraint(
            "on_day is null or not second_needed or settled_by <> proposed_by",
            name=op.f("ck_decision_two_people"),
        ),
        sa.ForeignKeyConstraint(["replaces"], ["decision.id"], name=op.f("fk_decision_replaces")),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name=op.f("fk_decision_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("submission", "serial", name=op.f("uq_decision_submission_serial")),
    )
    op.create_index(op.f("ix_decision_submission"), "decision", ["submission"], unique=False)
    op.create_index(
        "uq_decision_open",
        "decision",
        ["submission"],
        unique=True,
        sqlite_where=sa.text("settled_at is null"),
        postgresql_where=sa.text("settled_at is null"),
    )
    op.create_table(
        "file_taking",
        sa.Column("submission", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False, comment="user name"),
        sa.Column("taken_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("until", sa.BigInteger(), nullable=False, comment="instant at which anybody may take it"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name=op.f("fk_file_taking_submission")),
        sa.PrimaryKeyConstraint("submission", name=op.f("pk_file_taking")),
    )
    op.create_table(
        "checklist_item",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("submission", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="1..n within the list, as it is printed"),
        sa.Column("key", sa.Text(), nullable=False, comment="casework/checklists/generating.py"),
        sa.Column("person", sa.Text(), nullable=False, comment="principal, spouse or dependant"),
        sa.Column("name", sa.Text(), nullable=False, comment="encrypted: whose document it is"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("help", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("translation", sa.Boolean(), nullable=False),
        sa.Column("give_back", sa.Boolean(), nullable=False, comment="the original goes back"),
        sa.Column("address", sa.Text(), nullable=False, comment="id of one of the list's addresses"),
        sa.Column(
            "asked_on", sa.Text(), nullable=False, comment="day on which it was first asked: 2016-07-14"
        ),
        sa.ForeignKeyConstraint(
            ["submission"], ["checklist.submission"], name=op.f("fk_checklist_item_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_item")),
        sa.UniqueConstraint("submission", "key", name=op.f("uq_checklist_item_submission_key")),
        sa.UniqueConstraint("submission", "number", name=op.f("uq_checklist_item_submission_number")),
    )
    op.create_table(
        "checklist_item_event",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("submission", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="of the item"),
        sa.Column("act", sa.Text(), nullable=False, comment="casework/checklists/states.py"),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="instant at which it was recorded"),
        sa.Column("on_day", sa.Text(), nullable=False, comment="the day that counts: 2016-07-14"),
        sa.Column("actor", sa.Text(), nullable=False, comment="user name, or service"),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column(
            "text",
            sa.Text(),
            nullable=True,
            comment="encrypted: explanation, or reason as the person reads it",
        ),
        sa.Column(
            "tracking", sa.Text(), nullable=True, comment="number by which the post follows an original"
        ),
        sa.Column(
            "told_at", sa.BigInteger(), nullable=True, comment="instant at which the person was told of it"
        ),
        sa.ForeignKeyConstraint(
            ["submission"], ["checklist.submission"], name=op.f("fk_checklist_item_event_submission")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_item_event")),
    )
    op.create_index(
        "ix_checklist_item_event_submission", "checklist_item_event", ["submission", "number"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_checklist_item_event_submission", table_name="checklist_item_event")
    op.drop_table("checklist_item_event")
    op.drop_table("checklist_item")
    op.drop_table("file_taking")
    op.drop_index(
        "uq_decision_open",
        table_name="decision",
        sqlite_where=sa.text("settled_at is null"),
        postgresql_where=sa.text("settled_at is null"),
    )
    op.drop_index(op.f("ix_decision_submission"), table_name="decision")
    op.drop_table("decision")
    op.drop_table("checklist")
