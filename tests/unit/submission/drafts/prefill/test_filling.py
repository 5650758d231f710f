"""What an account has on file, as a form takes it."""

import pytest

from accounts.identities import Identity
from accounts.personal_data.home_address import HomeAddress
from submission.drafts.prefill.filling import texts_of
from submission.forms.model import AccountPart

EVE = Identity(
    family_name="Lefèvre", given_name="", birth_date="1985-04-02", passport="AB1", birth_country="France"
)


def test_what_is_on_file_has_its_parts() -> None:
    """A country by its letters; what is empty is not there, so that nothing is said to come from an account."""
    found = texts_of(EVE, "eve@exemple.invalid", HomeAddress(["1, rue de l’Essai", "69001 Lyon"], "FR"))
    assert found == {
        AccountPart.FAMILY_NAME: "Lefèvre", AccountPart.BIRTH_DATE: "1985-04-02", AccountPart.BIRTH_COUNTRY: "FR",
        AccountPart.PASSPORT: "AB1", AccountPart.EMAIL: "eve@exemple.invalid",
        AccountPart.ADDRESS: "1, rue de l’Essai\n69001 Lyon", AccountPart.COUNTRY: "FR",
    }  # fmt: skip


@pytest.mark.parametrize("part", [AccountPart.EMAIL, AccountPart.ADDRESS, AccountPart.COUNTRY])
def test_an_imported_account_may_have_neither_address(part: AccountPart) -> None:
    """Nothing is made up for it."""
    assert part not in texts_of(EVE, "", None)
