"""An agent's decision on a claim to an exempt stream: with its letter, a message and a mail that say there is one."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework import exempt_letters
from casework.mailbox.services import MailboxServices
from console.agents import mails
from console.agents.services import AgentServices, address_of
from console.staff.desk import StaffMemberHere
from foundation.clock import now_ms
from submission.exempt import claims
from submission.exempt.claims import ExemptClaim
from submission.exempt.states import ExemptClaimAct


async def decide(
    services: AgentServices,
    member: StaffMemberHere,
    claim_id: int,
    act: ExemptClaimAct,
    reason: str | None,
    version: int,
) -> ExemptClaim:
    """Decide, file the letter and post the mail in one transaction. Refusals of `claims.decide`."""
    now = now_ms()

    mailbox = MailboxServices(personal=services.personal, public_url=services.public_url)

    async def tell(conn: AsyncConnection, after: ExemptClaim) -> None:
        to = await address_of(conn, services.personal, after.account)
        notice = None if to is None else mails.claim_decided(to, services.public_url)
        await exempt_letters.file_decision(conn, services.programmes, mailbox, after, act, now, notice)

    async def work(conn: AsyncConnection) -> ExemptClaim:
        return await claims.decide(
            conn, services.personal, claim_id, act, reason, version, member.actor, now, tell
        )

    return await services.db.write(work)
