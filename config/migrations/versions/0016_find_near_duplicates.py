"""Find near duplicates and ceded accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0016"

down_revision = "0015"

branch_labels = None

depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "linkage_block",
        sa.Column("record_kind", sa.Text(), nullable=False, comment="account, submission or paper_record"),
        sa.Column(
            "record",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="key in the table of that kind",
        ),
        sa.Column(
            "digest",
            sa.Text(),
            nullable=False,
            comment="HMAC of a blocking key: accounts/linkage/blocking.py",
        ),
        sa.PrimaryKeyConstraint("record_kind", "record", "digest", name=op.f("pk_linkage_block")),
    )
    op.create_index(
        "ix_linkage_block_digest", "linkage_block", ["digest", "record_kind", "record"], unique=False
    )
    op.create_table(
        "linkage_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False, comment="1: there is one"),
        sa.Column("key", sa.Text(), nullable=False, comment="encrypted: accounts/linkage/keys.py"),
        sa.Column("made_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linkage_key")),
    )
    op.create_table(
        "paper_record",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("row_digest", sa.Text(), nullable=False, comment="HMAC of the line: read twice, kept once"),
        sa.Column(
            "identity", sa.Text(), nullable=False, comment="encrypted JSON: identity and file reference"
        ),
        sa.Column("imported_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_record")),
        sa.UniqueConstraint("row_digest", name=op.f("uq_paper_record_row_digest")),
    )
    op.create_table(
        "review",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="duplicate, paper or cession: accounts/reviews/states.py",
        ),
        sa.Column("about", sa.Text(), nullable=False, comment="what it is about, once: duplicate:17:23"),
        sa.Column("account", sa.BigInteger(), nullable=False, comment="account.id: whom a decision meets"),
        sa.Column(
            "other_account",
            sa.BigInteger(),
            nullable=True,
            comment="account.id, of a duplicate: the other one",
        ),
        sa.Column(
            "paper_record",
            sa.BigInteger(),
            nullable=True,
            comment="paper_record.id, of a hit in the register",
        ),
        sa.Column("state", sa.Text(), nullable=False, comment="open, waiting or decided"),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="goes up with each event: optimistic lock"
        ),
        sa.Column("score", sa.Integer(), nullable=False, comment="0 to 100"),
        sa.Column(
            "signals", sa.Text(), nullable=False, comment="encrypted JSON: what speaks for it, as found"
        ),
        sa.Column("decision", sa.Text(), nullable=True, comment="the newest one; empty while there is none"),
        sa.Column(
            "is_automatic",
            sa.Boolean(),
            nullable=False,
            comment="whether the newest decision was the service's",
        ),
        sa.Column(
            "has_request", sa.Boolean(), nullable=False, comment="whether its person asked for a look at it"
        ),
        sa.Column("opened_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("changed_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("about", name=op.f("uq_review_about")),
    )
    op.create_index("ix_review_account", "review", ["account"], unique=False)
    op.create_index("ix_review_other_account", "review", ["other_account"], unique=False)
    op.create_index("ix_review_state", "review", ["state", "kind", "opened_at"], unique=False)
    op.create_table(
        "account_link",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False, comment="account.id: the duplicate"),
        sa.Column("survivor", sa.BigInteger(), nullable=False, comment="account.id: the one that counts"),
        sa.Column("review", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="exact or decided"),
        sa.Column("linked_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("ended_at", sa.BigInteger(), nullable=True, comment="instant since which it holds no more"),
        sa.ForeignKeyConstraint(["review"], ["review.id"], name=op.f("fk_account_link_review")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_link")),
    )
    op.create_index(op.f("ix_account_link_review"), "account_link", ["review"], unique=False)
    op.create_index("ix_account_link_survivor", "account_link", ["survivor"], unique=False)
    op.create_index(
        "uq_account_link_in_force",
        "account_link",
        ["account"],
        unique=True,
        sqlite_where=sa.text("ended_at is null"),
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "review_event",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("review", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False, comment="accounts/reviews/states.py"),
        sa.Column("actor", sa.Text(), nullable=False, comment="user name of staff, candidate, or service"),
        sa.Column(
            "text",
            sa.Text(),
            nullable=True,
            comment="encrypted: the reason, the question or the observations",
        ),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.ForeignKeyConstraint(["review"], ["review.id"], name=op.f("fk_review_event_review")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_event")),
    )
    op.create_index(op.f("ix_review_event_review"), "review_event", ["review"], unique=False)
    op.add_column(
        "account",
        sa.Column(
            "barred_for",
            sa.Text(),
            nullable=True,
            comment="why it may neither take a turn nor submit: accounts/reviews/states.py",
        ),
    )


def downgrade() -> None:
    with op.batch_alter_table("account") as batch:
        batch.drop_column("barred_for")
    op.drop_index(op.f("ix_review_event_review"), table_name="review_event")
    op.drop_table("review_event")
    op.drop_index(
        "uq_account_link_in_force",
        table_name="account_link",
        sqlite_where=sa.text("ended_at is null"),
        postgresql_where=sa.text("ended_at is null"),
    )
    op.drop_index("ix_account_link_survivor", table_name="account_link")
    op.drop_index(op.f("ix_account_link_review"), table_name="account_link")
    op.drop_table("account_link")
    op.drop_index("ix_review_state", table_name="review")
    op.drop_index("ix_review_other_account", table_name="review")
    op.drop_index("ix_review_account", table_name="review")
    op.drop_table("review")
    op.drop_table("paper_record")
    op.drop_table("linkage_key")
    op.drop_index("ix_linkage_block_digest", table_name="linkage_block")
    op.drop_table("linkage_block")
