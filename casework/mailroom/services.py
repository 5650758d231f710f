"""What the functions of the mailroom work with."""

from collections.abc import Mapping, Sequence

import msgspec

from accounts.personal_data.fields import PersonalFields
from accounts.representatives.services import RepresentativeServices
from casework.mailroom.hints import HintsCipher


class MailroomServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/`. `programmes` maps the id of each to its name."""

    personal: PersonalFields
    hints: HintsCipher
    representatives: RepresentativeServices
    programmes: Mapping[str, str]


def mailroom_services(
    secret_keys: Sequence[str], representatives: RepresentativeServices, programmes: Mapping[str, str]
) -> MailroomServices:
    """The services with these keys."""
    return MailroomServices(
        personal=representatives.personal,
        hints=HintsCipher(secret_keys),
        representatives=representatives,
        programmes=programmes,
    )
