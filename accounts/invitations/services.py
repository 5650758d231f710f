"""What invitations to an account work with."""

from collections.abc import Sequence

import msgspec

from accounts.registration.services import RegistrationServices
from foundation.encryption.blind_index import BlindIndex


class InvitationServices(msgspec.Struct, frozen=True):
    """Made once a process, in `config/app.py`: registration's services, and the index of the codes of links."""

    registration: RegistrationServices
    codes: BlindIndex


def invitation_services(registration: RegistrationServices) -> InvitationServices:
    """The services with the keys of registration."""
    return InvitationServices(registration, codes_of(registration.secrets))


def codes_of(secret_keys: Sequence[str]) -> BlindIndex:
    """The blind index of the codes of links."""
    return BlindIndex(secret_keys, "invitation.code")
