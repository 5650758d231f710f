"""Who is told of a move: the candidate of each, the representative only of what gives nothing away.

A mail is posted in the transaction of the move. The candidate's address is the account's; one without an address reads
the same on its page.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store as accounts_store
from accounts.representatives import mails
from accounts.representatives.declaration import parties
from accounts.representatives.powers import Representation
from accounts.representatives.services import RepresentativeServices
from accounts.representatives.states import PowerMove, PowerPosition, PowerState
from accounts.representatives.store import REPRESENTATIVE
from foundation.mail.outgoing import Mail, post
from foundation.subjects import Subject

KNOWN_TO_THEM: Final = frozenset({PowerState.ACTIVE, PowerState.FROZEN})
"""States of which the representative was told: that such a power is over they are told too."""


def representative_hears(step: PowerMove, before: PowerPosition, after: PowerPosition) -> bool:
    """Whether the representative gets a mail of this move. Nobody learns from us of a mere declaration, nor of
    the end of one. Pure."""
    if step in {PowerMove.REVOKE, PowerMove.UNDO_RECEIPT}:
        return before.state in KNOWN_TO_THEM and step in mails.TO_REPRESENTATIVE
    if step is PowerMove.ACTIVATE:
        return after.state is PowerState.ACTIVE
    return step in {PowerMove.FREEZE, PowerMove.THAW}


async def tell(
    conn: AsyncConnection,
    services: RepresentativeServices,
    of: Representation,
    step: PowerMove,
    after: PowerPosition,
    event: int,
    now: int,
) -> Sequence[Mail]:
    """Post the mails of a move, which is the line `event` of the history; each once."""
    posted, key = [], f"representative:{of.id}:{event}"
    address = await parties.address_of(conn, services, of.account)
    if address:
        is_frozen = after.state is PowerState.FROZEN
        mail = mails.to_candidate(address, step, services.public_url, is_frozen=is_frozen)
        account = Subject.row(accounts_store.ACCOUNT, of.account)
        await post(conn, mail, account, now, key=f"{key}:candidate")
        posted.append(mail)
    if representative_hears(step, of.position, after):
        mail = mails.to_representative(of.details.email, step, services.public_url)
        await post(conn, mail, Subject(REPRESENTATIVE, of.id), now, key=f"{key}:representative")
        posted.append(mail)
    return posted
