"""SQL: the exempt streams: a programme's ledger of submissions outside its periods, and the claims (ADR 0029)."""

import sqlalchemy as sa

from foundation.sql.tables import Id, metadata
from submission.exempt.states import STANDING

EXEMPT_CLAIM = "exempt_claim"
"""Kind of subject, for letters, mail and the audit; its key is `exempt_claim.id`."""

exempt_ledger = sa.Table(
    "exempt_ledger",
    metadata,
    sa.Column("programme", sa.Text, primary_key=True),
    sa.Column("person_key", sa.Text, nullable=False, comment="random, one a programme, never rotated"),
    sa.Column("submitted", sa.Integer, nullable=False, default=0, comment="ranks given; never goes down"),
    sa.CheckConstraint("submitted >= 0", name="submitted"),
)
"""Its row is the lock of every exempt submission of the programme. It has no cap, and no place of any quota."""

exempt_claim = sa.Table(
    "exempt_claim",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("account", sa.BigInteger, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("programme", sa.Text, nullable=False),
    sa.Column("stream", sa.Text, nullable=False, comment="[[streams]] id of the programme's file"),
    sa.Column("proof", sa.Text, nullable=False, comment="encrypted: the number as it was typed"),
    sa.Column("proof_key", sa.Text, nullable=False, index=True, comment="blind index of the number"),
    sa.Column("state", sa.Text, nullable=False, comment="submission/exempt/states.py"),
    sa.Column("version", sa.Integer, nullable=False, default=1, comment="goes up with each move"),
    sa.Column("claimed_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("decided_at", sa.BigInteger, comment="instant of the newest decision"),
    sa.Column("decided_by", sa.Text, comment="user name of the agent of the newest decision"),
    sa.Column("reason", sa.Text, comment="of the newest decision, as the person reads it"),
    sa.Column("receipt", sa.Text, sa.ForeignKey("submission.receipt"), unique=True),
    sa.Index(
        "uq_exempt_claim_standing",
        "account",
        "programme",
        unique=True,
        sqlite_where=sa.text(f"state in {tuple(map(str, STANDING))}"),
        postgresql_where=sa.text(f"state in {tuple(map(str, STANDING))}"),
    ),
    sa.Index("ix_exempt_claim_queue", "state", "claimed_at", "id"),
)
