"""Accounts and their drafts together."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from accounts.bulk_import.csv_files import AccountFileError
from accounts.bulk_import.file_rows import AccountFile
from accounts.identities import Identity
from accounts.store import account
from config import bulk_import
from config.bulk_import import (
    Added,
    ImportTarget,
    WrittenPart,
    add_candidates,
    carry_out,
    ciphers_of,
    outcome,
    parts_of,
    plan,
    read_candidates,
    readiness_lines,
    refuse,
    same_person,
)
from config.demo.people import invented
from config.settings import PROGRAMMES
from foundation import audit
from foundation.sql.database import Database
from quota.programmes import load_all
from submission.drafts import repository
from submission.drafts.store import draft
from submission.forms.files import load_forms
from tests.integration.config.commands.shell import HEADER, LINE
from tests.support.desks import PERSONAL
from tests.support.forms.filled import DEMO_FORM
from tests.support.rooms import HOUR_MS, KEYS, make_period

CIPHERS = ciphers_of(KEYS)

JUNE = 1_465_819_200_000
"""13 June 2016, 8 o’clock in Montréal: a form asks for dates that are over."""

FORMS = load_forms(PROGRAMMES / "forms", load_all(PROGRAMMES))


async def test_each_account_has_the_draft_that_came_with_it(database: Database) -> None:
    """Accounts that exist keep theirs, and get the one that they lack; a second run adds only what is new."""
    people = invented("demo-", range(1, 6), "mot de passe", ["a", "b"], ["A ?", "B ?"])

    async def add(some: Sequence[Any], programme: str, now: int, **more: Any) -> Added:
        return await database.write(lambda conn: add_candidates(conn, CIPHERS, some, programme, now, **more))

    assert await add(people[:3], "demo", 7, made_at=3) == Added(3, 0, 3, 0)
    assert await add(people, "demo", 9) == Added(2, 3, 2, 3)
    assert await add(people[1:], "prtq-2016", 11) == Added(0, 4, 4, 0)
    assert await add(people, "prtq-2016", 12) == Added(0, 5, 1, 4)
    rows = sa.select(account.c.username, account.c.created_at, draft.c.account, draft.c.begun_at)
    joined = (
        rows.join(draft, draft.c.account == account.c.id)
        .where(draft.c.programme == "demo")
        .order_by(account.c.username)
    )
    found = (await database.read(lambda conn: conn.execute(joined))).all()
    assert [row.username for row in found] == [one.account.username for one in people]
    drafts = await database.read(
        lambda conn: repository.of_accounts(conn, CIPHERS.drafts, [row.account for row in found])
    )
    assert [drafts[row.account, "demo"].answers for row in found] == [one.content for one in people]
    assert [(row.created_at, row.begun_at) for row in found] == [(3, 7)] * 3 + [(9, 9)] * 2


def a_file(tmp_path: Path, *lines: str) -> AccountFile:
    path = tmp_path / "people.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return read_candidates(path, DEMO_FORM)


async def imported(database: Database, file: AccountFile, programme: str = "demo") -> Added:
    planned = await database.read(lambda conn: plan(conn, PERSONAL, file, programme))
    refuse(Path("people.csv"), file, planned)
    return (await written(database, file, programme)).added


async def written(database: Database, file: AccountFile, programme: str = "demo") -> WrittenPart:
    target = ImportTarget(programme, DEMO_FORM)
    return await database.write(lambda conn: carry_out(conn, CIPHERS, file, target, 7, audit.SERVICE))


async def test_a_second_programme_for_the_same_people_brings_their_drafts(
    database: Database, tmp_path: Path
) -> None:
    """Nothing else of the accounts is touched, however their names are spelled in the second file."""
    assert await imported(database, a_file(tmp_path, LINE)) == Added(1, 0, 1, 0)
    again = a_file(tmp_path, LINE.replace("awa,mot", "AWA\N{ZERO WIDTH SPACE},another", 1))
    assert await imported(database, again, "prtq-2016") == Added(0, 1, 1, 0)
    assert await imported(database, again, "prtq-2016") == Added(0, 1, 0, 1)
    rows = (
        await database.read(lambda conn: conn.execute(sa.select(draft.c.programme, draft.c.account)))
    ).all()
    assert sorted(row.programme for row in rows) == ["demo", "prtq-2016"]
    assert len({row.account for row in rows}) == 1


async def test_an_accommodation_that_is_not_applied_is_said(database: Database, tmp_path: Path) -> None:
    """The account that is there keeps its own; what changes it is named."""
    await imported(database, a_file(tmp_path, LINE))
    other = a_file(tmp_path, LINE.replace('"1,5"', "2"))
    planned = await database.read(lambda conn: plan(conn, PERSONAL, other, "demo"))
    assert [str(note) for note in planned.notes] == [
        "line 2: accommodation is not applied, as the account was there already: `guichet accounts grant` changes it."
    ]
    same = a_file(tmp_path, LINE)
    assert (await database.read(lambda conn: plan(conn, PERSONAL, same, "demo"))).notes == []


async def test_a_row_for_the_account_of_another_person_is_refused(database: Database, tmp_path: Path) -> None:
    """Its draft would go to somebody else; the others of the file are not imported either."""
    await imported(database, a_file(tmp_path, LINE))
    other = a_file(tmp_path, LINE.replace("awa", "new", 1), LINE.replace("X123", "X999"))
    with pytest.raises(
        AccountFileError, match="line 3: username: the account of this user name is of another person"
    ):
        await imported(database, other, "prtq-2016")
    found = await database.read(lambda conn: conn.execute(sa.select(sa.func.count(account.c.id))))
    assert found.scalar_one() == 1


async def test_a_store_that_changed_meanwhile_is_looked_at_again(database: Database, tmp_path: Path) -> None:
    """Between the check and the writing: what came in then is not overwritten, and an account of somebody else stops
    it with the line."""
    file = a_file(tmp_path, LINE)
    assert (await written(database, file)).added == Added(1, 0, 1, 0)
    assert (await written(database, file)).added == Added(0, 1, 0, 1)
    with pytest.raises(AccountFileError, match=r"line 2: username: .* Run it again\."):
        await written(database, a_file(tmp_path, LINE.replace("X123", "X999")))


async def test_accounts_without_hashes_are_handed_back(database: Database, tmp_path: Path) -> None:
    """From the part that wrote them, and again from every later one, until they have them."""
    file = a_file(tmp_path, LINE)
    first = await written(database, file)
    assert [one.known for one in first.waiting.values()] == ["awa"]
    assert (await written(database, file)).waiting == first.waiting
    planned = await database.read(lambda conn: plan(conn, PERSONAL, file, "demo"))
    assert (planned.to_hash, planned.unhashed) == (1, first.waiting)


def test_a_file_is_written_part_by_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its order, each row once."""
    monkeypatch.setattr(bulk_import, "WRITTEN_AT_ONCE", 2)
    lines = [LINE.replace("awa", f"awa{n}", 1).replace("X123", f"X{n}") for n in range(5)]
    parts = list(parts_of(a_file(tmp_path, *lines)))
    assert [[one.line for one in part.accounts] for part in parts] == [[2, 3], [4, 5], [6]]


NEO = Identity(family_name="N’Diaye", given_name="Awa", birth_date="1990-02-03", passport="X123")


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({}, True),
        ({"family_name": "n'diaye", "passport": "x-123"}, True),
        ({"family_name": "Awa", "given_name": "N’Diaye"}, True),
        ({"birth_date": "03/02/1990"}, True),  # as an earlier release took it
        ({"birth_date": "1990-03-02"}, False),
        ({"passport": "X124"}, False),
        ({"given_name": "Ada"}, False),
    ],
)
def test_who_an_account_is_of(changes: dict[str, str], is_same: bool) -> None:
    """Names in any order, passport and date of birth; a date that says nothing certain is no difference."""
    assert same_person(NEO, msgspec.structs.replace(NEO, **changes)) is is_same


def test_the_outcome_is_a_sentence() -> None:
    """With what stays as it is, and whether anything was written."""
    assert outcome(Added(2, 1, 3, 0), "demo", check=False) == (
        "2 accounts are new, 1 were there already; 3 drafts for demo are new, 0 were there already (passwords, answers "
        "and identities of the file are not applied to these)."
    )
    assert outcome(Added(1, 0, 1, 0), "demo", check=True).startswith(
        "Nothing was written, with --check. 1 accounts"
    )


async def test_it_is_said_how_many_are_ready_for_which_period(database: Database, tmp_path: Path) -> None:
    """For each period of the programme that is not over; without one, as of today."""
    programme = load_all(PROGRAMMES)["demo"]
    incomplete = LINE.replace("awa", "ada", 1).replace("X123", "X124")
    await imported(database, a_file(tmp_path, LINE, incomplete))
    (line,) = await database.read(lambda conn: readiness_lines(conn, CIPHERS.drafts, FORMS, programme))
    assert line == (
        "No period of demo is to come; today: 2 accounts, 0 complete drafts for this programme; 0 people are ready, "
        "2 drafts incomplete."
    )
    people = invented("demo-", range(1, 4), "mot de passe", ["a", "b"], ["A ?", "B ?"])
    await database.write(lambda conn: add_candidates(conn, CIPHERS, people, "demo", JUNE, made_at=3))
    opens_at = JUNE + HOUR_MS
    await make_period(database, id="juin", state="armed", opens_at=opens_at)
    await make_period(database, id="mai", state="closed", ordinal=2)
    (line,) = await database.read(lambda conn: readiness_lines(conn, CIPHERS.drafts, FORMS, programme))
    assert line.startswith(
        "juin (armed, opens 2016-06-13 09:00, Montréal time): 5 accounts, 3 complete drafts"
    )
    assert "3 people are ready" in line
