"""« Modification à une demande de certificat de sélection » on paper: within 30 days of the change (PM-04).

A late one is flagged and never refused: nothing says what lateness means, so a person looks.
"""

from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.amendments.states import DAYS
from casework.files.status import ENDS
from casework.mailroom.consequences import Judgement
from casework.mailroom.entries import MailEntry
from casework.mailroom.finding import FileAtHand
from casework.mailroom.handlers.handler import MailHandler, do_nothing, take_nothing_back
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import MailMove
from foundation.calendar.closures import PUBLIC_SERVICE, Closures
from foundation.calendar.proclaimed import closures
from foundation.calendar.spans import calendar_days
from server.rendering.templating import day_words

CLOSED: Final = (
    "Cette demande ne se modifie plus ({status}) : le formulaire est gardé, et une personne décide."
)


def judged(entry: MailEntry, due: date) -> Judgement:
    """What a paper form triggers whose last day is `due`. Pure."""
    says = (
        "Le formulaire est inscrit au dossier, avec les documents qui l’accompagnent.",
        "Une agente ou un agent fait le changement.",
    )
    if entry.received_on <= due:
        return Judgement(
            move=MailMove.ACCEPT, says=(f"Reçu à temps : le dernier jour est le {day_words(due)}.", *says)
        )
    days = (entry.received_on - due).days
    late = f"En retard de {days} jour{'s' if days > 1 else ''} : le dernier jour était le {day_words(due)}."
    return Judgement(
        move=MailMove.ACCEPT,
        says=says,
        warns=(late, "La pièce est acceptée et signalée."),
        facts={"late_days": str(days)},
    )


def over(of: FileAtHand) -> Judgement:
    """What a paper form of a file that has ended triggers. Pure."""
    status = of.status_words
    why = CLOSED.format(status=f"{status[:1].lower()}{status[1:]}")
    return Judgement(move=None, says=(), warns=(why,))


async def judge(
    conn: AsyncConnection, services: MailroomServices, entry: MailEntry, of: FileAtHand, now: int
) -> Judgement:
    """By the day of the change that stands on the form. Of a file that has ended nothing changes any more: a person
    decides."""
    if of.status in ENDS:
        return over(of)
    return judged(entry, due_on(entry.changed_on or entry.received_on, await closures(conn)))


def due_on(changed_on: date, closed: Closures = PUBLIC_SERVICE) -> date:
    """The last day for a form about a change of this day; on a closed day, the next business day. Pure."""
    return calendar_days(changed_on, DAYS, closed).last_day


HANDLER = MailHandler(
    judge=judge,
    do=do_nothing,
    take_back=take_nothing_back,
    taking_back="La ligne reste, marquée comme annulée.",
)
