"""Items that are only kept with a file: a letter of ours that came back, and anything that has no kind of its own."""

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.mailroom.consequences import Judgement
from casework.mailroom.entries import MailEntry
from casework.mailroom.finding import FileAtHand
from casework.mailroom.handlers.handler import MailHandler, do_nothing, take_nothing_back
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import MailKind, MailMove

SAYS = {
    MailKind.RETURNED_MAIL: "Notre lettre n’a pas été remise : l’adresse du dossier est à vérifier.",
    MailKind.OTHER: "La pièce est inscrite au dossier. Rien d’autre ne change.",
}


async def judge(
    conn: AsyncConnection, services: MailroomServices, entry: MailEntry, of: FileAtHand, now: int
) -> Judgement:
    """They are accepted as they are."""
    return Judgement(move=MailMove.ACCEPT, says=(SAYS[entry.kind],))


HANDLER = MailHandler(
    judge=judge,
    do=do_nothing,
    take_back=take_nothing_back,
    taking_back="La ligne reste, marquée comme annulée.",
)
