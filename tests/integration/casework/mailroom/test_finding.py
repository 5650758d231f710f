"""The file is found first, and never a neighbour's."""

import pytest

from casework.files.numbers import file_number
from casework.mailroom import finding
from casework.mailroom.finding import WRONG_NUMBER, FileAtHand
from config.demo.people import identity_of, invented_content
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from tests.support.candidates.representing import declared
from tests.support.casework.mail import PROGRAMME, SERVICES, indexed
from tests.support.tasks import submitted


async def found(db: Database, typed: str) -> FileAtHand | None:
    return await db.read(lambda conn: finding.file_at_hand(conn, SERVICES, typed))


async def test_each_number_finds_its_file(database: Database) -> None:
    """The file's own, however typed; the receipt; the reference of a procuration. Name and programme come with it."""
    receipt = await submitted(database, 2)
    made = await declared(database, 1)
    for typed in (file_number(1), file_number(1).lower().replace("-", " "), receipt, made.reference.lower()):
        of = await found(database, typed)
        assert of is not None and (of.submission, of.number) == (1, file_number(1)), typed
        assert of.name and of.programme == PROGRAMME and of.status_words.startswith("Soumise")
    assert await found(database, file_number(99)) is None
    assert await found(database, "MPQ-00000-00000-00000-00000") is None


async def test_a_wrong_digit_opens_nobodys_file(on_sqlite: Database) -> None:
    """Every other digit in every place of the number of file 1 is refused, and says what to do; never file 2's."""
    await submitted(on_sqlite, 2)
    digits = file_number(1)
    wrong = [
        digits[:at] + other + digits[at + 1 :]
        for at, sign in enumerate(digits) if sign.isdigit() for other in "0123456789" if other != sign
    ]  # fmt: skip
    for typed in wrong:
        with pytest.raises(Refusal) as refused:
            await found(on_sqlite, typed)
        assert refused.value.fields["fields"] == [{"name": "number", "reason": WRONG_NUMBER}]


async def test_what_is_no_number_is_said(on_sqlite: Database) -> None:
    """Never a guess, never an error."""
    for typed in ("", "  ", "\u200b", "Anne", "PR-00000-00001", "MPQ-1", "D-١٢٣"):
        with pytest.raises(Refusal) as refused:
            await found(on_sqlite, typed)
        assert refused.value.fields["fields"][0]["name"] == "number"


async def named(db: Database, name: str, born: str) -> int:
    return len(await db.read(lambda conn: finding.people(conn, SERVICES, name, born, now_ms())))


async def test_a_person_is_found_by_name_and_birth(on_sqlite: Database) -> None:
    """As agents search; another day is another person."""
    await submitted(on_sqlite)
    who = identity_of(invented_content("essai", 1))
    await indexed(on_sqlite, 1, who)
    assert await named(on_sqlite, who.full_name, who.birth_date) == 1
    assert await named(on_sqlite, who.full_name, "1901-01-01") == 0
