"""Hashes that follow their accounts: made once, and never over a secret that somebody has."""

from typing import Any

import sqlalchemy as sa

from accounts import store
from accounts.bulk_import import new_accounts, secret_hashes
from accounts.bulk_import.file_rows import FileAccount
from accounts.bulk_import.secret_hashes import SecretHashes
from accounts.identities import Identity, answers_text
from accounts.passwords import COST
from foundation.sql.database import Database
from tests.support.desks import PERSONAL


def a_row(**values: Any) -> FileAccount:
    return FileAccount(
        line=2, known="anne", username="Anne", password="de\u0301\N{NO-BREAK SPACE}x", questions=("?", "?"),
        answers=("N’Diaye", "Néo"), accommodation=1.0, created_at=None, columns={},
        identity=Identity(family_name="Roy", given_name="", birth_date="1990-02-03", passport="A1"), **values,
    )  # fmt: skip


def test_secrets_of_a_file_are_hashed_in_today_s_form() -> None:
    """The password composed and with plain spaces, the answers folded together."""
    (made,) = secret_hashes.made([a_row()])
    assert COST.verify(made.password, "dé x")
    assert COST.verify(made.answers, answers_text(["n'diaye", "neo"]))


def test_hashes_of_a_file_are_taken_as_they_are() -> None:
    """What the file brings is not made again."""
    (made,) = secret_hashes.made([a_row(password_hash="of-before")])
    assert made.password == "of-before"
    assert COST.verify(made.answers, answers_text(["n'diaye", "neo"]))


async def test_a_hash_is_written_only_where_there_is_none(database: Database) -> None:
    """A password that was renewed by mail meanwhile stays; the answers that are lacking come. Twice is as once."""
    row = new_accounts.of_file(a_row(password_hash="renewed"))
    ids = await database.write(lambda conn: new_accounts.add_accounts(conn, PERSONAL, [row], 1))
    for answers in ("first", "second"):
        hashes = {ids["anne"]: SecretHashes("of the file", answers)}
        await database.write(lambda conn, hashes=hashes: secret_hashes.write(conn, hashes))  # type: ignore[misc]
    a = store.account.c
    found = await database.read(lambda conn: conn.execute(sa.select(a.password_hash, a.answers_hash)))
    assert tuple(found.one()) == ("renewed", "first")


def test_the_time_is_told_by_cores() -> None:
    """60 ms of one core an account: fifty minutes for 100,000 on two."""
    assert secret_hashes.seconds_for(100_000, cores=2) == 3_000
