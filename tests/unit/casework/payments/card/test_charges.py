"""Until when a page takes money."""

from casework.payments.card.charges import PAGE_MS, SHORTEST_PAGE_MS, page_until

NOW = 1_000_000_000


def test_a_page_is_open_for_an_hour() -> None:
    assert page_until(NOW, NOW + 10 * PAGE_MS) == NOW + PAGE_MS


def test_but_not_beyond_the_last_moment_to_pay() -> None:
    """As long as the provider has pages that are so short."""
    assert page_until(NOW, NOW + 40 * 60_000) == NOW + 40 * 60_000
    assert page_until(NOW, NOW + 60_000) == NOW + SHORTEST_PAGE_MS
    assert page_until(NOW + 7, NOW) % 1000 == 0
