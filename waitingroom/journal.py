"""The append-only record of joins and leaves: from the stream in Redis to SQL, for `verify` and the graphs."""

import sqlalchemy as sa

from quota.store import metadata

journal = sa.Table(
    "journal",
    metadata,
    sa.Column("period", sa.Text, primary_key=True, comment="period.uid"),
    sa.Column("epoch", sa.Integer, primary_key=True),
    sa.Column("stream_id", sa.Text, primary_key=True, comment="milliseconds by Redis TIME, dash, counter"),
    sa.Column("kind", sa.Text, nullable=False, comment="join, restore or leave"),
    sa.Column("first", sa.BigInteger, nullable=False, comment="number"),
    sa.Column("last", sa.BigInteger, nullable=False, comment="number; several given in one step are one entry"),
)
