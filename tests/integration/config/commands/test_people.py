"""Operators and accounts from the shell: secrets hashed, wrong files named by line, nothing repeated."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from accounts.identities import answers_text
from accounts.passwords import COST
from accounts.store import account, operator, session
from foundation.audit import audit
from foundation.clock import now_ms, parse_rfc3339
from foundation.sql.database import Database
from submission.store import draft
from tests.conftest import apart
from tests.integration.config.commands.shell import HEADER, LINE, guichet, one_sentence, rows


def test_an_operator_is_added_and_given_a_new_password(database_url: str) -> None:
    """The password is read from stdin, kept as Argon2id, and replaced when the name is there."""
    for password in ("first password", "second password"):
        result = guichet("operator", "add", "Jeanne", url=database_url, typed=f"{password}\n")
        assert result.exit_code == 0, result.stderr
        assert password not in result.output
    (row,) = rows(database_url, operator)
    assert row.username == "jeanne"
    assert COST.verify(row.password_hash, "second password")


def test_a_new_password_ends_the_sessions_of_that_operator_alone(database_url: str) -> None:
    """Whoever knew the old password is out in every browser; another operator and a candidate stay signed in."""
    for name in ("jeanne", "lucie"):
        guichet("operator", "add", name, url=database_url, typed="first password\n")
    jeanne, lucie = rows(database_url, operator)
    kept = {("operator", lucie.id), ("candidate", jeanne.id)}
    begin_sessions(database_url, [("operator", jeanne.id), ("operator", jeanne.id), *sorted(kept)])
    guichet("operator", "add", "Jeanne", url=database_url, typed="second password\n")
    assert {(row.role, row.owner) for row in rows(database_url, session)} == kept


def begin_sessions(url: str, owners: list[tuple[str, int]]) -> None:
    """A session for each role and owner."""
    values = [
        {"digest": f"{n:064x}", "role": role, "owner": owner, "created_at": 0, "expires_at": 2**52}
        for n, (role, owner) in enumerate(owners)
    ]

    async def work() -> None:
        database = Database(url)
        try:
            await database.write(lambda conn: conn.execute(sa.insert(session).values(values)))
        finally:
            await database.close()

    apart(work())


def test_a_short_operator_password_is_refused(sqlite_url: str) -> None:
    """Nothing is written for a password that anybody guesses."""
    one_sentence(guichet("operator", "add", "jeanne", url=sqlite_url, typed="short\n"), "12 characters")
    assert rows(sqlite_url, operator) == []


def test_accounts_come_from_a_csv_file_with_their_drafts(database_url: str, tmp_path: Path) -> None:
    """Secrets hashed, answers together, the draft section by section; a second import leaves them as they are."""
    path = tmp_path / "people.csv"
    path.write_text(f"{HEADER}\n{LINE}\n", encoding="utf-8-sig")
    assert "1 accounts are new" in guichet("accounts", "import", str(path), url=database_url).stderr
    (row,) = rows(database_url, account)
    assert COST.verify(row.password_hash, "mot de passe")
    assert COST.verify(row.answers_hash, answers_text(["DAKAR", "neo"]))
    assert row.accommodation == 1.5
    assert json.loads(row.questions) == ["Ville ?", "Animal ?"]
    assert json.loads(row.identity)["family_name"] == "N’Diaye"
    (filled,) = rows(database_url, draft)
    assert (filled.account, filled.programme) == (row.id, "demo")
    assert json.loads(filled.content)["training"]["diploma"] == "Maîtrise"
    again = guichet("accounts", "import", str(path), url=database_url)
    assert "0 accounts are new, 1 were there already" in again.stderr
    assert rows(database_url, account) == [row]


def test_an_accommodation_is_granted_beforehand(sqlite_url: str, tmp_path: Path) -> None:
    """From 1 to 2, on the record, to an account that is there."""
    path = tmp_path / "people.csv"
    path.write_text(f"{HEADER}\n{LINE}\n", encoding="utf-8-sig")
    guichet("accounts", "import", str(path), url=sqlite_url)
    assert guichet("accounts", "grant", "awa", "2", "--as", "agnes", url=sqlite_url).exit_code == 0
    (row,) = rows(sqlite_url, account)
    assert row.accommodation == 2.0
    for wrong in (("awa", "2.5"), ("nobody", "1.5")):
        assert guichet("accounts", "grant", *wrong, "--as", "agnes", url=sqlite_url).exit_code == 1
    lines = [(line.actor, line.role, line.act) for line in rows(sqlite_url, audit)]
    assert lines == [
        ("command-line", "command-line", "accounts_import"),
        ("agnes", "command-line", "grant"),
        *[("agnes", "command-line", "refused")] * 2,
    ]
    assert guichet("verify", "--audit", url=sqlite_url).exit_code == 0


def test_accounts_can_be_older_than_their_import(database_url: str, tmp_path: Path) -> None:
    """`created_at` says since when; an empty one, and a file without the column, mean now."""
    old, new = f"{LINE},2016-01-20T14:05:00-05:00", f"{LINE.replace('awa', 'ada', 1)},"
    path = tmp_path / "people.csv"
    path.write_text(f"{HEADER},created_at\n{old}\n{new}\n", encoding="utf-8")
    before = now_ms()
    assert "2 accounts are new" in guichet("accounts", "import", str(path), url=database_url).stderr
    since = {row.username: row.created_at for row in rows(database_url, account)}
    assert since["awa"] == parse_rfc3339("2016-01-20T19:05:00Z")
    assert since["ada"] >= before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("username,password\nawa,x\n", ("the column answer-1 is missing",)),
        (
            f"{HEADER.replace('question-2,answer-2', 'plans.region,plans.occupation')}\n{LINE}\n",
            ("answer-2",),
        ),
        (f"{HEADER}\n{LINE.replace('Néo', ' ')}\n", ("line 2", "answer-2 is empty")),
        (f"{HEADER}\n{LINE.replace('Animal ?', '')}\n", ("line 2", "question-2 is empty")),
        (f"{HEADER},created_at\n{LINE},2016-01-20T14:05:00\n", ("line 2", "created_at")),
        (f"{HEADER},created_at\n{LINE},2099-01-20T14:05:00Z\n", ("line 2", "a past instant")),
        (f"{HEADER},created_at\n{LINE},yesterday\n", ("line 2", "created_at")),
        (f"{HEADER},shoe\n{LINE},42\n", ("the column shoe is not known",)),
        (f"{HEADER}\n{LINE}\n{LINE}\n", ("line 3", "twice")),
        (f"{HEADER}\n{LINE},more\n", ("line 2", "columns")),
        (f"{HEADER}\n{LINE.replace('1,5', '9')}\n", ("line 2", "from 1 to 2")),
        (f"{HEADER}\n{LINE.replace('awa,', ',', 1)}\n", ("line 2", "username is empty")),
        ("\udcff", ("not CSV in UTF-8",)),
    ],
)
def test_a_wrong_csv_file_names_the_line_and_repeats_nothing(
    sqlite_url: str, tmp_path: Path, text: str, words: tuple[str, ...]
) -> None:
    """Line and column, never what stands there, and nothing is written."""
    path = tmp_path / "people.csv"
    path.write_bytes(text.encode(errors="surrogateescape"))
    result = guichet("accounts", "import", str(path), url=sqlite_url)
    one_sentence(result, *words)
    assert "mot de passe" not in result.output
    assert rows(sqlite_url, account) == []


def test_a_csv_file_that_is_not_there_is_one_sentence(sqlite_url: str) -> None:
    """The file is named."""
    one_sentence(
        guichet("accounts", "import", "/no/such.csv", url=sqlite_url), "no such file", "/no/such.csv"
    )
