"""Lists that are kept while nothing in them changes."""

from casework.letters.lists import KeptLists


def test_the_list_that_nobody_looked_at_for_longest_goes() -> None:
    """Two are kept; a look makes one the newest."""
    kept = KeptLists(most=2)
    kept.put("a", "A")
    kept.put("b", "B")
    assert kept.get("a") is not None
    kept.put("c", "C")
    assert kept.get("b") is None and kept.get("a") is not None and kept.get("c") is not None


def test_a_list_comes_in_the_coding_that_is_asked_for() -> None:
    """Compressed once each."""
    page = KeptLists().put("a", "texte " * 500)
    plain, small = page.answer(None), page.answer(b"gzip")
    assert plain.body == b"texte " * 500 and len(small.body) < 200
    assert page.answer(b"gzip").body is small.body
