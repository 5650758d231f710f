"""Home addresses: free lines and a country, cleaned of what is not seen."""

from accounts.personal_data import home_address


def test_blank_lines_and_unseen_marks_go() -> None:
    """What is left is what an envelope has."""
    found = home_address.read("1, rue de l’Essai\r\n\u200b\n  69001   Lyon ", "france")
    assert (found.lines, found.country) == (["1, rue de l’Essai", "69001 Lyon"], "FR")
    assert found.whole == ["1, rue de l’Essai", "69001 Lyon", "France"]
    assert home_address.read(found.text, found.country) == found
    assert home_address.problems(found) == {}


def test_a_country_that_is_no_more_keeps_its_name() -> None:
    """It is on no list, and somebody was born there."""
    found = home_address.read("1, rue", "Yougoslavie")
    assert found.whole[-1] == "Yougoslavie"


def test_every_problem_is_said() -> None:
    """Nothing, too many lines, too long a line."""
    assert set(home_address.problems(home_address.read(" ", ""))) == {"address", "country"}
    assert set(home_address.problems(home_address.read("a\n" * 6, "FR"))) == {"address"}
    assert set(home_address.problems(home_address.read("a" * 101, "p" * 81))) == {"address", "country"}
