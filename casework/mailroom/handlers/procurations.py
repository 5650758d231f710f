"""A procuration that came by post: in force if the fee is paid, held until then (RP-02, RP-04).

What is done and taken back is `accounts/representatives/procurations/mailroom.py`'s, as at the desk of procurations.
"""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives import powers
from accounts.representatives.moving import MailedPaper
from accounts.representatives.powers import Representation
from accounts.representatives.procurations import mailroom
from accounts.representatives.states import STATES, PowerMove, moved
from casework.mailroom.consequences import Judgement
from casework.mailroom.entries import MailEntry
from casework.mailroom.finding import FileAtHand
from casework.mailroom.handlers.handler import MailAct, MailHandler
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import MailMove

NOBODY: Final = (
    "Cette personne n’a déclaré aucun représentant : la procuration est gardée, et une personne décide."
)


def judged(of: Representation | None, *, is_paid: bool) -> Judgement:
    """What the paper does for the representative who was declared. Pure."""
    if of is None:
        return Judgement(move=None, says=(), warns=(NOBODY,))
    facts = {"reference": of.reference}
    step = PowerMove.ACTIVATE if is_paid else PowerMove.RECEIVE
    if moved(of.position, step) is None:
        why = f"Cette procuration n’est pas attendue ({STATES[of.state].lower()}) : la pièce est à retourner."
        return Judgement(move=MailMove.SET_ASIDE, says=(), warns=(why,), facts=facts)
    says = (
        f"Représentante ou représentant : {of.details.full_name}. Comparez ce nom avec le papier.",
        "Les frais sont payés : la procuration entre en vigueur."
        if is_paid
        else "Les frais ne sont pas payés : la procuration est gardée, et entre en vigueur au paiement.",
        "La personne candidate en est avisée par courriel.",
    )
    return Judgement(move=MailMove.ACCEPT, says=says, facts=facts)


async def judge(
    conn: AsyncConnection, services: MailroomServices, entry: MailEntry, of: FileAtHand, now: int
) -> Judgement:
    """For the representative whose reference was typed, otherwise for the one that the account has."""
    known = services.representatives
    if of.reference:
        power: Representation | None = await mailroom.find(conn, known, of.reference)
    else:
        power = await powers.live_of(conn, known.details, of.account)
    return judged(power, is_paid=await known.has_paid(conn, of.account))


async def do(conn: AsyncConnection, services: MailroomServices, act: MailAct, judgement: Judgement) -> None:
    """Enter it with the procurations. Refusals invalid, move_not_allowed."""
    if judgement.move is MailMove.ACCEPT:
        paper = MailedPaper(received_on=act.entry.received_on, postmarked_on=act.entry.postmarked_on)
        await mailroom.receive(
            conn, services.representatives, judgement.facts["reference"], paper, act.by, act.now
        )


async def take_back(conn: AsyncConnection, services: MailroomServices, act: MailAct, reason: str) -> None:
    """Whatever it opened is closed at once. Refusal move_not_allowed."""
    await mailroom.undo(conn, services.representatives, act.entry.reference, reason, act.by, act.now)


HANDLER = MailHandler(
    judge=judge,
    do=do,
    take_back=take_back,
    taking_back="Plus rien n’est communiqué au représentant dès maintenant, et la personne candidate en est avisée.",
)
