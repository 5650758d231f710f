"""SQL: people, their sessions, and their wrong attempts. Personal data is only in SQL (P11)."""

import sqlalchemy as sa

from accounts.normalisation import FORM
from foundation.sql.tables import Id, metadata

ACCOUNT, OPERATOR = "account", "operator"
"""Kinds of subjects, for the audit; their keys are `account.id` and `operator.id`."""

account = sa.Table(
    "account",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("username", sa.Text, nullable=False, unique=True),
    sa.Column("password_hash", sa.Text, nullable=False, comment="Argon2id"),
    sa.Column(
        "answers_hash", sa.Text, nullable=False, comment="Argon2id of all answers, normalised, together"
    ),
    sa.Column(
        "secrets_form",
        sa.Integer,
        nullable=False,
        default=FORM,
        server_default="1",
        comment="form of the texts in both hashes; the default of the table is that of earlier releases",
    ),
    sa.Column(
        "questions",
        sa.Text,
        nullable=False,
        comment="JSON list of the security questions",
    ),
    sa.Column("created_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column(
        "identity",
        sa.Text,
        nullable=False,
        comment="encrypted JSON: family_name, given_name, birth_date, passport, birth_country; plain before 0012",
    ),
    sa.Column(
        "accommodation", sa.Float, nullable=False, default=1.0, comment="1 to 2; lengthens the token once"
    ),
    sa.Column(
        "barred_for", sa.Text, comment="why it may neither take a turn nor submit: accounts/reviews/states.py"
    ),
    sa.Column("state", sa.Text, nullable=False, default="active", server_default="active"),
    sa.Column("email", sa.Text, comment="encrypted: the address as it was typed; empty where none is known"),
    sa.Column("email_key", sa.Text, unique=True, comment="blind index of its canonical form (AC-02)"),
    sa.Column(
        "email_alike",
        sa.Text,
        index=True,
        comment="blind index of it without tags and dots: a signal, never a refusal",
    ),
    sa.Column(
        "email_failing_at", sa.BigInteger, comment="instant since which mail comes back from it for good"
    ),
    sa.Column("email_failing_status", sa.Text, comment="why, by RFC 3463, such as 5.1.1"),
    sa.Column("confirmed_at", sa.BigInteger, comment="instant at which its owner confirmed the address"),
    sa.Column("terms_at", sa.BigInteger, comment="instant at which the terms were accepted"),
    sa.Column("terms_version", sa.Text, comment="of the terms that were accepted"),
    sa.Column("address", sa.Text, comment="encrypted JSON: accounts/personal_data/home_address.py"),
    sa.Column("programme", sa.Text, comment="whose registration window made it; empty for those imported"),
    sa.Column("rehearsed_at", sa.BigInteger, comment="instant of the last sign-in rehearsed whole"),
)

operator = sa.Table(
    "operator",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("username", sa.Text, nullable=False, unique=True),
    sa.Column("password_hash", sa.Text, nullable=False, comment="Argon2id"),
    sa.Column("created_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("removed_at", sa.BigInteger, comment="instant since which nobody signs in under this name"),
    sa.Column("last_sign_in_at", sa.BigInteger, comment="instant"),
    sa.Column(
        "totp_secret", sa.Text, comment="encrypted: foundation/encryption/fields.py; empty without one"
    ),
    sa.Column("totp_step", sa.BigInteger, comment="step of the last code that was taken: it serves once"),
    sa.Column("totp_pending", sa.Text, comment="encrypted: a secret whose first code was not typed yet"),
    sa.Column(
        "codes",
        sa.Text,
        comment="encrypted JSON of the recovery codes left; without a secret, of the code to enter once with",
    ),
    sa.Column("codes_until", sa.BigInteger, comment="instant until which a code to enter with is good"),
)

role_grant = sa.Table(
    "role_grant",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=True),
    sa.Column("holder_kind", sa.Text, nullable=False, comment="account or operator"),
    sa.Column("holder", sa.BigInteger, nullable=False, comment="account.id or operator.id"),
    sa.Column("role", sa.Text, nullable=False, comment="accounts/roles.py"),
    sa.Column("from_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("until_at", sa.BigInteger, comment="instant at which it has ended; empty until further notice"),
    sa.Column("granted_by", sa.Text, nullable=False, comment="user name, or a reserved name of the audit"),
    sa.Column("granted_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Index("ix_role_grant_holder", "holder_kind", "holder"),
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True, comment="SHA-256 of the cookie's secret"),
    sa.Column("role", sa.Text, nullable=False, comment="candidate or operator"),
    sa.Column("owner", sa.BigInteger, nullable=False, comment="account.id or operator.id"),
    sa.Column("created_at", sa.BigInteger, nullable=False, comment="instant"),
    sa.Column("expires_at", sa.BigInteger, nullable=False, comment="instant; absolute (WR-17)"),
    sa.Column("seen_at", sa.BigInteger, comment="instant of the last request of a person; of staff only"),
    sa.Column(
        "missed", sa.Text, comment="JSON of accounts/attempts/missed.py: tries that its owner did not make"
    ),
)

attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column(
        "key", sa.Text, primary_key=True, comment="keyed hash of account and of where the tries come from"
    ),
    sa.Column("wrong", sa.Integer, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False, comment="instant"),
)

missed_attempt = sa.Table(
    "missed_attempt",
    metadata,
    sa.Column("role", sa.Text, primary_key=True, comment="candidate or operator"),
    sa.Column(
        "owner", sa.BigInteger, primary_key=True, autoincrement=False, comment="account.id or operator.id"
    ),
    sa.Column("tries", sa.Integer, nullable=False, comment="wrong ones since the owner was told last"),
    sa.Column("knew_password", sa.Integer, nullable=False, comment="of these, with the right password"),
    sa.Column("since", sa.BigInteger, nullable=False, comment="instant of the first of them"),
)

refused_attempt = sa.Table(
    "refused_attempt",
    metadata,
    sa.Column("actor", sa.Text, primary_key=True, comment="name of a member of staff, or unknown"),
    sa.Column("code", sa.Text, primary_key=True, comment="of the refusal"),
    sa.Column("minute", sa.BigInteger, nullable=False, comment="instant at which the counted minute began"),
    sa.Column(
        "tries", sa.Integer, nullable=False, comment="in this minute, those with a line of their own too"
    ),
)
