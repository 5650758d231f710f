"""What the functions of amendments work with; made once a process."""

from collections.abc import Mapping, Sequence

import msgspec

from accounts.personal_data.fields import PersonalFields
from accounts.representatives.services import representative_services
from casework.amendments.sealing import AmendmentCipher
from casework.payments import settling
from casework.payments.services import PaymentServices, payment_services
from foundation.encryption.fields import FieldCipher
from quota.programmes import Programme
from submission.forms.files import Forms
from submission.signing import frozen


class AmendmentServices(msgspec.Struct, frozen=True, kw_only=True):
    """`seals` opens what was signed; with `payments` what an amendment costs is settled."""

    personal: PersonalFields
    programmes: Mapping[str, Programme]
    forms: Forms
    seals: FieldCipher
    payments: PaymentServices

    @property
    def cipher(self) -> AmendmentCipher:
        """Opens what was added to it."""
        return AmendmentCipher(self.personal.amendments)


def amendment_services(
    programmes: Mapping[str, Programme], forms: Forms, secret_keys: Sequence[str], public_url: str = ""
) -> AmendmentServices:
    """The services with these keys; links in mails about what an amendment costs lead below `public_url`."""
    representatives = representative_services(secret_keys, public_url, settling.has_paid)
    return AmendmentServices(
        personal=PersonalFields(secret_keys), programmes=programmes, forms=forms, seals=frozen.cipher(secret_keys),
        payments=payment_services(programmes, secret_keys, representatives),
    )  # fmt: skip
