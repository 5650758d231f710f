"""The benchmark of duplicates measures what it says."""

from tests.bench.duplicates import run


def test_every_account_is_scanned() -> None:
    """A handful: each has its blocking keys, and the figures are there."""
    found = run(30, 2)
    named = {figure.what: figure for figure in found.figures}
    assert named["blocking keys an account"].value >= 3
    assert named["an account, scanned"].bare
