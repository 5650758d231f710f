"""SQL: what becomes of a submission."""

import sqlalchemy as sa

from foundation.sql.tables import metadata

document = sa.Table(
    "document",
    metadata,
    sa.Column("id", sa.Text, primary_key=True, comment="random, for the address of the document"),
    sa.Column("submission", sa.BigInteger, sa.ForeignKey("submission.id"), nullable=False),
    sa.Column("account", sa.BigInteger, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False, comment="JSON of what the page shows"),
    sa.Column("created_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.UniqueConstraint("submission", "kind"),
)
