"""What the functions of the mailroom work with."""

from collections.abc import Mapping, Sequence

import msgspec

from accounts.personal_data.fields import PersonalFields
from accounts.representatives.services import RepresentativeServices
from casework.mailroom.guessing.hints import HintsCipher
from casework.payments.services import PaymentServices


class MailroomServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/`. `programmes` maps the id of each to its name."""

    personal: PersonalFields
    hints: HintsCipher
    representatives: RepresentativeServices
    payments: PaymentServices
    programmes: Mapping[str, str]


def mailroom_services(secret_keys: Sequence[str], payments: PaymentServices) -> MailroomServices:
    """The services with these keys, over those of payments."""
    return MailroomServices(
        personal=payments.personal,
        hints=HintsCipher(secret_keys),
        representatives=payments.representatives,
        payments=payments,
        programmes={id: programme.name for id, programme in payments.programmes.items()},
    )
