"""Kept promises are found kept, and each broken one is found, named and shown.

The checks are fed with books that are right, and with the same books with one thing wrong: nobody may add a check here
without a way to see it fail."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from evidence.books import Books, DocumentRow, JournalRow, TaskRow
from evidence.recount import late_tasks, moved_ends, recount
from tests.unit.evidence.sound_books import (
    T0,
    TOKEN_MS,
    a_period,
    added,
    altered,
    called,
    good_books,
    in_period,
    without,
)


def three_at_once(books: Books) -> Books:
    """Four tokens live at the same time, for three places."""
    tokens = [
        called(1, 2, "lapsed", 1_000, ended_at=T0 + 603_000),
        called(2, 3, "lapsed", 2_000, ended_at=T0 + 604_000),
        called(3, 4, "lapsed", 3_000, ended_at=T0 + 605_000),
        called(4, 5, "lapsed", 4_000, ended_at=T0 + 606_000),
    ]
    return replace(books, tokens=tokens)


def annulled(books: Books) -> Books:
    """The same period, taken back as it should be: tokens cancelled, submissions void, each with its letter."""
    submissions = [replace(row, status="annulled") for row in books.submissions]
    tokens = [
        replace(row, state="cancelled", ended_at=T0 + 900_000, ended_clock=900_000)
        if row.state == "live"
        else row
        for row in books.tokens
    ]
    letters = [TaskRow(row.id + 50, row.id, "annulment", "done", T0 + 900_000) for row in books.submissions]
    papers = [DocumentRow(f"a{row.id}", row.id, "annulment") for row in books.submissions]
    period = replace(books.period, state="annulled", held=2, voided=2, annulled_at=T0 + 900_000)
    return replace(
        books,
        period=period,
        submissions=submissions,
        tokens=tokens,
        tasks=[*books.tasks, *letters],
        documents=[*books.documents, *papers],
        makes=books.makes | {"annulment": "annulment"},
    )


def test_an_annulled_period_keeps_its_promises() -> None:
    """`accepted` and the ranks stay true, and nothing is lost; only what counts has changed."""
    assert recount(annulled(good_books())) == []


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (altered("submissions", 21, status="submitted"), "a submission still counts in an annulled period"),
        (in_period(voided=1), "the count of void submissions is another"),
        (altered("tokens", 5, state="live"), "a token still lives in an annulled period"),
        (without("tasks", 71), "a submission lacks a job"),
        (without("documents", "a22"), "a done job has not made exactly one document"),
    ],
)
def test_what_an_annulment_forgot_is_found(spoil: Callable[[Books], Books], sentence: str) -> None:
    """A submission, a count, a token, a letter."""
    assert sentence in {one.sentence for one in recount(spoil(annulled(good_books())))}


def test_nothing_is_void_in_a_period_that_stands() -> None:
    """Neither a submission nor a token."""
    for spoil in (altered("submissions", 21, status="annulled"), altered("tokens", 5, state="cancelled")):
        assert any("in a period that stands" in one.sentence for one in recount(spoil(good_books())))


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


@pytest.mark.parametrize("ends", [2_000 + TOKEN_MS - 1, 2_000 + TOKEN_MS + 1])
def test_an_end_moved_by_hand_is_said_and_breaks_nothing(ends: int) -> None:
    """Only whoever moved it can say why; books that nobody touched have none."""
    assert moved_ends(good_books()) == []
    books = altered("tokens", 3, ends=ends)(good_books())
    assert [one.sentence for one in moved_ends(books)] == ["the end of a token was moved in its row"]
    assert not [one for one in recount(books) if one.promise == "P5"]


def test_a_reminder_is_late_only_after_it_was_due() -> None:
    """A task that waits for its instant breaks no promise meanwhile."""
    reminder = TaskRow(40, 21, "reminder", "staged", T0, due_at=T0 + 500_000)
    books = replace(good_books(), tasks=[reminder])
    assert late_tasks(books, T0 + 560_000) == []
    assert len(late_tasks(books, T0 + 560_001)) == 1
