"""The fee, by post: judged as money judges it, shown, and done by the same function (PY-03 to PY-05).

What is paid, late, partial or too much is `casework/payments/postal.py`'s; here it becomes a move of the item. What a
person decides later (« Argent à décider ») moves the item then (`following.py`).
"""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.mailroom.consequences import Judgement
from casework.mailroom.entries import MailEntry
from casework.mailroom.finding import FileAtHand
from casework.mailroom.handlers.handler import MailAct, MailHandler
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import MailItemState, MailMove
from casework.payments import receiving
from casework.payments.postal import PostalJudgement, PostalPayment, PostalVerdict, consequences, judge
from casework.payments.states import POSTAL

ACCEPTS: Final = frozenset({PostalVerdict.ACCEPTED, PostalVerdict.SUPPLEMENT_ACCEPTED})

NO_FILE: Final = "Cette personne n’a soumis aucune demande : le paiement est à retourner."


def payment_of(entry: MailEntry) -> PostalPayment:
    """What money judges; an instrument that is none of the five is none, and its amount may be in no dollars. Pure."""
    instrument = next((one for one in POSTAL if one == entry.instrument), None)
    return PostalPayment(instrument=instrument, cents=entry.cents or 0, received_on=entry.received_on)


def judged(found: PostalJudgement) -> Judgement:
    """What becomes of the item. Pure."""
    first, *rest = consequences(found)
    if found.verdict in ACCEPTS:
        return Judgement(move=MailMove.ACCEPT, says=(first, *rest))
    return Judgement(move=MailMove.SET_ASIDE if found.returned else None, says=tuple(rest), warns=(first,))


async def judge_item(
    conn: AsyncConnection, services: MailroomServices, entry: MailEntry, of: FileAtHand, now: int
) -> Judgement:
    """As the file stands now."""
    if of.submission is None:
        none = consequences(judge(payment_of(entry), None))
        return Judgement(move=MailMove.SET_ASIDE, says=tuple(none[1:]), warns=(NO_FILE,))
    return judged(await receiving.look(conn, services.payments, of.submission, payment_of(entry)))


async def judge_again(
    conn: AsyncConnection, services: MailroomServices, entry: MailEntry, of: FileAtHand, now: int
) -> Judgement:
    """As if this payment were not in yet: what it has paid awaits it still."""
    if of.submission is None:
        return await judge_item(conn, services, entry, of, now)
    return judged(await receiving.look_again(conn, services.payments, of.submission, payment_of(entry)))


async def do(conn: AsyncConnection, services: MailroomServices, act: MailAct, judgement: Judgement) -> None:
    """The money is in, and the file settled; or it is in and out again, with its letter; or it waits for a person."""
    if act.of.submission is not None:
        await receiving.enter(
            conn, services.payments, act.of.submission, payment_of(act.entry), act.by, act.now, key=act.key
        )


async def take_back(conn: AsyncConnection, services: MailroomServices, act: MailAct, reason: str) -> None:
    """By movements of their own. Refusal already_decided where a person has decided of the money."""
    if act.of.submission is not None:
        await receiving.undo(conn, services.payments, act.of.submission, act.by, act.now, key=act.key)


HANDLER = MailHandler(
    judge=judge_item,
    do=do,
    take_back=take_back,
    judge_again=judge_again,
    taking_back=(
        "L’argent est repris par un mouvement contraire, une lettre par un message; un dossier payé ne l’est plus."
    ),
    takes_back_from=frozenset({MailItemState.ACCEPTED, MailItemState.MATCHED, MailItemState.TO_RETURN}),
)
