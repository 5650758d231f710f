"""The shipped list of words."""

from importlib.resources import files

from accounts import normalisation
from accounts.secrets import common_words


def test_the_list_says_how_it_was_made_and_holds_folded_words_alone() -> None:
    """Its first lines say so; each word is as passwords are compared."""
    text = files("accounts.secrets").joinpath("common_words.txt").read_text("utf-8")
    assert "How this list was made" in text and "CC0" in text
    assert len(common_words.words()) > 900
    assert all(normalisation.letters(word) == word for word in common_words.words())


def test_every_word_at_a_place_is_found() -> None:
    """« projet » in « projetquebec », also at the very end; nothing where no word begins."""
    assert {"projet", "projetquebec"} <= set(common_words.at("xprojetquebec", 1))
    assert list(common_words.at("xprojetquebec1", 0)) == []
    assert "quebec" in common_words.at("xquebec", 1)
