"""Keep drafts section by section, encrypted.

What an earlier release wrote stays plain in its row: keys are not known here. It is read from there, and encrypted when
somebody saves in it, or by `guichet keys rotate`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"

down_revision = "0012"

branch_labels = None

depends_on = None

LIVE = sa.text("destroyed_at is null")


def upgrade() -> None:
    with op.batch_alter_table("draft") as batch:
        batch.alter_column(
            "content",
            existing_type=sa.Text(),
            nullable=True,
            comment="JSON of an earlier release, not encrypted; null once its sections are",
            existing_comment="JSON, section by section",
        )
        batch.alter_column(
            "begun_at",
            existing_type=sa.BigInteger(),
            existing_nullable=False,
            comment="instant of the first saved field (DR-01)",
            existing_comment="instant; 90 days from here (domain group C)",
        )
        batch.add_column(
            sa.Column(
                "form_version", sa.Text(), comment="version of the form it is filled in by; null is the first"
            )
        )
        batch.add_column(
            sa.Column(
                "revision", sa.BigInteger(), server_default="0", nullable=False, comment="of any section"
            )
        )
        batch.add_column(
            sa.Column(
                "kept_until", sa.BigInteger(), comment="instant; null is the programme's days from begun_at"
            )
        )
        batch.add_column(
            sa.Column(
                "destroyed_at",
                sa.BigInteger(),
                comment="instant; what remains is a tombstone without answers",
            )
        )
        batch.add_column(sa.Column("ended_by", sa.Text(), comment="why it was destroyed: expired, submitted"))
        batch.drop_constraint("uq_draft_account_programme", type_="unique")
    op.create_index(
        "uq_draft_live",
        "draft",
        ["account", "programme"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_table(
        "draft_section",
        sa.Column("draft", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False, comment="goes up by one with each save"),
        sa.Column("key", sa.Text(), nullable=False, comment="id of the key its answers are encrypted with"),
        sa.Column("answers", sa.LargeBinary(), nullable=False, comment="MessagePack, each answer encrypted"),
        sa.Column("updated_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column(
            "read_again", sa.Text(), comment="JSON: what a newer form changed here, until it is confirmed"
        ),
        sa.ForeignKeyConstraint(["draft"], ["draft.id"], name=op.f("fk_draft_section_draft")),
        sa.PrimaryKeyConstraint("draft", "section", name=op.f("pk_draft_section")),
    )
    op.create_index("ix_draft_section_key", "draft_section", ["key"])
    op.create_table(
        "draft_past",
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("draft", sa.BigInteger(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False, comment="that it was written upon"),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False, comment="as in draft_section"),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="instant at which it was set aside"),
        sa.ForeignKeyConstraint(["draft"], ["draft.id"], name=op.f("fk_draft_past_draft")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_draft_past")),
    )
    op.create_index(op.f("ix_draft_past_draft"), "draft_past", ["draft"])
    op.create_index("ix_submission_account", "submission", ["account"])
    # Drafts that are there have no task of their own yet: one a programme stages them.
    op.execute(
        "insert into task (kind, subject_kind, subject_id, due_at, key, state, attempt, failures, staged_at, rung_at,"
        " leased_until) select distinct 'draft_extend', 'programme', programme, 0,"
        " 'draft_extend:programme:' || programme, 'staged', 0, 0, 0, 0, 0 from draft"
    )


def downgrade() -> None:
    raise NotImplementedError("encrypted answers have no place in the tables of before: restore a backup")
