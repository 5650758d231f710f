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


def test_the_longest_word_at_a_place_is_found() -> None:
    """« monprojetquebec » before « projet », and nothing where no word begins."""
    assert common_words.at("xmonprojetquebec1", 1) == "monprojetquebec"
    assert common_words.at("xmonprojetquebec1", 0) == ""
