"""Let agents handle files and exempt streams: submissions that no period has, claims, invitations, openings."""

import sqlalchemy as sa
from alembic import op

revision = "0017"

down_revision = "0016"

branch_labels = None

depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

LIVE = "ledger is not null and status not in ('annulled', 'removed')"

STANDING = "state in ('declared', 'accepted', 'used')"


def upgrade() -> None:
    op.create_table(
        "exempt_ledger",
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("person_key", sa.Text(), nullable=False, comment="random, one a programme, never rotated"),
        sa.Column("submitted", sa.Integer(), nullable=False, comment="ranks given; never goes down"),
        sa.CheckConstraint("submitted >= 0", name=op.f("ck_exempt_ledger_submitted")),
        sa.PrimaryKeyConstraint("programme", name=op.f("pk_exempt_ledger")),
    )
    with op.batch_alter_table("submission") as table:
        table.alter_column("period", existing_type=sa.Text(), nullable=True)
        table.alter_column("number", existing_type=sa.BigInteger(), nullable=True)
        table.add_column(
            sa.Column("ledger", sa.Text(), nullable=True, comment="instead of a period: of an exempt stream")
        )
        table.add_column(sa.Column("stream", sa.Text(), nullable=True, comment="which one"))
        table.create_foreign_key(op.f("fk_submission_ledger"), "exempt_ledger", ["ledger"], ["programme"])
        table.create_unique_constraint(op.f("uq_submission_ledger_rank"), ["ledger", "rank"])
        table.create_check_constraint(
            op.f("ck_submission_one_ledger"),
            "(period is null) = (ledger is not null) and (number is null) = (period is null) "
            "and (stream is null) = (ledger is null)",
        )
    for whose in ("account", "person"):
        op.create_index(
            f"uq_submission_ledger_{whose}",
            "submission",
            ["ledger", whose],
            unique=True,
            sqlite_where=sa.text(LIVE),
            postgresql_where=sa.text(LIVE),
        )
    _claims()
    _desk()


def _claims() -> None:
    op.create_table(
        "exempt_claim",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False, comment="[[streams]] id of the programme's file"),
        sa.Column("proof", sa.Text(), nullable=False, comment="encrypted: the number as it was typed"),
        sa.Column("proof_key", sa.Text(), nullable=False, comment="blind index of the number"),
        sa.Column("state", sa.Text(), nullable=False, comment="submission/exempt/states.py"),
        sa.Column("version", sa.Integer(), nullable=False, comment="goes up with each move"),
        sa.Column("claimed_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("decided_at", sa.BigInteger(), nullable=True, comment="instant of the newest decision"),
        sa.Column(
            "decided_by", sa.Text(), nullable=True, comment="user name of the agent of the newest decision"
        ),
        sa.Column(
            "reason", sa.Text(), nullable=True, comment="of the newest decision, as the person reads it"
        ),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_exempt_claim_account")),
        sa.ForeignKeyConstraint(["receipt"], ["submission.receipt"], name=op.f("fk_exempt_claim_receipt")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exempt_claim")),
        sa.UniqueConstraint("receipt", name=op.f("uq_exempt_claim_receipt")),
    )
    op.create_index(op.f("ix_exempt_claim_account"), "exempt_claim", ["account"])
    op.create_index(op.f("ix_exempt_claim_proof_key"), "exempt_claim", ["proof_key"])
    op.create_index("ix_exempt_claim_queue", "exempt_claim", ["state", "claimed_at", "id"])
    op.create_index(
        "uq_exempt_claim_standing",
        "exempt_claim",
        ["account", "programme"],
        unique=True,
        sqlite_where=sa.text(STANDING),
        postgresql_where=sa.text(STANDING),
    )


def _desk() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("code_key", sa.Text(), nullable=False, comment="blind index of the link's code"),
        sa.Column(
            "content",
            sa.Text(),
            nullable=True,
            comment="encrypted JSON: identity, address; empty once it is used or past",
        ),
        sa.Column("email_key", sa.Text(), nullable=False, comment="blind index of the address"),
        sa.Column("programme", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False, comment="why outside the windows: [[streams]] id"),
        sa.Column("invited_by", sa.Text(), nullable=False, comment="user name of the agent"),
        sa.Column("invited_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column("account", sa.BigInteger(), nullable=True, comment="account.id, once it is made"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("code_key", name=op.f("uq_invitation_code_key")),
    )
    op.create_index(op.f("ix_invitation_email_key"), "invitation", ["email_key"])
    op.create_table(
        "file_opening",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("agent", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False, comment="console/agents/states.py"),
        sa.Column("method", sa.Text(), nullable=False, comment="how it was checked who asks"),
        sa.Column("result", sa.Text(), nullable=False, comment="confirmed, failed, not_needed"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why, in the agent's words"),
        sa.Column("opened_at", sa.BigInteger(), nullable=False, comment="instant"),
        sa.Column(
            "open_until", sa.BigInteger(), nullable=False, comment="instant; 0 where nothing was disclosed"
        ),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_file_opening_account")),
        sa.ForeignKeyConstraint(["agent"], ["operator.id"], name=op.f("fk_file_opening_agent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_opening")),
    )
    op.create_index("ix_file_opening_agent_account", "file_opening", ["agent", "account", "opened_at"])


def downgrade() -> None:
    op.drop_table("file_opening")
    op.drop_table("invitation")
    op.drop_table("exempt_claim")
    op.drop_index("uq_submission_ledger_person", "submission")
    op.drop_index("uq_submission_ledger_account", "submission")
    with op.batch_alter_table("submission") as table:
        table.drop_constraint(op.f("ck_submission_one_ledger"), type_="check")
        table.drop_constraint(op.f("uq_submission_ledger_rank"), type_="unique")
        table.drop_constraint(op.f("fk_submission_ledger"), type_="foreignkey")
        table.drop_column("stream")
        table.drop_column("ledger")
        table.alter_column("number", existing_type=sa.BigInteger(), nullable=False)
        table.alter_column("period", existing_type=sa.Text(), nullable=False)
    op.drop_table("exempt_ledger")
