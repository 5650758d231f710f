"""Where a person lives, as an envelope has it: free lines and a country, because the world does not fit one form."""

import msgspec

from accounts.normalisation import is_blank, visible
from accounts.personal_data.countries import code_of, name_of

MOST_LINES, LONGEST_LINE = 5, 100
"""What an envelope takes."""

LONGEST_COUNTRY = 80


class HomeAddress(msgspec.Struct, frozen=True):
    """The lines in their order, and the country: its two letters, or its name where it is on no list."""

    lines: list[str]
    country: str

    @property
    def text(self) -> str:
        """The lines as a text area shows them."""
        return "\n".join(self.lines)

    @property
    def whole(self) -> list[str]:
        """The lines and the country's name, as an envelope has them."""
        return [*self.lines, name_of(self.country)]


def read(text: str, country: str) -> HomeAddress:
    """What was typed, without blank lines and what is not seen."""
    lines = [visible(line) for line in text.splitlines()]
    return HomeAddress([line for line in lines if not is_blank(line)], code_of(country))


def problems(address: HomeAddress) -> dict[str, str]:
    """What is wrong with it, by field of the form."""
    found: dict[str, str] = {}
    if not address.lines:
        found["address"] = "Entrez votre adresse, comme sur une enveloppe : rue, ville, code postal."
    elif len(address.lines) > MOST_LINES:
        found["address"] = (
            f"Cette adresse a plus de {MOST_LINES} lignes : une enveloppe n’en prend pas davantage."
        )
    elif any(len(line) > LONGEST_LINE for line in address.lines):
        found["address"] = (
            f"Une ligne de cette adresse dépasse {LONGEST_LINE} caractères : coupez-la en deux."
        )
    if is_blank(address.country):
        found["country"] = "Entrez le pays où vous habitez."
    elif len(address.country) > LONGEST_COUNTRY:
        found["country"] = f"Ce nom de pays dépasse {LONGEST_COUNTRY} caractères."
    return found
