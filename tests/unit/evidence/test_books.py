"""A finding shows at most ten rows, and none at all when nothing was found."""

from evidence.books import MOST_ROWS, found
from evidence.promises import Promise


def test_nothing_found_is_no_finding() -> None:
    """An empty list is the promise kept."""
    assert found(Promise.P1, "numbers were given twice", []) == []


def test_a_finding_shows_its_rows_and_how_many_more() -> None:
    """Ten are enough to look for the cause."""
    (few,) = found(Promise.P1, "numbers were given twice", range(MOST_ROWS))
    assert few.rows == [str(n) for n in range(MOST_ROWS)]
    (many,) = found(Promise.P1, "numbers were given twice", range(MOST_ROWS + 3))
    assert many.rows[MOST_ROWS:] == ["and 3 more"]
