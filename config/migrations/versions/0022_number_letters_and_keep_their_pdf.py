"""Number letters and keep their PDF.

Documents that are there are numbered in the order in which they were filed; their PDF is made when it is asked for.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"

down_revision = "0021"

branch_labels = None

depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_file",
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column(
            "number", sa.Integer(), nullable=False, comment="1..n in the account, in the order of filing"
        ),
        sa.Column(
            "key", sa.Text(), nullable=True, comment="id of the key that blocks and pdf are encrypted with"
        ),
        sa.Column(
            "blocks",
            sa.LargeBinary(),
            nullable=True,
            comment="encrypted: the blocks; empty where `document` has them plain",
        ),
        sa.Column(
            "pdf",
            sa.LargeBinary(),
            nullable=True,
            comment="encrypted: the PDF; empty until a document of before is asked for",
        ),
        sa.Column("digest", sa.Text(), nullable=True, comment="SHA-256 of the PDF, in hexadecimal"),
        sa.Column("size", sa.Integer(), nullable=True, comment="bytes of the PDF"),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_document_file_account")),
        sa.ForeignKeyConstraint(["document"], ["document.id"], name=op.f("fk_document_file_document")),
        sa.PrimaryKeyConstraint("document", name=op.f("pk_document_file")),
        sa.UniqueConstraint("account", "number", name=op.f("uq_document_file_account_number")),
    )
    op.create_table(
        "document_opening",
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column(
            "at", sa.BigInteger(), nullable=False, comment="instant at which its owner first opened it"
        ),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_document_opening_account")),
        sa.ForeignKeyConstraint(["document"], ["document.id"], name=op.f("fk_document_opening_document")),
        sa.PrimaryKeyConstraint("document", name=op.f("pk_document_opening")),
    )
    op.create_index(op.f("ix_document_opening_account"), "document_opening", ["account"])
    op.execute(
        "INSERT INTO document_file (document, account, number) SELECT id, account, "
        "row_number() OVER (PARTITION BY account ORDER BY created_at, id) FROM document"
    )


def downgrade() -> None:
    op.drop_table("document_opening")
    op.drop_table("document_file")
