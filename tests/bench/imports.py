"""What an import costs: `guichet accounts import` with a file of complete drafts and hashes that were made already.

`make bench` runs it, on both stores: the whole command, from its start to the count of who is ready. The bare
counterpart writes the same rows into an empty SQLite file, as they stand in the store. A short file comes first, for
what a command costs at its start; the rest goes by rows, and is told for 100,000. Hashing, left out here, is 60 ms an
account more, of one core.
"""

import csv
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from accounts.bulk_import.secret_hashes import seconds_for
from config.bulk_import import NewCandidate, form_in
from config.demo.people import invented
from config.settings import PROGRAMMES
from foundation.clock import now_ms
from loadtests.bench.__main__ import measure
from loadtests.bench.figures import Figure, Found
from loadtests.bench.submissions import a_postgresql
from submission.forms.answers import KEY, members_of, text_in
from submission.forms.model import Form

ACCOUNTS = 20_000

PROGRAMME = "prtq-2016"

FEW = 100
"""Accounts of the file that comes first: what the command costs however long the file is."""

MOST_SECONDS = 300
"""For 100,000 accounts with drafts, on two cores."""

KEYS = "a key of the benchmark that is long enough"

TABLES = ("account", "draft", "draft_section")


def cells_of(candidate: NewCandidate, form: Form) -> dict[str, str]:
    """An account and its draft as a row of a file."""
    account = candidate.account
    cells = {
        "username": account.username,
        "password_hash": account.password_hash,
        "answers_hash": account.answers_hash,
        "question-1": "Ville ?",
        "question-2": "Animal ?",
        "created_at": "2016-01-20T14:05:00-05:00",
    }
    for name in ("family_name", "given_name", "birth_date", "birth_country", "passport"):
        cells[f"identity.{name}"] = text_in(candidate.content["identity"], name)
    for section in form.sections:
        answers = candidate.content[section.id]
        if section.repeats is None:
            cells |= {f"{section.id}.{one.id}": text_in(answers, one.id) for one in section.fields}
        else:
            for place, member in enumerate(members_of(answers), 1):
                cells |= {
                    f"{section.id}.{place}.{name}": text for name, text in member.items() if name != KEY
                }
    return cells


def write_file(path: Path, count: int) -> None:
    """So many people who do not exist, each with a complete draft of the sixty-field form."""
    form = form_in(PROGRAMMES, PROGRAMME, now_ms())
    people = invented("essai-", range(1, count + 1), "secret", ["a"], ["?"], form=form)
    rows = [cells_of(one, form) for one in people]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)), restval="")
        writer.writeheader()
        writer.writerows(rows)


def imported(path: Path, url: str) -> tuple[float, str]:
    """Seconds of the whole command, and what it said at its end."""
    environ = os.environ | {"DATABASE_URL": url, "SECRET_KEYS": KEYS}
    guichet = (sys.executable, "-m", "config")
    subprocess.run([*guichet, "migrate"], env=environ, check=True, capture_output=True)
    command = [*guichet, "accounts", "import", str(path), "--programme", PROGRAMME]
    began = time.perf_counter()
    said = subprocess.run(command, env=environ, check=True, stdout=subprocess.PIPE, text=True).stdout
    return time.perf_counter() - began, said


def bare(store: Path, into: Path) -> float:
    """Seconds to write the rows of this store into an empty one, in one transaction a thousand."""
    took = 0.0
    with closing(sqlite3.connect(store)) as source, closing(sqlite3.connect(into)) as target:
        for table in TABLES:
            (schema,) = source.execute("select sql from sqlite_master where name = ?", (table,)).fetchone()
            target.execute(schema)
            rows = source.execute(f"select * from {table}")  # a name of ours
            places = ", ".join("?" * len(rows.description))
            while some := rows.fetchmany(1_000):
                began = time.perf_counter()
                with target:
                    target.executemany(f"insert into {table} values ({places})", some)
                took += time.perf_counter() - began
    return took


def on_store(few: Path, all_of_them: Path, url: str) -> tuple[float, float, str]:
    """Seconds of the command on the short file and on the long one, and what it said at its end."""
    begun, _ = imported(few, url)
    took, said = imported(all_of_them, url)
    return begun, took, said


def figures(store: str, count: int, begun: float, took: float, bare_seconds: float) -> list[Figure]:
    each = (took - begun) / (count - FEW)
    return [
        Figure(what=f"100,000 accounts with drafts imported, {store}", value=begun + each * (100_000 - FEW), unit="s",
               most=MOST_SECONDS),
        Figure(what=f"an account with its draft, {store}", value=each * 1000, bare=bare_seconds / count * 1000,
               unit="ms"),
    ]  # fmt: skip


def run(count: int = ACCOUNTS) -> Found:
    """Both stores, one after the other; some two minutes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        few, all_of_them = folder / "few.csv", folder / "people.csv"
        write_file(few, FEW)
        write_file(all_of_them, count)
        begun, took, said = on_store(few, all_of_them, f"sqlite:///{folder / 'bench.db'}")
        bare_seconds = bare(folder / "bench.db", folder / "bare.db")
        found = figures("SQLite", count, begun, took, bare_seconds)
        with a_postgresql() as url:
            found += figures("PostgreSQL", count, *on_store(few, all_of_them, url)[:2], bare_seconds)
    found.append(
        Figure(what="hashes of 100,000 accounts, as it is told", value=seconds_for(100_000), unit="s")
    )
    return Found(found, {"accounts": f"{count:,}", "outcome": said.strip().rpartition(": ")[2]})


if __name__ == "__main__":
    sys.exit(measure({"imports": run}, sys.argv[1:]))
