"""SQL: mail that goes out. Who it goes to and what it says are encrypted, and the text is erased once delivered."""

import sqlalchemy as sa

from foundation.mail.states import MailState
from foundation.sql.tables import Id, metadata

MAIL = "mail"
"""Kind of subject of the tasks that send, and their kind."""

mail = sa.Table(
    "mail",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("key", sa.Text, nullable=False, unique=True, comment="idempotency key: posted twice, one mail"),
    sa.Column("kind", sa.Text, nullable=False, comment="of the feature that posts it"),
    sa.Column("subject_kind", sa.Text, nullable=False, comment="what it is about"),
    sa.Column("subject_id", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False, comment="its subject line; no personal data"),
    sa.Column("recipient", sa.Text, comment="encrypted: foundation/encryption/fields.py; erased when sent"),
    sa.Column("text", sa.Text, comment="encrypted; erased when sent or refused"),
    sa.Column("message_id", sa.Text, nullable=False, unique=True, comment="left part of the Message-ID"),
    sa.Column(
        "state", sa.Text, nullable=False, default=MailState.STAGED, comment="foundation/mail/states.py"
    ),
    sa.Column("staged_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("tried_at", sa.BigInteger, comment="instant of the first try"),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("settled_at", sa.BigInteger, comment="instant since which the state is no longer staged"),
    sa.Column("reply_code", sa.Integer, comment="of the last word of a server; 0 for silence"),
    sa.Column("reply_status", sa.Text, comment="enhanced status of the same (RFC 3463), such as 5.1.1"),
    sa.Column("together", sa.Text, comment="mails of one word here may go out as one; empty: alone"),
    sa.Column(
        "folded_into", sa.BigInteger, comment="mail.id of the one it goes out in; its own once taken up"
    ),
    sa.Index("ix_mail_subject", "subject_kind", "subject_id"),
    sa.Index(
        "ix_mail_together",
        "together",
        sqlite_where=sa.text("state = 'staged'"),
        postgresql_where=sa.text("state = 'staged'"),
    ),
    sa.Index(
        "ix_mail_folded_into",
        "folded_into",
        sqlite_where=sa.text("folded_into is not null"),
        postgresql_where=sa.text("folded_into is not null"),
    ),
    sa.Index(
        "ix_mail_set_aside",
        "id",
        sqlite_where=sa.text("state = 'set_aside'"),
        postgresql_where=sa.text("state = 'set_aside'"),
    ),
)
