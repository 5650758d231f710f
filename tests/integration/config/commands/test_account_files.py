"""A file of accounts that is imported while something goes wrong: the same command goes on where it stopped."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from accounts.bulk_import import secret_hashes
from accounts.identities import answers_text
from accounts.normalisation import opaque
from accounts.passwords import COST, UNMADE
from accounts.store import account
from config import bulk_import
from config.commands.account_files import hashing_words
from foundation.audit import audit
from foundation.outbox import task
from submission.drafts.lifetime.reminders import DraftTask
from submission.drafts.store import draft, draft_section
from tests.integration.config.commands.shell import GOOD_KEY, HEADER, LINE, guichet, rows

DEMO = ("--programme", "demo")

WITH_HASHES = (
    "username,password_hash,answers_hash,question-1,question-2,"
    "identity.family_name,identity.given_name,identity.birth_date,identity.passport,training.diploma"
)


def with_hashes(path: Path, count: int) -> Path:
    """A file of so many people whose secrets are hashed already."""
    hashes = f'"{COST.hash(opaque("mot de passe"))}","{COST.hash(answers_text(["Dakar", "Néo"]))}"'
    lines = (f"p{n:05d},{hashes},Ville ?,Animal ?,Roy,P{n},1990-02-03,X{n},Maîtrise" for n in range(count))
    path.write_text("\n".join([WITH_HASHES, *lines]) + "\n", encoding="utf-8")
    return path


def with_secrets(path: Path, count: int) -> Path:
    lines = (LINE.replace("awa", f"awa{n}", 1).replace("X123", f"X{n}") for n in range(count))
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


@contextmanager
def importing(path: Path, url: str) -> Iterator["subprocess.Popen[str]"]:
    """The command as a process of its own, killed at the end if it still runs."""
    command = [sys.executable, "-m", "config", "accounts", "import", str(path), *DEMO]
    environ = os.environ | {"DATABASE_URL": url, "SECRET_KEYS": GOOD_KEY}
    running = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def killed_at(path: Path, url: str, words: str) -> None:
    """Begin an import, and kill -9 it as soon as it says this."""
    with importing(path, url) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if words in line:
                running.send_signal(signal.SIGKILL)
                break
        assert running.wait() == -signal.SIGKILL, "it was killed in the middle"


def extensions(url: str) -> list[Any]:
    return [one for one in rows(url, task) if one.kind == DraftTask.EXTEND]


@pytest.mark.slow
def test_an_import_that_is_killed_goes_on_where_it_stopped(database_url: str, tmp_path: Path) -> None:
    """After kill -9 whole batches are there, each account with its draft; the same command brings the rest, no account
    twice, and changes none that is there."""
    path = with_hashes(tmp_path / "people.csv", 3_000)
    killed_at(path, database_url, "Accounts and drafts: 1000 of 3000")
    before = rows(database_url, account)
    assert 1_000 <= len(before) < 3_000
    assert len(before) % bulk_import.WRITTEN_AT_ONCE == 0
    assert {one.account for one in rows(database_url, draft)} == {one.id for one in before}
    (extension,) = extensions(database_url)
    assert extension.due_at > 0, "what is there is kept over its periods, should nobody go on"
    again = guichet("accounts", "import", str(path), *DEMO, url=database_url)
    assert again.exit_code == 0, again.stderr
    assert f"{3_000 - len(before)} accounts are new, {len(before)} were there already" in again.stderr
    after = rows(database_url, account)
    assert sorted(one.username for one in after) == [f"p{n:05d}" for n in range(3_000)]
    assert {tuple(one) for one in before} <= {tuple(one) for one in after}
    drafts = rows(database_url, draft)
    assert {one.account for one in drafts} == {one.id for one in after}
    assert len(drafts) == len(after)
    assert {one.draft for one in rows(database_url, draft_section)} == {one.id for one in drafts}
    assert len(rows(database_url, audit)) == 3, "each batch is on the record"
    assert (
        "0 accounts are new, 3000" in guichet("accounts", "import", str(path), *DEMO, url=database_url).stderr
    )


def test_hashes_that_were_not_made_are_made_by_the_same_command(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while it hashes: those accounts are there with their drafts and no secret, and nobody else is touched."""
    monkeypatch.setattr(secret_hashes, "HASHED_AT_ONCE", 2)
    path = with_secrets(tmp_path / "people.csv", 5)
    made = secret_hashes.made
    parts: list[int] = []

    def interrupted(some: Any) -> Any:
        if parts:
            raise KeyboardInterrupt
        parts.append(1)
        return made(some)

    monkeypatch.setattr(secret_hashes, "made", interrupted)
    assert guichet("accounts", "import", str(path), *DEMO, url=database_url).exit_code == 1
    lacking = [one for one in rows(database_url, account) if one.password_hash == UNMADE]
    assert [one.answers_hash for one in lacking] == [UNMADE] * 3
    assert len(rows(database_url, draft)) == 5
    monkeypatch.setattr(secret_hashes, "made", made)
    again = guichet("accounts", "import", str(path), *DEMO, url=database_url)
    assert "Hashing the secrets of 3 accounts" in again.stderr
    assert "Secrets hashed: 3 of 3" in again.stderr
    for one in rows(database_url, account):
        assert COST.verify(one.password_hash, "mot de passe")
        assert COST.verify(one.answers_hash, answers_text(["Dakar", "Néo"]))
    assert "Hashing" not in guichet("accounts", "import", str(path), *DEMO, url=database_url).stderr


def test_hashes_of_the_file_are_taken(database_url: str, tmp_path: Path) -> None:
    """Nothing is hashed, nothing is told of hashing, and the draft is there."""
    path = with_hashes(tmp_path / "people.csv", 2)
    result = guichet("accounts", "import", str(path), *DEMO, url=database_url)
    assert result.exit_code == 0, result.stderr
    assert "ash" not in result.stderr
    assert "Accounts and drafts: 2 of 2" in result.stderr
    for one in rows(database_url, account):
        assert COST.verify(one.password_hash, "mot de passe")
        assert COST.verify(one.answers_hash, answers_text(["DAKAR", "neo"]))
    assert len(rows(database_url, draft)) == 2
    (later, now) = sorted(extensions(database_url), key=lambda one: -one.due_at)
    assert later.due_at > now.due_at


def test_a_wrong_row_at_the_end_keeps_every_row_out(sqlite_url: str, tmp_path: Path) -> None:
    """The whole file is checked before the first batch is written."""
    path = with_hashes(tmp_path / "people.csv", 1_500)
    with path.open("a", encoding="utf-8") as file:
        file.write("zoe,$argon2id$v=19$m=8,t=1,p=1$abc,x,Ville ?,Animal ?,Roy,Zoé,1990-02-03,Z1,Maîtrise\n")
    result = guichet("accounts", "import", str(path), *DEMO, url=sqlite_url)
    assert result.exit_code == 1
    assert "Nothing was imported: 1 of 1501 rows are refused." in result.stderr
    assert "line 1502: " in result.stderr
    assert rows(sqlite_url, account) == rows(sqlite_url, draft) == []


@pytest.mark.parametrize(
    ("seconds", "words"), [(3_000, "50 minutes"), (119, "119 seconds"), (0.06, "1 seconds")]
)
def test_the_time_of_hashing_is_said(seconds: float, words: str) -> None:
    """Before anything is written, with what it means for who wants to sign in."""
    assert f"takes some {words}" in hashing_words(7, seconds)
    assert "nobody can sign in" in hashing_words(7, seconds)
