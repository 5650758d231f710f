"""Let staff prove themselves twice and be removed, end idle sessions, and count tries that nobody's owner made."""

import sqlalchemy as sa
from alembic import op

revision = "0008"

down_revision = "0007"

branch_labels = None

depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column(
            "removed_at",
            sa.BigInteger(),
            nullable=True,
            comment="instant since which nobody signs in under this name",
        ),
        sa.Column("last_sign_in_at", sa.BigInteger(), nullable=True, comment="instant"),
        sa.Column(
            "totp_secret",
            sa.Text(),
            nullable=True,
            comment="encrypted: foundation/encryption/fields.py; empty without one",
        ),
        sa.Column(
            "totp_step",
            sa.BigInteger(),
            nullable=True,
            comment="step of the last code that was taken: it serves once",
        ),
    ):
        op.add_column("operator", column)
    # Of sessions that are under way nothing is known yet: they are as fresh as they were begun.
    for column in (
        sa.Column(
            "seen_at",
            sa.BigInteger(),
            nullable=True,
            comment="instant of the last request of a person; of staff only",
        ),
        sa.Column(
            "missed",
            sa.Text(),
            nullable=True,
            comment="JSON of accounts/attempts/missed.py: tries that its owner did not make",
        ),
    ):
        op.add_column("session", column)
    op.create_table(
        "missed_attempt",
        sa.Column("role", sa.Text(), nullable=False, comment="candidate or operator"),
        sa.Column(
            "owner",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="account.id or operator.id",
        ),
        sa.Column("tries", sa.Integer(), nullable=False, comment="wrong ones since the owner was told last"),
        sa.Column("knew_password", sa.Integer(), nullable=False, comment="of these, with the right password"),
        sa.Column("since", sa.BigInteger(), nullable=False, comment="instant of the first of them"),
        sa.PrimaryKeyConstraint("role", "owner", name=op.f("pk_missed_attempt")),
    )
    op.create_table(
        "refused_attempt",
        sa.Column("actor", sa.Text(), nullable=False, comment="name of a member of staff, or unknown"),
        sa.Column("code", sa.Text(), nullable=False, comment="of the refusal"),
        sa.Column(
            "minute", sa.BigInteger(), nullable=False, comment="instant at which the counted minute began"
        ),
        sa.Column(
            "tries",
            sa.Integer(),
            nullable=False,
            comment="in this minute, those with a line of their own too",
        ),
        sa.PrimaryKeyConstraint("actor", "code", name=op.f("pk_refused_attempt")),
    )


def downgrade() -> None:
    op.drop_table("refused_attempt")
    op.drop_table("missed_attempt")
    with op.batch_alter_table("session") as batch:
        batch.drop_column("missed")
        batch.drop_column("seen_at")
    with op.batch_alter_table("operator") as batch:
        for column in ("totp_step", "totp_secret", "last_sign_in_at", "removed_at"):
            batch.drop_column(column)
