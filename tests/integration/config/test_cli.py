"""The command line does its work on both stores, and says in one sentence what is wrong outside of it."""

import errno
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click.testing
import pytest
import redis
import sqlalchemy as sa
from click.testing import CliRunner

from accounts.identities import answers_text
from accounts.passwords import COST
from accounts.store import account, operator, session
from config.cli import main
from config.demo.people import invented
from config.failures import NOT_MIGRATED, Failed, sentence
from config.processes.embedded import Valkey
from foundation.audit import audit
from foundation.clock import now_ms, parse_rfc3339
from foundation.sql.database import Database
from submission.drafts import missing
from submission.store import draft
from tests.conftest import apart

GOOD_KEY = "0123456789abcdefghijklmnopqrstuvwxyz"


def guichet(
    *arguments: str, url: str | None = None, typed: str | None = None, **environ: str
) -> click.testing.Result:
    """Run a command. An exception that reaches us is a traceback that a person would see."""
    environ |= {"DATABASE_URL": url} if url else {}
    result = CliRunner().invoke(main, arguments, input=typed, env=dict(environ))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def rows(url: str, table: sa.Table) -> list[Any]:
    async def look() -> list[Any]:
        database = Database(url)
        try:
            return await database.read(lambda conn: every(conn, table))
        finally:
            await database.close()

    return apart(look())


async def every(conn: Any, table: sa.Table) -> list[Any]:
    return list((await conn.execute(sa.select(table))).all())


def one_sentence(result: click.testing.Result, *words: str) -> None:
    """The command failed and said one line, with these words in it."""
    assert result.exit_code in (1, 2)
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    assert result.stderr.strip().endswith(".")
    for word in words:
        assert word in result.stderr


CREATE = (
    "period",
    "create",
    "june",
    "--programme",
    "demo",
    "--opens-at",
    "2099-06-13T08:30",
    "--as",
    "jeanne",
)


def test_a_period_is_created_announced_armed_and_closed(database_url: str) -> None:
    """The moves work from the shell, answer a line of JSON, and stand in the audit log with their actor."""
    made = guichet(*CREATE, "--cap", "50", "--token-seconds", "60", url=database_url)
    assert made.exit_code == 0, made.stderr
    shown = json.loads(made.stdout)
    assert (shown["id"], shown["state"], shown["cap"], shown["token_seconds"]) == ("june", "draft", 50, 60)
    assert shown["opens_at"] == "2099-06-13T12:30:00.000Z"
    assert "person_key" not in shown
    for move, state in (("announce", "announced"), ("arm", "armed"), ("close", "closed")):
        moved = guichet("period", move, "june", "--as", "jeanne", url=database_url)
        assert moved.exit_code == 0, moved.stderr
        assert json.loads(moved.stdout)["state"] == state
    assert [row.actor for row in rows(database_url, audit)] == ["jeanne"] * 4
    listed = guichet("period", "show", url=database_url)
    assert [json.loads(line)["id"] for line in listed.stdout.splitlines()] == ["june"]


def test_what_is_done_by_commands_is_on_the_record(tmp_path: Path) -> None:
    """Migrating, making an operator, what is refused: with the name that `--as` gives, or a reserved one (P16)."""
    url = f"sqlite:///{tmp_path / 'new.db'}"
    guichet("migrate", "--as", "chef", url=url)
    guichet("migrate", url=url)
    guichet("operator", "add", "agnes", url=url, typed="un long mot de passe\n")
    guichet("operator", "add", "boris", "--as", "chef", url=url, typed="un long mot de passe\n")
    guichet(*CREATE, url=url)
    guichet("period", "pause", "june", "--as", "jeanne", url=url)
    lines = rows(url, audit)
    assert [(line.actor, line.act) for line in lines] == [
        ("chef", "migrate"),
        ("command-line", "operator_add"),
        ("chef", "operator_add"),
        ("jeanne", "create"),
        ("jeanne", "refused"),
    ]
    assert {line.role for line in lines} == {"command-line"}
    assert json.loads(lines[0].before) == {"step": None}
    assert json.loads(lines[-1].detail)["code"] == "move_not_allowed"


def test_the_audit_is_verified_and_its_head_can_be_kept(database_url: str) -> None:
    """`verify --audit` prints the head; given again it is looked at; a changed line is exit status 1."""
    guichet(*CREATE, url=database_url)
    whole = guichet("verify", "--audit", url=database_url)
    assert (whole.exit_code, whole.stdout.splitlines()[0][:9]) == (0, "P16 holds")
    head = whole.stdout.splitlines()[1].split(" head ")[1]
    guichet("period", "announce", "june", "--as", "jeanne", url=database_url)
    assert guichet("verify", "--audit", "--head", head, url=database_url).exit_code == 0
    wrong = guichet("verify", "--audit", "--head", f"1:{'0' * 64}", url=database_url)
    assert (wrong.exit_code, wrong.stdout.splitlines()[0][:10]) == (1, "P16 BROKEN")
    one_sentence(guichet("verify", "--audit", "--head", "1:0", url=database_url), "no head")
    assert guichet("verify", "--period", "june", "--audit", url=database_url).exit_code == 2


def test_a_move_that_is_not_allowed_is_refused_with_its_code(sqlite_url: str) -> None:
    """Pausing a draft answers the life cycle's refusal, as the API would."""
    guichet(*CREATE, url=sqlite_url)
    one_sentence(
        guichet("period", "pause", "june", "--as", "jeanne", url=sqlite_url), "move_not_allowed", "draft"
    )


def test_an_unknown_period_is_one_sentence(database_url: str) -> None:
    """Each command that names a period says that there is none."""
    for command in (
        ("period", "show", "nope"),
        ("verify", "--period", "nope"),
        ("period", "arm", "nope", "--as", "x"),
    ):
        one_sentence(guichet(*command, url=database_url), "not_found")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"--programme": "nope"}, ("no programme nope", "demo")),
        ({"--opens-at": "noon"}, ("noon is not an instant",)),
    ],
)
def test_a_wrong_rule_is_one_sentence(
    sqlite_url: str, change: dict[str, str], words: tuple[str, ...]
) -> None:
    """An unknown programme or a time that is none is named."""
    command = list(CREATE)
    for option, value in change.items():
        command[command.index(option) + 1] = value
    one_sentence(guichet(*command, url=sqlite_url), *words)


def test_a_database_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """No file is made by looking for one."""
    path = tmp_path / "none.db"
    one_sentence(guichet("verify", "--period", "demo", url=f"sqlite:///{path}"), str(path), "guichet migrate")
    assert not path.exists()


def test_a_database_without_tables_is_one_sentence(tmp_path: Path, empty_postgresql_url: str) -> None:
    """What to run is said, on both stores."""
    (tmp_path / "empty.db").touch()
    for url in (f"sqlite:///{tmp_path / 'empty.db'}", empty_postgresql_url):
        assert guichet("period", "show", "demo", url=url).stderr.strip() == NOT_MIGRATED


def test_a_database_server_that_is_away_is_one_sentence() -> None:
    """A refused connection is no traceback, and the password is not shown."""
    with free_port() as port:
        url = f"postgresql://someone:hidden@127.0.0.1:{port}/guichet"
    for command in (("migrate",), ("verify", "--period", "demo"), ("period", "show")):
        result = guichet(*command, url=url)
        one_sentence(result)
        assert "hidden" not in result.output


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    """`migrate` into a folder that is none says so."""
    (tmp_path / "file").touch()
    one_sentence(guichet("migrate", url=f"sqlite:///{tmp_path / 'file' / 'x.db'}"), "cannot be opened")


def test_migrate_makes_the_database_and_says_where(tmp_path: Path) -> None:
    """The first command anybody runs."""
    result = guichet("migrate", url=f"sqlite:///{tmp_path / 'new.db'}")
    assert result.exit_code == 0
    assert "new.db" in result.stderr
    assert (tmp_path / "new.db").exists()


@contextmanager
def free_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("process", ["web", "ticker", "worker"])
def test_a_process_refuses_to_start_with_a_secret_that_is_none(process: str) -> None:
    """Exit status 2 and the setting's name."""
    result = guichet(process, REDIS_URL="redis://127.0.0.1:1/0", SECRET_KEYS="changeme")
    one_sentence(result, "SECRET_KEYS")
    assert result.exit_code == 2


@pytest.mark.parametrize("process", ["web", "ticker", "worker"])
def test_a_process_refuses_a_redis_that_may_drop_keys(process: str, valkey: Valkey, sqlite_url: str) -> None:
    """At start, with the policy's name, before anything is served."""
    with redis.Redis.from_url(valkey.url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
    result = guichet(process, url=sqlite_url, REDIS_URL=valkey.url, SECRET_KEYS=GOOD_KEY)
    one_sentence(result, "allkeys-lru", "noeviction")


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


HEADER = (
    "username,password,question-1,answer-1,question-2,answer-2,accommodation,"
    "identity.family_name,identity.given_name,identity.birth_date,identity.passport,training.diploma"
)

LINE = 'awa,mot de passe,Ville ?,Dakar,Animal ?,Néo,"1,5",N’Diaye,Awa,1990-02-03,X123,Maîtrise'


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


def test_invented_people_are_all_different_and_complete() -> None:
    """One shared hash, but each a person of their own, with nothing missing in the draft."""
    people = invented("demo-", range(1, 2001), "mot de passe", ["a", "b"], ["A ?", "B ?"])
    assert people[0].account.username == "demo-00001"
    assert len({person.account.password_hash for person in people}) == 1
    assert len({person.account.identity.passport for person in people}) == 2000
    assert [missing(person.content) for person in people if missing(person.content)] == []


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (OSError(errno.ENOSPC, "x", "/data/file"), "no space left on the disk (/data/file)"),
        (OSError(errno.EACCES, "x"), "not permitted"),
        (OSError(errno.EROFS, "x"), "read-only"),
        (OSError(errno.EADDRINUSE, "x"), "address is taken"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "does not answer"),
        (TimeoutError(), "in time"),
        (
            sa.exc.OperationalError("insert", {"password": "secret"}, Exception("database or disk is full")),
            "disk is full",
        ),
        (Failed("This."), "This."),
    ],
)
def test_what_the_world_refuses_is_a_sentence(problem: BaseException, words: str) -> None:
    """Disk, permissions, ports and servers: each has a sentence, without values."""
    said = sentence(problem)
    assert words in said
    assert said.endswith(".")
    assert "secret" not in said
