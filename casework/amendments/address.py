"""The address of an account, of the address that an amendment tells: letters go where the submission says (PM-03)."""

from collections.abc import Mapping
from typing import Final

from accounts.personal_data import home_address
from accounts.personal_data.home_address import HomeAddress
from submission.forms.answers import Answers, text_in
from submission.forms.values import YES

SECTION: Final = "contact"
"""The section of a form in which somebody's address stands."""

PATHS: Final = {"address": f"{SECTION}.address", "country": f"{SECTION}.country"}
"""Field of an account's address -> the question of the form that says it."""


def home_address_of(answers: Answers) -> HomeAddress | None:
    """The address as an envelope has it: the one for mail where another one is given. None where the form asks none."""
    contact = answers.get(SECTION, {})
    if not text_in(contact, "address"):
        return None
    if text_in(contact, "other_mail") == YES and text_in(contact, "mail_address"):
        text = text_in(contact, "mail_address")
    else:
        town = " ".join(filter(None, (text_in(contact, "city"), text_in(contact, "postal_code"))))
        text = f"{text_in(contact, 'address')}\n{town}"
    return home_address.read(text, text_in(contact, "country"))


def faults(address: HomeAddress | None) -> Mapping[str, str]:
    """What keeps it from standing on an envelope, by the question that says it."""
    found = {} if address is None else home_address.problems(address)
    return {PATHS[field]: why for field, why in found.items()}
