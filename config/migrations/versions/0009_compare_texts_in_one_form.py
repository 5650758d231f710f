"""Say of which form the texts behind hashes are, and store user names as they are compared now.

Hashes stay as they are: an account's are made anew when it signs in (`accounts/sign_in.py`). A user name that would
become somebody else's keeps the form it has, which is looked for first, and the log says how many did. What the code of
this release does with a name is written out here, so that the step does the same when the code has gone on.
"""

import logging
import unicodedata
from collections import Counter
from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

revision = "0009"

down_revision = "0008"

branch_labels = None

depends_on = None

AT_ONCE = 1_000
"""Rows written in one go."""

log = logging.getLogger("guichet.migrations")


def upgrade() -> None:
    op.add_column(
        "account",
        sa.Column(
            "secrets_form",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="form of the texts in both hashes; the default of the table is that of earlier releases",
        ),
    )
    for table in ("account", "operator"):
        kept = rename(table)
        if kept:
            log.warning(
                "%d user names of the table %s keep their spelling: without accents and the like they would be "
                "another's. They sign in as before.", kept, table,
            )  # fmt: skip


def downgrade() -> None:
    with op.batch_alter_table("account") as batch:
        batch.drop_column("secrets_form")


def rename(table: str) -> int:
    """Store the names of a table in today's form; how many could not be."""
    t = sa.table(table, sa.column("id", sa.BigInteger), sa.column("username", sa.Text))
    stored = op.get_bind().execute(sa.select(t.c.id, t.c.username).order_by(t.c.id))
    names: dict[int, str] = {row.id: row.username for row in stored}
    changes = {id: new for id, new in renamed(names).items() if new != names[id]}
    kept = sum(folded(name) != name for id, name in names.items() if id not in changes)
    statement = sa.update(t).where(t.c.id == sa.bindparam("of")).values(username=sa.bindparam("new"))
    rows = [{"of": id, "new": new} for id, new in changes.items()]
    for start in range(0, len(rows), AT_ONCE):
        op.get_bind().execute(statement, rows[start : start + AT_ONCE])
    return kept


def renamed(names: dict[int, str]) -> dict[int, str]:
    """The name of each row: today's form, where no other row has or would have it; otherwise the one it has."""
    wanted = Counter(folded(name) for name in names.values())
    return {id: new if (new := folded(name)) and wanted[new] == 1 else name for id, name in names.items()}


# -- the form of a name, as `accounts/normalisation.py` had it in this release -----------------------------------------

LETTERS = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}

APOSTROPHES = (
    0x60, 0xB4, 0x2B9, 0x2BB, 0x2BC, 0x2BD, 0x2BE, 0x2BF, 0x2C8, 0x2CA, 0x2CB, 0x384, 0x55A, 0x5F3, 0x7F4, 0x7F5,
    0x1FBD, 0x1FBF, 0x1FEF, 0x1FFD, 0x1FFE, 0x2018, 0x2019, 0x201A, 0x201B, 0x2032, 0x2035, 0xA78B, 0xA78C, 0xFF07,
    0xFF40,
)  # fmt: skip

MARKS: dict[int, str] = {
    **dict.fromkeys(APOSTROPHES, "'"),
    **dict.fromkeys((0x201C, 0x201D, 0x201E, 0x201F), '"'),
    0x2800: " ",
}

HYPHENS = {0x2D7, 0x2043, 0x2212, 0x2796}

UNSEEN = {
    0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2065, 0x3164, 0xFFA0, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10),
    *range(0xE0100, 0xE01F0),
}  # fmt: skip


def folded(text: str) -> str:
    text = unicodedata.normalize("NFKC", text.translate(MARKS)).casefold()
    text = unicodedata.normalize("NFKD", text).translate(MARKS)
    return " ".join("".join(plain(text)).split())


def plain(text: str) -> Iterable[str]:
    for letter in text:
        category = unicodedata.category(letter)
        is_unseen = (category in {"Cf", "Cc"} and not letter.isspace()) or ord(letter) in UNSEEN
        if category == "Nd":
            yield str(unicodedata.decimal(letter))
        elif category == "Pd" or ord(letter) in HYPHENS:
            yield "-"
        elif not unicodedata.combining(letter) and not is_unseen:
            yield LETTERS.get(letter, letter)
