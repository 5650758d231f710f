"""What the functions of amendments work with; made once a process."""

from collections.abc import Mapping, Sequence

import msgspec

from accounts.personal_data.fields import PersonalFields
from casework.amendments.sealing import AmendmentCipher
from foundation.encryption.fields import FieldCipher
from quota.programmes import Programme
from submission.forms.files import Forms
from submission.signing import frozen


class AmendmentServices(msgspec.Struct, frozen=True, kw_only=True):
    """`seals` opens what was signed."""

    personal: PersonalFields
    programmes: Mapping[str, Programme]
    forms: Forms
    seals: FieldCipher

    @property
    def cipher(self) -> AmendmentCipher:
        """Opens what was added to it."""
        return AmendmentCipher(self.personal.amendments)


def amendment_services(
    programmes: Mapping[str, Programme], forms: Forms, secret_keys: Sequence[str]
) -> AmendmentServices:
    """The services with these keys."""
    return AmendmentServices(
        personal=PersonalFields(secret_keys), programmes=programmes, forms=forms, seals=frozen.cipher(secret_keys)
    )  # fmt: skip
