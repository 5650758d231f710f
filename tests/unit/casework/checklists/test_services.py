"""What lists work with is made of the keys and the rules; what a list keeps of people opens in its own row alone."""

import pytest

from accounts.personal_data.fields import UnreadableField
from casework.checklists.services import ChecklistCipher
from foundation.encryption.fields import FieldCipher
from tests.support.casework.lists import LISTS
from tests.support.rooms import KEYS

CIPHER = ChecklistCipher(FieldCipher(KEYS, "checklist"))


def test_a_name_opens_in_its_row_alone() -> None:
    sealed = CIPHER.sealed_name(1, 2, "Léa Roy")
    assert CIPHER.opened_name(1, 2, sealed) == "Léa Roy" and "Roy" not in sealed
    for submission, number in ((1, 3), (2, 2)):
        with pytest.raises(UnreadableField):
            CIPHER.opened_name(submission, number, sealed)


def test_a_text_opens_with_its_act_alone() -> None:
    sealed = CIPHER.sealed_text(1, 2, "explain", 5, "Parce que.")
    assert CIPHER.opened_text(1, 2, "explain", 5, sealed) == "Parce que."
    for act, at in (("refuse", 5), ("explain", 6)):
        with pytest.raises(UnreadableField):
            CIPHER.opened_text(1, 2, act, at, sealed)


def test_the_services_have_the_rules_and_seal_for_the_list_alone() -> None:
    assert set(LISTS.rules) <= set(LISTS.names)
    assert LISTS.cipher.opened_name(1, 1, LISTS.cipher.sealed_name(1, 1, "Anne")) == "Anne"
