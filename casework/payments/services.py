"""What the functions of payments work with."""

from collections.abc import Mapping, Sequence

import msgspec

from accounts.personal_data.fields import PersonalFields
from accounts.representatives.services import RepresentativeServices
from casework.mailbox.services import MailboxServices, mailbox_services
from foundation.encryption.fields import FieldCipher
from quota.programmes import Programme
from submission.signing import frozen


class PaymentServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/`: card, post, tasks and pages all work with it. `seals` opens what was signed;
    `representatives` lets a procuration go that was held until the payment (RP-04)."""

    programmes: Mapping[str, Programme]
    representatives: RepresentativeServices
    mailbox: MailboxServices
    seals: FieldCipher

    @property
    def personal(self) -> PersonalFields:
        """What opens names and addresses."""
        return self.representatives.personal


def payment_services(
    programmes: Mapping[str, Programme],
    secret_keys: Sequence[str],
    representatives: RepresentativeServices,
) -> PaymentServices:
    """The services with these keys; links in mails lead where the representatives' do."""
    return PaymentServices(
        programmes=programmes,
        representatives=representatives,
        mailbox=mailbox_services(secret_keys, representatives.public_url),
        seals=frozen.cipher(secret_keys),
    )
