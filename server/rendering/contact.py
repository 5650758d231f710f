"""What the service is called and whom people call: said by every page, decided by each installation."""

import msgspec

SAMPLE_NAME = "Guichet des demandes"

SAMPLE_PHONE = "514 555-0191"
"""Nobody's: the numbers from 555-0100 to 555-0199 are kept for examples."""

SAMPLE_HOURS = "du lundi au vendredi, de 8\N{NO-BREAK SPACE}h à 17\N{NO-BREAK SPACE}h (heure de Montréal)"


SAMPLE_ADDRESS = "Guichet des demandes / 1, rue de l’Exemple / Montréal (Québec)  H0H 0H0"
"""Nobody's: no street of Canada has this postal code."""


class Contact(msgspec.Struct, frozen=True):
    """The service's name, the contact centre's telephone, hours and postal address, as pages show
    them; lines of the address are parted by ` / `."""

    name: str = SAMPLE_NAME
    phone: str = SAMPLE_PHONE
    hours: str = SAMPLE_HOURS
    address: str = SAMPLE_ADDRESS

    @property
    def address_lines(self) -> list[str]:
        """The postal address, as on an envelope."""
        return [line.strip() for line in self.address.split(" / ")]

    @property
    def is_sample(self) -> bool:
        """Whether the telephone is the example's: pages say so, for nobody answers there."""
        return self.phone == SAMPLE_PHONE

    @property
    def has_sample_address(self) -> bool:
        """The same of the postal address."""
        return self.address == SAMPLE_ADDRESS
