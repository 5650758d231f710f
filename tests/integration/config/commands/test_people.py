"""Operators and accounts from the shell: secrets hashed, wrong files named by line, nothing repeated."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from accounts.identities import answers_text
from accounts.passwords import COST
from accounts.personal_data.fields import PersonalFields
from accounts.second_factor import totp
from accounts.store import account, operator, session
from foundation.audit import audit
from foundation.clock import now_ms, parse_rfc3339
from foundation.sql.database import Database
from submission.drafts.store import draft
from tests.conftest import apart
from tests.integration.config.commands.shell import (
    CREATE,
    GOOD_KEY,
    HEADER,
    LINE,
    add_staff,
    guichet,
    one_sentence,
    rows,
)
from tests.support.drafts import draft_at

DEMO = ("--programme", "demo")


def test_an_operator_is_added_and_never_overwritten(database_url: str) -> None:
    """The password is read from stdin, kept as Argon2id, and replaced by its own command alone."""
    add_staff(database_url, "Jeanne")
    again = guichet("operator", "add", "jeanne", url=database_url, typed="another password\n")
    one_sentence(again, "jeanne", "guichet operator password jeanne")
    (row,) = rows(database_url, operator)
    assert row.username == "jeanne"
    assert COST.verify(row.password_hash, "un long mot de passe")
    result = guichet("operator", "password", "JEANNE", url=database_url, typed="another password\n")
    assert result.exit_code == 0, result.stderr
    assert "another password" not in result.output
    (row,) = rows(database_url, operator)
    assert COST.verify(row.password_hash, "another password")
    acts = [(line.act, line.role) for line in rows(database_url, audit)]
    assert acts == [(act, "command-line") for act in ("operator_add", "refused", "operator_password")]


def test_a_new_password_ends_the_sessions_of_that_operator_alone(database_url: str) -> None:
    """Whoever knew the old password is out in every browser; another operator and a candidate stay signed in."""
    add_staff(database_url, "jeanne", "lucie")
    jeanne, lucie = rows(database_url, operator)
    kept = {("operator", lucie.id), ("candidate", jeanne.id)}
    begin_sessions(database_url, [("operator", jeanne.id), ("operator", jeanne.id), *sorted(kept)])
    guichet("operator", "password", "Jeanne", url=database_url, typed="second password\n")
    assert {(row.role, row.owner) for row in rows(database_url, session)} == kept


def test_operators_are_listed_and_removed(database_url: str) -> None:
    """A line of JSON each; who is removed is out of every browser and of the list, and stays in the audit."""
    add_staff(database_url, "jeanne", "lucie")
    jeanne, _ = rows(database_url, operator)
    begin_sessions(database_url, [("operator", jeanne.id)] * 2)
    listed = listing(database_url)
    assert [(one["username"], one["roles"], one["totp"], one["sessions"]) for one in listed] == [
        ("jeanne", ["operator"], False, 2),
        ("lucie", ["operator"], False, 0),
    ]
    assert listed[0]["last_sign_in_at"] is None
    assert guichet("operator", "remove", "Jeanne", "--as", "lucie", url=database_url).exit_code == 0
    assert [one["username"] for one in listing(database_url)] == ["lucie"]
    assert rows(database_url, session) == []
    gone = listing(database_url, "--removed")[0]
    assert (gone["username"], gone["roles"], gone["removed_at"] is None) == ("jeanne", [], False)
    one_sentence(guichet("operator", "remove", "jeanne", url=database_url), "no operator")
    one_sentence(guichet("operator", "password", "jeanne", url=database_url, typed="x" * 20), "no operator")
    removal = rows(database_url, audit)[2]
    assert (removal.actor, removal.act) == ("lucie", "operator_remove")
    assert json.loads(removal.before) == {"roles": ["operator"], "sessions": 2, "totp": False}
    add_staff(database_url, "jeanne")
    assert [one["username"] for one in listing(database_url)] == ["jeanne", "lucie"]


def listing(url: str, *options: str) -> list[dict[str, Any]]:
    """What `operator list` says."""
    said = guichet("operator", "list", *options, url=url)
    assert said.exit_code == 0, said.stderr
    return [json.loads(line) for line in said.stdout.splitlines()]


def test_a_role_that_takes_two_takes_two_from_the_shell(sqlite_url: str) -> None:
    """Granted in an empty house; afterwards the command asks, says so, and another person confirms. All of it is on the
    record, what is refused too."""
    password = "un long mot de passe\n"
    first = guichet("operator", "add", "ada", "--role", "administrator", url=sqlite_url, typed=password)
    assert first.stderr.strip().endswith("Administrator ada can sign in.")
    second = guichet(
        "operator",
        "add",
        "luc",
        "--role",
        "clerk",
        "--role",
        "agent",
        "--as",
        "ada",
        url=sqlite_url,
        typed=password,
    )
    assert second.exit_code == 0, second.stderr
    assert "Clerk luc can sign in." in second.stderr and "luc does not hold agent yet" in second.stderr
    asked = guichet("operator", "grant", "luc", "operator", "--reason", "congé", url=sqlite_url)
    assert asked.exit_code == 0 and "confirms it at /personnel/membres" in asked.stderr
    by_name = {one["username"]: one["roles"] for one in listing(sqlite_url)}
    assert by_name == {"ada": ["administrator"], "luc": ["clerk"]}
    one_sentence(guichet("operator", "grant", "ada", "operator", "--as", "ada", url=sqlite_url), "themselves")
    assert guichet("operator", "end", "luc", "operator", url=sqlite_url).exit_code == 0
    one_sentence(guichet("operator", "add", "eve", "--as", "luc", url=sqlite_url, typed=password), "--as")
    lines = [(line.actor, line.act, line.reason) for line in rows(sqlite_url, audit)]
    assert lines == [
        ("command-line", "operator_add", None),
        ("ada", "operator_add", None),
        ("ada", "role_ask", None),
        ("command-line", "role_ask", "congé"),
        ("ada", "refused", None),
        ("command-line", "role_withdraw", None),
        ("unknown", "refused", None),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "service",
        "Service",
        "command-line",
        "commande",
        "systeme",
        "Système",
        "root",
        "5ervice",
        "s\u0435rvice",
        "",
    ],
)
def test_a_name_of_nobody_is_no_operators(sqlite_url: str, name: str) -> None:
    """In the audit and on the page it would be read as the service's."""
    one_sentence(guichet("operator", "add", name, url=sqlite_url, typed="un long mot de passe\n"), "name")
    assert rows(sqlite_url, operator) == []


@pytest.mark.parametrize("name", ["service", "command-line", "unknown", "nobody-here", "", "gone"])
def test_a_command_is_done_by_an_operator_who_is_there(sqlite_url: str, tmp_path: Path, name: str) -> None:
    """Of every command: what was typed is not believed, and stays out of the record; nothing is done."""
    add_staff(sqlite_url, "jeanne", "gone")
    guichet("operator", "remove", "gone", url=sqlite_url)
    before = len(rows(sqlite_url, audit))
    path = tmp_path / "people.csv"
    path.write_text(f"{HEADER}\n{LINE}\n", encoding="utf-8-sig")
    commands = (
        CREATE[:-1], ("period", "announce", "june", "--as"), ("period", "pause", "june", "--as"),
        ("operator", "add", "boris", "--as"), ("operator", "remove", "jeanne", "--as"),
        ("operator", "password", "jeanne", "--as"), ("operator", "totp", "jeanne", "--off", "--as"),
        ("accounts", "import", str(path), "--programme", "demo", "--as"), ("accounts", "grant", "awa", "2", "--as"),
        ("migrate", "--as"),
    )  # fmt: skip
    for command in commands:
        result = guichet(*command, name, url=sqlite_url, typed="un long mot de passe\n")
        assert result.exit_code == 1, command
        one_sentence(result, "--as")
    assert [one["username"] for one in listing(sqlite_url)] == ["jeanne"]
    assert rows(sqlite_url, account) == []
    new = [(line.actor, line.role, line.act) for line in rows(sqlite_url, audit)[before:]]
    assert new == [("unknown", "command-line", "refused")] * (len(commands) - 1), "all but a migration"


def test_a_second_factor_is_shown_once_and_kept_encrypted(database_url: str) -> None:
    """Its secret and address are printed; in the database neither is to be read."""
    made = guichet(
        "operator",
        "add",
        "Jeanne",
        "--totp",
        url=database_url,
        typed="un long mot de passe\n",
        SECRET_KEYS=GOOD_KEY,
    )
    assert made.exit_code == 0, made.stderr
    secret, uri = made.stdout.splitlines()
    assert uri.startswith(f"otpauth://totp/Guichet:jeanne?secret={secret}&")
    (row,) = rows(database_url, operator)
    assert secret not in row.totp_secret
    assert totp.cipher([GOOD_KEY]).decrypt(row.totp_secret, totp.field("jeanne")) == secret
    assert [one["totp"] for one in listing(database_url)] == [True]
    again = guichet("operator", "totp", "jeanne", url=database_url, SECRET_KEYS=GOOD_KEY)
    assert again.stdout.splitlines()[0] != secret
    assert guichet("operator", "totp", "jeanne", "--off", url=database_url).exit_code == 0
    assert [one["totp"] for one in listing(database_url)] == [False]
    lines = [
        (line.act, line.after and json.loads(line.after).get("totp")) for line in rows(database_url, audit)
    ]
    assert lines == [("operator_add", True), ("operator_totp", True), ("operator_totp", False)]
    assert all(secret not in str(line) for line in rows(database_url, audit))


def test_a_lost_factor_is_taken_away_and_a_code_printed_once(sqlite_url: str) -> None:
    """It is in no text of the database; `--off` and `--entry` are two things; nobody of this name is a sentence."""
    add_staff(sqlite_url, "jeanne", "lucie")
    made = guichet(
        "operator", "totp", "jeanne", "--entry", "--as", "lucie", url=sqlite_url, SECRET_KEYS=GOOD_KEY
    )
    assert made.exit_code == 0, made.stderr
    (code,) = made.stdout.splitlines()
    assert len(code) == 11 and [one["enters"] for one in listing(sqlite_url)] == [True, False]
    (row, _), last = rows(sqlite_url, operator), rows(sqlite_url, audit)[-1]
    plain = code.replace("-", "")
    assert plain not in str(row) + str(last) and code not in str(row) + str(last)
    assert (last.actor, last.act, json.loads(last.detail)["entry_code"]) == ("lucie", "operator_totp", True)
    for arguments, words in (
        (("jeanne", "--entry", "--off"), "not both"),
        (("nobody", "--entry"), "no operator"),
        (("lucie", "--entry", "--as", "lucie"), "their own"),
    ):
        one_sentence(guichet("operator", "totp", *arguments, url=sqlite_url, SECRET_KEYS=GOOD_KEY), words)


def test_a_second_factor_needs_the_keys_of_the_service(sqlite_url: str) -> None:
    """Encrypted with another key it would open nothing: without SECRET_KEYS, or with a weak one, nothing is made."""
    for keys in ({}, {"SECRET_KEYS": "changeme"}):
        said = guichet(
            "operator", "add", "jeanne", "--totp", url=sqlite_url, typed="un long mot de passe\n", **keys
        )
        one_sentence(said, "SECRET_KEYS")
    assert rows(sqlite_url, operator) == []


def begin_sessions(url: str, owners: list[tuple[str, int]]) -> None:
    """A session for each role and owner."""
    values = [
        {
            "digest": f"{n:064x}",
            "role": role,
            "owner": owner,
            "created_at": 0,
            "expires_at": 2**52,
            "seen_at": now_ms(),
        }
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
    personal = PersonalFields([GOOD_KEY])
    assert personal.questions(row.username, row.questions) == ["Ville ?", "Animal ?"]
    assert personal.identity(row.username, row.identity).family_name == "N’Diaye"
    assert "Diaye" not in row.identity
    (filled,) = rows(database_url, draft)
    assert (filled.account, filled.programme) == (row.id, "demo")
    found = draft_at(database_url, GOOD_KEY, row.id)
    assert found is not None and found.answers["training"]["diploma"] == "Maîtrise"
    again = guichet("accounts", "import", str(path), *DEMO, url=database_url)
    assert "0 accounts are new, 1 were there already; 0 drafts for demo are new, 1 were there" in again.stderr
    assert again.exit_code == 0
    assert rows(database_url, account) == [row]


def test_a_second_programme_gets_its_drafts(database_url: str, tmp_path: Path) -> None:
    """Accounts that exist get the draft that they lack, in the columns of its form, and it is said how many are ready
    for which period."""
    path = tmp_path / "people.csv"
    path.write_text(f"{HEADER}\n{LINE}\n", encoding="utf-8")
    guichet("accounts", "import", str(path), *DEMO, url=database_url)
    guichet("operator", "add", "jeanne", url=database_url, typed="a good password\n")
    guichet(*CREATE, url=database_url)
    of_its_form = tmp_path / "members.csv"
    header = HEADER.replace("training.diploma", "training.1.diploma")
    of_its_form.write_text(f"{header}\n{LINE}\n", encoding="utf-8")
    result = guichet(
        "accounts", "import", str(of_its_form), "--programme", "PRTQ\N{EN DASH}2016", url=database_url
    )
    assert "0 accounts are new, 1 were there already; 1 drafts for prtq-2016 are new" in result.stderr
    assert result.stdout.startswith("No period of prtq-2016 is to come; today: 1 accounts, 0 complete drafts")
    assert sorted(one.programme for one in rows(database_url, draft)) == ["demo", "prtq-2016"]
    of_demo = guichet("accounts", "import", str(path), *DEMO, url=database_url)
    assert of_demo.stdout.startswith("june (draft, opens 2099-06-15 08:30, Montréal time): 1 accounts")


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
    add_staff(sqlite_url, "agnes")
    assert guichet("accounts", "grant", "awa", "2", "--as", "agnes", url=sqlite_url).exit_code == 0
    (row,) = rows(sqlite_url, account)
    assert row.accommodation == 2.0
    for wrong in (("awa", "2.5"), ("nobody", "1.5")):
        assert guichet("accounts", "grant", *wrong, "--as", "agnes", url=sqlite_url).exit_code == 1
    lines = [(line.actor, line.role, line.act) for line in rows(sqlite_url, audit)]
    assert lines == [
        ("command-line", "command-line", "accounts_import"),
        ("command-line", "command-line", "operator_add"),
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


def test_roles_are_granted_and_ended_by_an_administrator_alone(database_url: str) -> None:
    """An operator grants nothing, an administrator not to themselves; each grant and end is on the record."""
    add_staff(database_url, "jeanne")
    made = guichet(
        "operator",
        "add",
        "sylvie",
        "--role",
        "administrator",
        url=database_url,
        typed="un long mot de passe\n",
    )
    assert made.exit_code == 0, made.stderr
    refused = guichet("operator", "grant", "jeanne", "agent", "--as", "jeanne", url=database_url)
    assert refused.exit_code == 1
    one_sentence(
        guichet("operator", "grant", "sylvie", "agent", "--as", "sylvie", url=database_url), "themselves"
    )
    assert (
        guichet("operator", "grant", "jeanne", "auditor", "--as", "sylvie", url=database_url).exit_code == 0
    )
    listed = [json.loads(line) for line in guichet("operator", "list", url=database_url).stdout.splitlines()]
    assert {row["username"]: row["roles"] for row in listed} == {
        "jeanne": ["auditor", "operator"], "sylvie": ["administrator"]
    }  # fmt: skip
    assert guichet("operator", "end", "jeanne", "operator", "--as", "sylvie", url=database_url).exit_code == 0
    acts = [line.act for line in rows(database_url, audit) if line.actor == "sylvie"]
    assert acts == ["refused", "role_grant", "role_end"]


def test_identities_of_before_are_encrypted_by_a_command(database_url: str, tmp_path: Path) -> None:
    """Each once; who they are stays the same."""
    path = tmp_path / "people.csv"
    path.write_text(f"{HEADER}\n{LINE}\n", encoding="utf-8-sig")
    guichet("accounts", "import", str(path), *DEMO, url=database_url)
    other = "another key of the same installation x"
    again = guichet("accounts", "encrypt", url=database_url, SECRET_KEYS=f"{other},{GOOD_KEY}")
    assert "1 accounts were encrypted" in again.stderr
    said = [json.loads(line.detail) for line in rows(database_url, audit) if line.act == "accounts_encrypt"]
    assert said == [{"accounts": 1}, {"signatures": 0}]
    (row,) = rows(database_url, account)
    assert PersonalFields([other]).identity(row.username, row.identity).family_name == "N’Diaye"
    assert (
        "0 accounts"
        in guichet("accounts", "encrypt", url=database_url, SECRET_KEYS=f"{other},{GOOD_KEY}").stderr
    )


def test_a_file_may_bring_e_mail_addresses(database_url: str, tmp_path: Path) -> None:
    """One an account, held unique and not confirmed yet; a wrong one, or one that another account has, is refused."""
    path = tmp_path / "people.csv"
    path.write_text(f"{HEADER},email\n{LINE},Awa@Exemple.test\n", encoding="utf-8")
    guichet("accounts", "import", str(path), *DEMO, url=database_url)
    (row,) = rows(database_url, account)
    personal = PersonalFields([GOOD_KEY])
    assert personal.opened(row.username, "email", row.email) == "Awa@exemple.test"
    assert (row.email_key, row.confirmed_at) == (personal.emails.stored("awa@exemple.test"), None)
    other = LINE.replace(LINE.split(",")[0], "autre")
    path.write_text(f"{HEADER},email\n{other},AWA@exemple.test\n", encoding="utf-8")
    one_sentence_in(
        guichet("accounts", "import", str(path), *DEMO, url=database_url), "email: another account"
    )
    path.write_text(f"{HEADER},email\n{other},pas une adresse\n", encoding="utf-8")
    one_sentence_in(
        guichet("accounts", "import", str(path), *DEMO, url=database_url), "email is no e-mail address"
    )


def one_sentence_in(result: Any, words: str) -> None:
    """The file was refused, with these words."""
    assert result.exit_code == 1 and words in result.stderr, result.stderr
