"""An agent's decision on a claim to an exempt stream: with its letter, and a mail that says there is one, at once."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework import exempt_letters
from console.agents import mails
from console.agents.services import AgentServices, address_of
from console.staff.desk import StaffMemberHere
from foundation.clock import now_ms
from foundation.mail import outgoing
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

    async def tell(conn: AsyncConnection, after: ExemptClaim) -> None:
        await exempt_letters.file_decision(conn, services.programmes, services.personal, after, act, now)
        to = await address_of(conn, services.personal, after.account)
        if to is not None:
            key = f"claim_decided:{after.id}:{after.version}"
            mail = mails.claim_decided(to, services.public_url)
            await outgoing.post(conn, mail, after.subject, now, key=key)

    async def work(conn: AsyncConnection) -> ExemptClaim:
        return await claims.decide(
            conn, services.personal, claim_id, act, reason, version, member.actor, now, tell
        )

    return await services.db.write(work)
