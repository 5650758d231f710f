"""What the service is called and whom people call: said by every page, decided by each installation."""

import msgspec

SAMPLE_NAME = "Guichet des demandes"

SAMPLE_PHONE = "514 555-0191"
"""Nobody's: the numbers from 555-0100 to 555-0199 are kept for examples."""

SAMPLE_HOURS = "du lundi au vendredi, de 8\N{NO-BREAK SPACE}h à 17\N{NO-BREAK SPACE}h (heure de Montréal)"


class Contact(msgspec.Struct, frozen=True):
    """The service's name, the contact centre's telephone and its hours, as pages show them."""

    name: str = SAMPLE_NAME
    phone: str = SAMPLE_PHONE
    hours: str = SAMPLE_HOURS

    @property
    def is_sample(self) -> bool:
        """Whether the telephone is the example's: pages say so, for nobody answers there."""
        return self.phone == SAMPLE_PHONE
