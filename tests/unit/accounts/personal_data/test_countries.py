"""Countries: by two letters, with their French names."""

from accounts.personal_data import countries


def test_the_list_is_in_the_order_of_the_alphabet_and_the_other_country_last() -> None:
    """With accents where they belong: Égypte is under E."""
    codes = list(countries.names())
    assert codes[-1] == countries.OTHER and len(codes) > 200
    assert codes.index("EG") < codes.index("FR") < codes.index("ZW")


def test_a_country_is_found_by_its_letters_and_its_name() -> None:
    """However they are typed; what is on no list stays as it is."""
    assert [countries.code_of(text) for text in ("fr", "FRANCE", "cote d'ivoire", "URSS")] == [
        "FR",
        "FR",
        "CI",
        "URSS",
    ]
    assert countries.name_of("CI").startswith("C") and countries.name_of("URSS") == "URSS"
