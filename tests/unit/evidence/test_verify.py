"""What `guichet verify` prints."""

from msgspec.structs import replace

from evidence.recount import recount
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
