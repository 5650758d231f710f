"""The address of an account, of what an amendment tells."""

import pytest

from casework.amendments.address import faults, home_address_of

HOME = {"address": "12, rue du Port", "city": "Lyon", "postal_code": "69002", "country": "FR"}


@pytest.mark.parametrize(
    ("contact", "lines"),
    [
        pytest.param(HOME, ["12, rue du Port", "Lyon 69002"], id="home"),
        pytest.param({"address": "BP 4", "city": "Dakar", "country": "SN"}, ["BP 4", "Dakar"], id="no-postal-code"),
        pytest.param(
            HOME | {"other_mail": "oui", "mail_address": "Chez Roy\n\n4, quai Sud"}, ["Chez Roy", "4, quai Sud"],
            id="mail-goes-elsewhere",
        ),
        pytest.param(
            HOME | {"other_mail": "non", "mail_address": "x"}, ["12, rue du Port", "Lyon 69002"], id="no-more"
        ),
    ],
)  # fmt: skip
def test_letters_go_where_the_submission_says(contact: dict[str, str], lines: list[str]) -> None:
    """To the address for mail, where there is another one."""
    found = home_address_of({"contact": dict(contact)})
    assert found is not None and found.lines == lines and found.country == contact["country"]


def test_what_fits_on_no_envelope_is_said_at_its_question() -> None:
    """A line that is too long; a form without an address has none."""
    long = home_address_of({"contact": {**HOME, "address": "x" * 150}})
    assert list(faults(long)) == ["contact.address"]
    assert home_address_of({"plans": {"region": "x"}}) is None and faults(None) == {}
