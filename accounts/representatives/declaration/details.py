"""Who a representative is, as it is kept: encrypted, each text bound to its row."""

from collections.abc import Sequence

import msgspec

from foundation.encryption.fields import FieldCipher


class RepresentativeDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What a candidate said of their representative. `number` is that of the Barreau, the Chambre or the register."""

    family_name: str
    given_name: str
    email: str
    number: str = ""
    organisation: str = ""
    telephone: str = ""
    address: str = ""

    @property
    def full_name(self) -> str:
        """Given name, then family name; some people have one name only."""
        return " ".join(name for name in (self.given_name, self.family_name) if name)


class UnreadableDetails(Exception):
    """A stored text opens with none of our keys, or was moved here from another row."""


class DetailsCipher:
    """Encrypts and reads the details of representatives; a row is named by its random id."""

    def __init__(self, secret_keys: Sequence[str]) -> None:
        self._cipher = FieldCipher(secret_keys, "representative")

    def seal(self, representative: str, details: RepresentativeDetails) -> str:
        """The details as they are stored in this row."""
        return self._cipher.encrypt(msgspec.json.encode(details).decode(), _field(representative))

    def opened(self, representative: str, stored: str) -> RepresentativeDetails:
        """What was sealed there. Raises UnreadableDetails."""
        text = self._cipher.decrypt(stored, _field(representative))
        if text is None:
            raise UnreadableDetails("representative.details: is a key missing from SECRET_KEYS?")
        return msgspec.json.decode(text, type=RepresentativeDetails)

    def is_newest(self, stored: str) -> bool:
        """Whether the first key wrote it."""
        return self._cipher.is_newest(stored)


def _field(representative: str) -> str:
    return f"representative:{representative}:details"
