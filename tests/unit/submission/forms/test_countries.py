"""Countries: two letters, and the French names anybody writes."""

import pytest

from submission.forms.countries import countries, country_of, country_options


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("FR", "FR"),
        ("fr", "FR"),
        ("France", "FR"),
        ("cote d'ivoire", "CI"),
        ("Côte d’Ivoire", "CI"),
        ("Québec", None),
        ("UN", None),
        ("", None),
    ],
)
def test_a_country_is_known_by_letters_and_name(text: str, letters: str | None) -> None:
    """Accents, case and apostrophes make no difference; what is no country is none."""
    assert country_of(text) == letters


def test_countries_stand_in_the_order_of_their_names() -> None:
    """« États-Unis » stands among the E, not behind the Z."""
    names = list(countries().values())
    assert len(names) > 200
    assert names.index("États-Unis") < names.index("France")


def test_the_list_of_countries_has_one_chosen() -> None:
    """What was typed and is no country is there too, as text."""
    assert country_options("FR").count(" selected") == 1
    assert '<option value="FR" selected>France</option>' in country_options("FR")
    assert " selected" not in country_options("")
    assert country_options("<b>").startswith("<option selected>&lt;b&gt;</option>")
