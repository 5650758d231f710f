"""What `guichet verify` prints."""

from msgspec.structs import replace

from evidence.recount import alike_persons, recount
from evidence.verify import report
from tests.unit.evidence.sound_books import altered, good_books


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


def test_persons_that_are_near_each_other_are_a_remark_under_p4() -> None:
    """They are counted beneath the promise, which holds: two receipts, what they share, and nothing of anybody's."""
    alike = [
        ("passport", "MPQ-1", "MPQ-2"),
        ("name and date of birth", "MPQ-1", "MPQ-2"),
        ("passport", "MPQ-3", "MPQ-4"),
    ]
    books = replace(good_books(), alike=alike)
    lines = report(books, recount(books), (), alike_persons(books))
    place = next(n for n, line in enumerate(lines) if line.startswith("P4 "))
    assert lines[place].startswith("P4 holds")
    assert lines[place + 1 : place + 4] == [
        "   remark, no breach: 2 pairs of submissions may be of one person:",
        "      MPQ-1 and MPQ-2: the same passport, name and date of birth",
        "      MPQ-3 and MPQ-4: the same passport",
    ]
    assert not any("BROKEN" in line for line in lines)
    assert alike_persons(good_books()) == []
