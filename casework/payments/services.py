"""What the functions of payments work with."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.personal_data.fields import PersonalFields
from accounts.representatives.services import RepresentativeServices
from casework.mailbox.services import MailboxServices, mailbox_services
from foundation.encryption.fields import FieldCipher
from quota.programmes import Programme
from submission.signing import frozen

UnderWay = Callable[[AsyncConnection, int], Awaitable[bool]]
"""Whether a charge of a card is under way for a file, asked under the file's lock (P15)."""


async def no_card(conn: AsyncConnection, submission: int) -> bool:
    """What an installation without a card provider says."""
    return False


class PaymentServices(msgspec.Struct, frozen=True, kw_only=True):
    """Made once a process, in `config/`: card, post, tasks and pages all work with it. `seals` opens what was signed;
    `representatives` lets a procuration go that was held until the payment (RP-04); `under_way` asks for charges of a
    card that have no end yet."""

    programmes: Mapping[str, Programme]
    representatives: RepresentativeServices
    mailbox: MailboxServices
    seals: FieldCipher
    under_way: UnderWay = no_card

    @property
    def personal(self) -> PersonalFields:
        """What opens names and addresses."""
        return self.representatives.personal


def payment_services(
    programmes: Mapping[str, Programme],
    secret_keys: Sequence[str],
    representatives: RepresentativeServices,
    under_way: UnderWay = no_card,
) -> PaymentServices:
    """The services with these keys; links in mails lead where the representatives' do."""
    return PaymentServices(
        programmes=programmes,
        representatives=representatives,
        mailbox=mailbox_services(secret_keys, representatives.public_url),
        seals=frozen.cipher(secret_keys),
        under_way=under_way,
    )
