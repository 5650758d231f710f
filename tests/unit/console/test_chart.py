"""Figures as curves: gaps, edges and limits."""

from console.chart import chart, nice


def test_the_curve_has_gaps_where_nothing_was_written() -> None:
    """Two points far apart are not joined: the service was away, and a line would be an invention."""
    drawn = chart([(0, 0), (10, 50), (90, 50), (100, 100)], 0, 100, gap_ms=20)
    assert drawn.line == "M0.0,100.0L100.0,50.0 M900.0,50.0L1000.0,0.0"
    assert drawn.area.count("Z") == 2
    assert (drawn.top, drawn.least, drawn.most, drawn.last) == (100, 0, 100, 100)


def test_the_curve_of_nothing() -> None:
    """No figures make an empty curve, one makes a dash, and a limit is where it belongs."""
    empty = chart([], 0, 100, gap_ms=20, limit=50)
    assert (empty.line, empty.area, empty.last, empty.limit_y) == ("", "", 0, 0.0)
    assert chart([(50, 25)], 0, 100, gap_ms=20, limit=50).line == "M498.0,50.0L500.0,50.0"
    assert chart([(0, 100)], 0, 100, gap_ms=20, limit=50).limit_y == 50.0


def test_edges_are_round() -> None:
    """The upper edge is one of 5, 10, 20, 50, ... and never below the value."""
    assert [nice(value) for value in (0, 5, 6, 11, 51, 101, 5_073)] == [5, 5, 10, 20, 100, 200, 10_000]
