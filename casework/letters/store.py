"""SQL: what a document is as a file, and when its owner opened it. What a document is about stands in `document`."""

import sqlalchemy as sa

from foundation.sql.tables import metadata

document_file = sa.Table(
    "document_file",
    metadata,
    sa.Column("document", sa.Text, sa.ForeignKey("document.id"), primary_key=True),
    sa.Column("account", sa.BigInteger, sa.ForeignKey("account.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False, comment="1..n in the account, in the order of filing"),
    sa.Column("key", sa.Text, comment="id of the key that blocks and pdf are encrypted with"),
    sa.Column(
        "blocks", sa.LargeBinary, comment="encrypted: the blocks; empty where `document` has them plain"
    ),
    sa.Column(
        "pdf", sa.LargeBinary, comment="encrypted: the PDF; empty until a document of before is asked for"
    ),
    sa.Column("digest", sa.Text, comment="SHA-256 of the PDF, in hexadecimal"),
    sa.Column("size", sa.Integer, comment="bytes of the PDF"),
    sa.UniqueConstraint("account", "number"),
)
"""Written once, with its document, and never changed but to be encrypted anew; a document of an earlier release gets
its number by the migration, or when its account lists it, and its PDF when it is first asked for."""

document_opening = sa.Table(
    "document_opening",
    metadata,
    sa.Column("document", sa.Text, sa.ForeignKey("document.id"), primary_key=True),
    sa.Column("account", sa.BigInteger, sa.ForeignKey("account.id"), nullable=False, index=True),
    sa.Column("at", sa.BigInteger, nullable=False, comment="instant at which its owner first opened it"),
)
