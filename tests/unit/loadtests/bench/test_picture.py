"""Charts for the figures."""

from loadtests.bench.picture import apart


def test_names_beside_lines_do_not_lie_on_each_other() -> None:
    """Each is moved down just as far as needed."""
    assert apart([100.0, 20.0, 102.0]) == [100.0, 20.0, 115.0]
