"""SQL: what becomes of a submission."""

import sqlalchemy as sa

from foundation.sql.tables import metadata

document = sa.Table(
    "document",
    metadata,
    sa.Column("id", sa.Text, primary_key=True, comment="random, for the address of the document"),
    sa.Column("account", sa.BigInteger, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("subject_kind", sa.Text, nullable=False),
    sa.Column("subject_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("serial", sa.Integer, nullable=False, comment="1..n of this kind and subject"),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("blocks", sa.Text, nullable=False, comment="JSON: casework/blocks.py"),
    sa.Column("created_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.UniqueConstraint("subject_kind", "subject_id", "kind", "serial"),
)
