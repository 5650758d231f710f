"""What a filter chooses of the record, what cannot be read of it, and what an export holds."""

import pytest

from console.record import reading
from console.record.entries import RecordFilter
from console.record.reading import filter_of, mark_of
from foundation import audit
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.subjects import Subject

VERA = Actor("vera", "auditor")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"du": "hier"}, "du"),
        ({"au": "9999-12-31"}, "au"),
        ({"periode": "x"}, "periode"),
        ({"qui": "vera"}, "qui"),
        ({"sujet": "17"}, "sujet"),
        ({"sujet": "1" * 81, "genre": "account"}, "sujet"),
    ],
)
def test_what_cannot_be_read_is_named(query: dict[str, str], field: str) -> None:
    """And chooses nothing."""
    chosen, wrong = filter_of(query, {}, ["vera"])
    assert list(wrong) == [field] and chosen.subject_id is None and chosen.actor is None


def test_each_part_chooses() -> None:
    """A day at its end is inside; a name is a mark."""
    query = {
        "du": "2026-06-12", "au": "2026-06-12", "genre": "account", "sujet": " 17 ", "qui": mark_of("vera"),
        "acte": "sign_in", "periode": "juin",
    }  # fmt: skip
    chosen, wrong = filter_of(query, {"juin": "u1"}, ["vera"])
    assert wrong == {} and chosen.since is not None and chosen.until is not None
    assert chosen.until - chosen.since == 86_400_000
    assert chosen == RecordFilter(
        since=chosen.since, until=chosen.until, period_uid="u1", actor="vera", act="sign_in", subject_kind="account",
        subject_id="17",
    )  # fmt: skip


async def test_one_subject_is_read_and_exported(database: Database) -> None:
    """Only its lines; the export says what it was about."""
    now = now_ms()
    for id in ("17", "18"):
        await database.write(
            lambda conn, id=id: audit.record(conn, VERA, "sign_in", Subject("account", id), now)  # type: ignore[misc]
        )
    found = await reading.read(database, {"genre": "account", "sujet": "17"}, "/ici")
    assert [line.about for line in found.context["lines"]] == ["Compte 17"]
    assert found.subject == Subject("account", "17") and found.context["export"].startswith(
        "/ici.csv?genre=account"
    )
    assert ("account", "Compte") in found.context["kinds"]
    chosen, _ = await reading.filtered(database, {"genre": "account", "sujet": "17"})
    answer = await reading.exported(database, VERA, chosen)
    text = b"".join([part async for part in answer.body_iterator]).decode()  # type: ignore[attr-defined]
    assert text.count("\r\n") == 2 and ";17;" in text and ";18;" not in text
    newest = await reading.read(database, {}, "/ici")
    assert newest.context["lines"][0].what == "Registre exporté" and newest.subject is None
