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
from tests.integration.config.commands.shell import CREATE, HEADER, LINE, guichet, one_sentence, rows

DEMO = ("--programme", "demo")


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
    assert "1 accounts are new" in guichet("accounts", "import", str(path), *DEMO, url=database_url).stderr
    (row,) = rows(database_url, account)
    assert COST.verify(row.password_hash, "mot de passe")
    assert COST.verify(row.answers_hash, answers_text(["DAKAR", "neo"]))
    assert row.accommodation == 1.5
    assert json.loads(row.questions) == ["Ville ?", "Animal ?"]
    assert json.loads(row.identity)["family_name"] == "N’Diaye"
    (filled,) = rows(database_url, draft)
    assert (filled.account, filled.programme) == (row.id, "demo")
    assert json.loads(filled.content)["training"]["diploma"] == "Maîtrise"
    again = guichet("accounts", "import", str(path), *DEMO, url=database_url)
    assert "0 accounts are new, 1 were there already; 0 drafts for demo are new, 1 were there" in again.stderr
    assert again.exit_code == 0
    assert rows(database_url, account) == [row]


def test_a_second_programme_gets_its_drafts(database_url: str, tmp_path: Path) -> None:
    """Accounts that exist get the draft that they lack, and it is said how many are ready for which period."""
    path = tmp_path / "people.csv"
    path.write_text(f"{HEADER}\n{LINE}\n", encoding="utf-8")
    guichet("accounts", "import", str(path), *DEMO, url=database_url)
    guichet("operator", "add", "jeanne", url=database_url, typed="a good password\n")
    guichet(*CREATE, url=database_url)
    result = guichet("accounts", "import", str(path), "--programme", "PRTQ\N{EN DASH}2016", url=database_url)
    assert "0 accounts are new, 1 were there already; 1 drafts for prtq-2016 are new" in result.stderr
    assert result.stdout.startswith("No period of prtq-2016 is to come; today: 1 accounts, 0 complete drafts")
    assert sorted(one.programme for one in rows(database_url, draft)) == ["demo", "prtq-2016"]
    of_demo = guichet("accounts", "import", str(path), *DEMO, url=database_url)
    assert of_demo.stdout.startswith("june (draft, opens 2099-06-13 08:30, Montréal time): 1 accounts")


def test_the_programme_is_required(sqlite_url: str, tmp_path: Path) -> None:
    """Drafts of a programme that nobody named are nobody's."""
    path = tmp_path / "people.csv"
    path.write_text(f"{HEADER}\n{LINE}\n", encoding="utf-8")
    result = guichet("accounts", "import", str(path), url=sqlite_url)
    assert result.exit_code == 2
    assert "--programme" in result.stderr
    assert rows(sqlite_url, account) == []


def test_a_check_tells_the_same_and_writes_nothing(database_url: str, tmp_path: Path) -> None:
    """What would be new, and what is wrong with the same exit status."""
    path = tmp_path / "people.csv"
    path.write_text(f"{HEADER}\n{LINE}\n", encoding="utf-8")
    result = guichet("accounts", "import", str(path), *DEMO, "--check", url=database_url)
    assert result.exit_code == 0
    assert "Nothing was written, with --check. 1 accounts are new" in result.stderr
    assert rows(database_url, account) == rows(database_url, audit) == []
    path.write_text(f"{HEADER}\n{LINE}\n{LINE}\n", encoding="utf-8")
    one_sentence(
        guichet("accounts", "import", str(path), *DEMO, "--check", url=database_url), "line 3", "twice"
    )


def test_a_file_of_french_excel_is_read(sqlite_url: str, tmp_path: Path) -> None:
    """Semicolons, a byte order mark, `sep=`, empty rows and columns at the end; a column of one's own is said."""
    path = tmp_path / "people.csv"
    cells = LINE.replace('"1,5"', "1.5").replace(",", ";").replace("1.5", "1,5")
    text = f"sep=;\r\n{HEADER.replace(',', ';')};commentaire;\r\n{cells};à voir;\r\n;;;\r\n"
    path.write_bytes(text.encode("utf-8-sig"))
    result = guichet("accounts", "import", str(path), *DEMO, url=sqlite_url)
    assert result.exit_code == 0, result.stderr
    assert "line 2: the column commentaire is not known and is left out." in result.stderr
    (row,) = rows(sqlite_url, account)
    assert (row.username, row.accommodation) == ("awa", 1.5)


def test_every_wrong_row_is_named_and_none_is_imported(sqlite_url: str, tmp_path: Path) -> None:
    """All or nothing: who corrects the file does it once, and finds nothing half done."""
    path = tmp_path / "people.csv"
    wrong = LINE.replace("awa", "ada", 1).replace("1990-02-03", "03/02/1990")
    too_long = LINE.replace("awa", "a" * 201, 1).replace("mot de passe", "p" * 1001)
    path.write_text("\n".join([HEADER, LINE, wrong, too_long]) + "\n", encoding="utf-8")
    result = guichet("accounts", "import", str(path), *DEMO, url=sqlite_url)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert lines.pop() == "Nothing was imported: 2 of 3 rows are refused."
    assert [line.partition(": ")[0] for line in lines] == [f"{path}, line {n}" for n in (3, 4, 4)]
    for line, word in zip(lines, ("identity.birth_date", "username", "password"), strict=True):
        assert word in line
    assert "03/02/1990 is two dates" in lines[0]
    assert rows(sqlite_url, account) == rows(sqlite_url, audit) == []


def test_an_accommodation_is_granted_beforehand(sqlite_url: str, tmp_path: Path) -> None:
    """From 1 to 2, on the record, to an account that is there."""
    path = tmp_path / "people.csv"
    path.write_text(f"{HEADER}\n{LINE}\n", encoding="utf-8-sig")
    guichet("accounts", "import", str(path), *DEMO, url=sqlite_url)
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
    assert "2 accounts are new" in guichet("accounts", "import", str(path), *DEMO, url=database_url).stderr
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
        (f"{HEADER},training.diplome\n{LINE},42\n", ("is not known; most likely training.diploma is meant",)),
        (f"{HEADER},question-4\n{LINE},42\n", ("line 1", "question-4", "2 to 3 questions")),
        (f"{HEADER},username\n{LINE},ada\n", ("line 1", "the column username is there twice")),
        (f"{HEADER}\n{LINE.replace('1990-02-03', '03/02/1990')}\n", ("line 2", "identity.birth_date")),
        (f"{HEADER}\n{LINE.replace('Dakar', 'D' * 1001)}\n", ("line 2", "answer-1", "1000 characters")),
        (f"{HEADER}\n{LINE}\n{LINE}\n", ("line 3", "twice")),
        (f"{HEADER}\n{LINE},more\n", ("line 2", "columns")),
        (f"{HEADER}\n{LINE.replace('1,5', '9')}\n", ("line 2", "from 1 to 2")),
        (f"{HEADER}\n{LINE.replace('awa,', ',', 1)}\n", ("line 2", "username is empty")),
        ("\udcff", ("line 1", "not written in UTF-8", "Windows-1252", "CSV UTF-8")),
    ],
)
def test_a_wrong_csv_file_names_the_line_and_repeats_nothing(
    sqlite_url: str, tmp_path: Path, text: str, words: tuple[str, ...]
) -> None:
    """Line and column, never what stands there, and nothing is written."""
    path = tmp_path / "people.csv"
    path.write_bytes(text.encode(errors="surrogateescape"))
    result = guichet("accounts", "import", str(path), *DEMO, url=sqlite_url)
    one_sentence(result, *words)
    assert "mot de passe" not in result.output
    assert rows(sqlite_url, account) == []


def test_a_csv_file_that_is_not_there_is_one_sentence(sqlite_url: str) -> None:
    """The file is named."""
    one_sentence(
        guichet("accounts", "import", "/no/such.csv", *DEMO, url=sqlite_url), "no such file", "/no/such.csv"
    )
