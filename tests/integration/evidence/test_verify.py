"""`guichet verify`: kept promises are found kept, and each broken one is found, named and shown.

The checks are fed with books that are right, and with the same books with one thing wrong: nobody may add a check here
without a way to see it fail.
"""

import io
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store as accounts_store
from casework import store as casework_store
from evidence.books import Books, CallRow, DocumentRow, JournalRow, SubmissionRow, TaskRow, TokenRow
from evidence.recount import late_tasks, moved_ends, recount
from evidence.verify import MAKES, read, report, verify
from foundation import audit, outbox
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql.database import Database
from quota import ledger
from quota import store as quota_store
from quota.store import Period
from quota.unit_of_work import open_unit
from submission import store as submission_store
from submission.store import SUBMISSION
from waitingroom.line.journal import journal
from waitingroom.line.snapshot import bitmap

T0 = 1_800_000_000_000

TOKEN_MS = 600_000


def a_period(**changes: Any) -> Period:
    fields: dict[str, Any] = {
        "uid": "u1", "id": "demo", "programme": "pstq", "ordinal": 1, "state": "open", "paused": False,
        "suspended": False, "paused_at": None, "ended_at": None, "opens_at": T0, "closes_at": T0 + 10**8, "cap": 3,
        "held": 3, "accepted": 2, "calls_per_minute": 60, "most_live_tokens": 10, "token_seconds": 600,
        "accounts_created_before": None, "pay_days": 30, "notice": None, "clock": 900_000, "ticked_at": T0,
        "next_call": 0, "epoch": 2, "mark": 20, "version": 1, "person_key": "k",
    }  # fmt: skip
    return Period(**(fields | changes))


def called(key: int, number: int, state: str, clock: int, **changes: Any) -> TokenRow:
    """A token called at this service clock; here the room was never paused, so instants follow the clock."""
    fields: dict[str, Any] = {
        "id": key, "number": number, "state": state, "account": None, "call": clock // 1000,
        "called_at": T0 + clock, "called_clock": clock, "ends": clock + TOKEN_MS, "jti": f"j{key}",
    }  # fmt: skip
    return TokenRow(**(fields | changes))


def good_books() -> Books:
    """Ten joined, nine in two epochs; 1 left waiting; 2 submitted, 3 lapsed, 4 is parked, 5 submitted, 6 is live."""
    return Books(
        period=a_period(),
        entries=[
            JournalRow(1, T0 + 10, 0, "join", 1, 5),
            JournalRow(1, T0 + 10, 1, "join", 6, 6),
            JournalRow(1, T0 + 500, 0, "leave", 1, 1),
            JournalRow(2, T0 + 700_000, 0, "join", 11, 12),
            JournalRow(2, T0 + 700_001, 0, "restore", 4, 4),
        ],
        tokens=[
            TokenRow(id=1, number=1, state="left", ended_at=T0 + 500),
            called(2, 2, "used", 1_000, account=102, receipt="A", ended_at=T0 + 90_000),
            called(3, 3, "lapsed", 2_000, ended_at=T0 + 603_000),
            called(
                4, 5, "used", 3_000, account=105, receipt="B", ended_at=T0 + 700_000, ends=3_000 + 900_000
            ),
            called(5, 6, "live", 650_000, account=106),
        ],
        calls=[
            CallRow(1, 1, 1_000, T0 + 990),
            CallRow(2, 1, 2_000, T0 + 1_990),
            CallRow(3, 1, 3_000, T0 + 2_990, zlib.compress(bitmap([4]))),
            CallRow(650, 1, 650_000, T0 + 650_000, zlib.compress(bitmap([4]))),
        ],
        submissions=[
            SubmissionRow(21, "A", 1, 2, 102, "p2"),
            SubmissionRow(22, "B", 2, 5, 105, "p5"),
        ],
        tasks=[
            TaskRow(31, 21, "confirmation", "done", T0 + 90_000),
            TaskRow(32, 21, "duplicate_scan", "staged", T0 + 90_000),
            TaskRow(33, 22, "confirmation", "staged", T0 + 700_000),
            TaskRow(34, 22, "duplicate_scan", "done", T0 + 700_000),
        ],
        documents=[DocumentRow("d1", 21, "confirmation"), DocumentRow("d0", 22, "of another kind")],
        factors={102: 1.0, 105: 1.5, 106: 1.0},
        makes={"confirmation": "confirmation", "duplicate_scan": ""},
    )


def altered(field: str, key: Any, **changes: Any) -> Callable[[Books], Books]:
    """The row of this id with these values instead."""

    def alter(books: Books) -> Books:
        rows = [replace(row, **changes) if row.id == key else row for row in getattr(books, field)]
        return replace(books, **{field: rows})

    return alter


def added(field: str, *rows: Any) -> Callable[[Books], Books]:
    return lambda books: replace(books, **{field: [*getattr(books, field), *rows]})


def without(field: str, key: Any) -> Callable[[Books], Books]:
    return lambda books: replace(books, **{field: [row for row in getattr(books, field) if row.id != key]})


def in_period(**changes: Any) -> Callable[[Books], Books]:
    return lambda books: replace(books, period=replace(books.period, **changes))


def three_at_once(books: Books) -> Books:
    """Four tokens live at the same time, for three places."""
    tokens = [
        called(1, 2, "lapsed", 1_000, ended_at=T0 + 603_000),
        called(2, 3, "lapsed", 2_000, ended_at=T0 + 604_000),
        called(3, 4, "lapsed", 3_000, ended_at=T0 + 605_000),
        called(4, 5, "lapsed", 4_000, ended_at=T0 + 606_000),
    ]
    return replace(books, tokens=tokens)


BROKEN: dict[str, tuple[str, str, Callable[[Books], Books]]] = {
    "a number again": ("P1", "given twice", added("entries", JournalRow(2, T0 + 900_000, 0, "join", 12, 13))),
    "a number again in a later epoch": ("P1", "given twice", added("entries", JournalRow(2, T0 + 1, 0, "join", 6, 6))),
    "a lower number later": ("P1", "lower number", added("entries", JournalRow(2, T0 + 900_000, 0, "join", 8, 8))),
    "a lower number in the same millisecond": (
        "P1", "lower number", added("entries", JournalRow(2, T0 + 700_000, 1, "join", 10, 10)),
    ),
    "a number above the mark": (
        "P1", "above the mark", added("entries", JournalRow(2, T0 + 900_000, 0, "join", 21, 21)),
    ),
    "a range turned round": ("P1", "no range", added("entries", JournalRow(2, T0 + 900_000, 0, "restore", 9, 8))),
    "an epoch to come": ("P1", "after 2", added("entries", JournalRow(3, T0 + 900_000, 0, "join", 14, 14))),
    "a token above the mark": ("P1", "outside", altered("tokens", 5, number=21)),
    "two rows for a number": ("P1", "two rows", added("tokens", called(9, 6, "live", 660_000))),
    "one too many": ("P2", "more were accepted", in_period(cap=1)),
    "accepted miscounted": ("P2", "number of submissions", in_period(accepted=1)),
    "held miscounted": ("P2", "held is not", in_period(held=2)),
    "a rank left out": ("P2", "not exactly 1 to 2", altered("submissions", 22, rank=3)),
    "a rank given twice": ("P2", "twice", altered("submissions", 22, rank=1)),
    "a submission that nobody held a token for": ("P3", "no used token", without("tokens", 2)),
    "a submission lost": ("P3", "it is lost", without("submissions", 22)),
    "a receipt of another": ("P3", "not the one of its token", altered("tokens", 2, receipt="B")),
    "a receipt twice": ("P3", "twice", altered("submissions", 22, receipt="A")),
    "a job never staged": ("P3", "lacks a job", without("tasks", 33)),
    "a job twice": ("P3", "job twice", added("tasks", TaskRow(40, 21, "confirmation", "done", T0))),
    "a document missing": ("P3", "exactly one document", without("documents", "d1")),
    "a document twice": ("P3", "exactly one document", added("documents", DocumentRow("d2", 21, "confirmation"))),
    "a document too early": ("P3", "not done", added("documents", DocumentRow("d2", 22, "confirmation"))),
    "a document from nowhere": ("P3", "no job", added("documents", DocumentRow("d2", 23, "confirmation"))),
    "a job set aside": ("P3", "set aside", altered("tasks", 32, state="set_aside")),
    "an account twice": ("P4", "account has submitted", altered("submissions", 22, account=102)),
    "a person twice": ("P4", "person has submitted", altered("submissions", 22, person="p2")),
    "two live tokens": ("P4", "two live", added("tokens", called(9, 11, "live", 800_000, account=106))),
    "another's token": ("P5", "another account", altered("tokens", 2, account=103)),
    "a token used late": ("P5", "after its end", altered("tokens", 2, ended_at=T0 + 700_000)),
    "a token id twice": ("P5", "one id", altered("tokens", 3, jti="j2")),
    "no token id": ("P5", "no token id", altered("tokens", 3, jti=None)),
    "live without a call": ("P5", "never called", altered("tokens", 5, call=None)),
    "more held than there is": ("P6", "more places are held", in_period(cap=2)),
    "called without a place": ("P6", "without a place", three_at_once),
    "passed over": ("P7", "present", altered("calls", 3, passed_over=None)),
    "passed over, though known as parked before": ("P7", "present", altered("calls", 650, passed_over=None)),
    "called before one who was called later": ("P7", "present", altered("tokens", 3, call=650, id=6)),
    "called before one who left later": ("P7", "present", altered("tokens", 1, id=9)),
}  # fmt: skip


@pytest.mark.parametrize("how", list(BROKEN))
def test_a_broken_promise_is_found_and_shown(how: str) -> None:
    """One wrong row in otherwise right books is found, under its promise, with the row."""
    promise, words, breaks = BROKEN[how]
    broken = recount(breaks(good_books()))
    assert [one for one in broken if one.promise == promise and words in one.sentence and one.rows], broken


def test_right_books_hold_every_promise() -> None:
    """The twin of the test above: with nothing wrong nothing is found, so each finding is of the wrong row alone."""
    assert recount(good_books()) == []


def test_empty_books_hold_every_promise() -> None:
    """A period that nobody came to has broken nothing."""
    assert recount(Books(period=a_period(held=0, accepted=0, mark=0, epoch=0))) == []


def test_a_submission_recorded_late_but_received_in_time_is_no_breach() -> None:
    """A use within the time that recording may take is not called late; nor is its place counted twice (P5, P6)."""
    books = altered("tokens", 2, ended_at=T0 + 605_000)(good_books())
    assert recount(books) == []


def by_a_wrong_clock(books: Books, **changes: int) -> Books:
    """The same books, ended by hosts whose clock is an hour ahead; the service clock of each end is kept."""
    ends = {2: 90_000, 3: 602_000, 5: 700_000} | {int(key[1:]): value for key, value in changes.items()}
    return replace(books, tokens=[
        replace(token, ended_at=T0 + 3_600_000 + ends[token.number], ended_clock=ends[token.number])
        if token.number in ends else token
        for token in books.tokens
    ])  # fmt: skip


def test_a_host_whose_clock_is_wrong_makes_no_breach() -> None:
    """Instants that are an hour ahead say nothing: the service clock in the rows does (P5, P6)."""
    assert recount(by_a_wrong_clock(good_books())) == []


def test_by_the_service_clock_a_late_use_and_a_place_too_many_are_found() -> None:
    """The twin: the same wrong instants, and a clock that shows the breach."""
    late = recount(by_a_wrong_clock(good_books(), n2=700_000))
    assert "a token was used after its end" in [one.sentence for one in late]
    held = recount(by_a_wrong_clock(in_period(cap=2)(good_books()), n3=660_000))
    assert "somebody was called without a place" in [one.sentence for one in held]


def test_whoever_joined_after_the_list_was_not_passed_over() -> None:
    """A call knows only who was in the line before its list was taken, and only the line of its own epoch."""
    books = good_books()
    later = added("entries", JournalRow(2, T0 + 800_000, 0, "restore", 7, 7))(books)
    assert recount(later) == []
    sooner = added("entries", JournalRow(1, T0 + 649_999, 0, "restore", 3, 4))(books)
    assert recount(sooner) == []


def test_a_late_task_is_told_apart_from_one_that_has_time() -> None:
    """A staged job breaks the promise of a minute after a minute, and not before."""
    books = good_books()
    assert late_tasks(books, T0 + 100_000) == []
    (late,) = late_tasks(books, T0 + 90_000 + 60_001)
    assert late.promise == "P3"
    assert len(late.rows) == 1


def test_the_report_names_each_promise_and_no_account() -> None:
    """Every promise has its line; at most ten rows are shown of one finding; nothing personal is printed."""
    books = replace(good_books(), submissions=[])
    lines = report(books, recount(books))
    for number in range(1, 8):
        assert sum(line.startswith(f"P{number} ") for line in lines) == 1
    assert any(line.startswith("P3 BROKEN") for line in lines)
    assert not any(
        "p5" in line for line in report(books, recount(altered("submissions", 22, person="p2")(good_books())))
    )


# On both stores, with rows that the ledger itself wrote


async def lay_books(conn: AsyncConnection) -> None:
    """Five people join; 1 leaves, 2 is called and submits, 3 is called and lapses, 4 is parked, 5 is called."""
    period = a_period(cap=2, held=0, accepted=0, clock=0, epoch=1)
    await conn.execute(
        sa.insert(quota_store.period).values({f: getattr(period, f) for f in period.__struct_fields__})
    )
    await conn.execute(
        sa.insert(accounts_store.account),
        [
            {"id": n, "username": f"u{n}", "password_hash": "x", "answers_hash": "x", "questions": "[]",
             "created_at": T0, "identity": "{}", "accommodation": 1.5}
            for n in (102, 105)
        ],
    )  # fmt: skip
    await conn.execute(
        sa.insert(journal).values(
            period="u1", epoch=1, stream_id=f"{now_ms() - 5_000}-0", kind="join", first=1, last=5
        )
    )
    await ledger.leave_waiting(conn, [("u1", 1)])
    await call(conn, [2])
    await call(conn, [3])
    await conn.execute(
        sa.update(quota_store.token)
        .where(quota_store.token.c.number == 3)
        .values(state="lapsed", ended_at=now_ms())
    )
    await ledger.update(conn, "u1", held=1)
    sheet = await open_unit(conn, "u1", [2], [102])
    sheet.bind(2, 102, factor=1.5)
    rank = sheet.take(2, 102, 0, "R-1")
    await sheet.write(conn)
    row = {
        "id": 21, "receipt": "R-1", "period": "u1", "rank": rank, "number": 2, "account": 102, "person": "p",
        "submitted_at": T0, "pay_by": T0, "capacity": "candidate", "device": "{}", "content": "{}",
        "status": "submitted",
    }  # fmt: skip
    await conn.execute(sa.insert(submission_store.submission).values(row))
    for kind in MAKES:
        await conn.execute(
            sa.insert(outbox.task).values(
                subject_kind=SUBMISSION,
                subject_id="21",
                key=f"{kind}:submission:21",
                kind=kind,
                state="done",
                staged_at=now_ms() - 120_000,
            )
        )
    paper = {"id": "d", "subject_kind": SUBMISSION, "subject_id": "21", "account": 102, "kind": "confirmation",
             "serial": 1, "title": "t", "blocks": "[]"}  # fmt: skip
    await conn.execute(sa.insert(casework_store.document).values(paper | {"created_at": T0}))
    await call(conn, [5], parked=[4])


async def call(conn: AsyncConnection, numbers: list[int], parked: list[int] | None = None) -> None:
    await ledger.update(conn, "u1", next_call=0)
    done = await ledger.call(
        conn,
        "u1",
        epoch=1,
        candidates=numbers,
        passed_over=bitmap(parked or []),
        listed_at=now_ms(),
        age_ms=0,
    )
    assert done.numbers == numbers


async def verified(url: str, *, late_is_broken: bool = True) -> tuple[int, str]:
    out = io.StringIO()
    return await verify(url, "demo", late_is_broken=late_is_broken, out=out), out.getvalue()


async def test_what_the_ledger_wrote_is_found_right(database: Database, database_url: str) -> None:
    """Books laid by the ledger's own steps hold every promise, on both stores; an unknown period is refused."""
    await database.write(lay_books)
    assert (await read(database, "demo")).calls[-1].passed_over is not None
    code, text = await verified(database_url)
    assert "BROKEN" not in text
    assert code == 0
    with pytest.raises(Refusal, match="not_found"):
        await verify(database_url, "nobody")


SPOILED = {
    "P1": "update period set mark = 2",
    "P2": "update submission set rank = 2",
    "P3": "delete from document",
    "P5": "update token set jti = 'one' where state <> 'left'",
    "P7": "update call set passed_over = null",
}


@pytest.mark.parametrize("promise", list(SPOILED))
async def test_rows_spoiled_behind_the_ledgers_back_are_found(
    database: Database, database_url: str, promise: str
) -> None:
    """One statement against the store, and `verify` exits 1 and says which promise it broke, and only that one."""
    await database.write(lay_books)
    await database.write(lambda conn: conn.execute(sa.text(SPOILED[promise])))
    code, text = await verified(database_url)
    assert code == 1
    assert [line[:2] for line in text.splitlines() if "BROKEN" in line] == [promise]


async def test_an_audit_that_was_changed_breaks_the_recount(database: Database, database_url: str) -> None:
    """The audit is read with each period: who pressed the button is part of what held (P16)."""
    await database.write(lay_books)
    await database.write(lambda conn: audit.record(conn, "agnes", "pause", None, T0))
    code, text = await verified(database_url)
    assert (code, "P16 holds" in text) == (0, True)
    await database.write(lambda conn: conn.execute(sa.text("update audit set actor = 'boris'")))
    code, text = await verified(database_url)
    assert code == 1
    assert [line[:3] for line in text.splitlines() if "BROKEN" in line] == ["P16"]
    assert "line 1: altered" in text


def test_a_reminder_is_late_only_after_it_was_due() -> None:
    """A task that waits for its instant breaks no promise meanwhile."""
    reminder = TaskRow(40, 21, "reminder", "staged", T0, due_at=T0 + 500_000)
    books = replace(good_books(), tasks=[reminder])
    assert late_tasks(books, T0 + 560_000) == []
    assert len(late_tasks(books, T0 + 560_001)) == 1


@pytest.mark.parametrize("ends", [2_000 + TOKEN_MS - 1, 2_000 + TOKEN_MS + 1])
def test_an_end_moved_by_hand_is_said_and_breaks_nothing(ends: int) -> None:
    """Only whoever moved it can say why; books that nobody touched have none."""
    assert moved_ends(good_books()) == []
    books = altered("tokens", 3, ends=ends)(good_books())
    assert [one.sentence for one in moved_ends(books)] == ["the end of a token was moved in its row"]
    assert not [one for one in recount(books) if one.promise == "P5"]


async def test_a_late_task_can_be_said_without_breaking(database: Database, database_url: str) -> None:
    """While workers are stopped on purpose, a late job is shown and does not count."""
    await database.write(lay_books)
    await database.write(
        lambda conn: conn.execute(sa.text("update task set state = 'staged' where kind <> 'confirmation'"))
    )
    assert (await verified(database_url))[0] == 1
    code, text = await verified(database_url, late_is_broken=False)
    assert code == 0
    assert "has been waiting" in text
