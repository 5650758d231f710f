"""What lists work with is made of the keys and the rules."""

from tests.support.casework.lists import LISTS


def test_the_services_have_the_rules_and_seal_for_the_list_alone() -> None:
    assert set(LISTS.rules) <= set(LISTS.names)
    assert LISTS.cipher.opened_name(1, 1, LISTS.cipher.sealed_name(1, 1, "Anne")) == "Anne"
