"""What follows for money when the day of its item is put right (PY-05): the money follows, and harm waits for a person.

Read `next_step` first: one table of what may follow. A payment that is judged the same keeps its effect, on its new
day. One that was sent back as late and is here still is judged anew by the rule. What two clerks may not bring about is
left to a person of « Argent à décider »: a file that is paid stays paid, and what has gone back by mistake holds the
deletion of its file.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files import events
from casework.files.states import FileEventKind, FileStatus
from casework.files.status import ENDS
from casework.mailroom.consequences import Judgement
from casework.mailroom.entries import MailEntry
from casework.mailroom.handlers.payments import payment_of
from casework.mailroom.items import RegisteredItem
from casework.mailroom.services import MailroomServices
from casework.mailroom.states import MailItemState
from casework.payments import cases, letters, movements, receiving, settling
from casework.payments.cases import MoneyCase
from casework.payments.movements import Movement
from casework.payments.postal import PostalVerdict
from casework.payments.services import PaymentServices
from casework.payments.settling import UNPAID
from casework.payments.states import MoneyReason
from foundation.audit import Actor
from server.rendering.templating import day_words


class RedatingStep(StrEnum):
    """What follows for money when the day of its item is put right."""

    FOLLOWS = "follows"
    """Its day is put right with that of the item, whether it is in or waits for a person; nothing else happens."""
    ANEW = "anew"
    """What was done is taken back, and done as the rule says of the new day."""
    LATE_MONEY = "late_money"
    """It is in, and came late: the file stays as it is, and a person decides."""
    WAITS_LATE = "waits_late"
    """It waits for a person, and came late: that person is told."""
    SENT_BACK = "sent_back"
    """It came in time, and has left the house or its file was deleted: a person looks at it."""


SAYS: Final[Mapping[RedatingStep, str]] = {
    RedatingStep.FOLLOWS: "Le même. La date de l’argent inscrit au dossier est corrigée avec celle de la pièce.",
    RedatingStep.LATE_MONEY: (
        "Le paiement est arrivé après le dernier jour. Le dossier reste comme il est, et une personne décide : "
        "« Argent à décider ». Le compte en est averti."
    ),
    RedatingStep.WAITS_LATE: (
        "Le paiement est arrivé après le dernier jour. Une personne en décide toujours : « Argent à décider » le dit."
    ),
    RedatingStep.SENT_BACK: (
        "Le paiement était arrivé à temps, et il a été tenu pour tardif. Rien ne se défait tout seul : une personne "
        "décide (« Argent à décider »), le compte en est averti, et la demande n’est pas supprimée entre-temps."
    ),
}
"""Step -> what is shown of it before it is confirmed; of what is done anew the rule's own sentences are."""

STANDS: Final[Mapping[MailItemState, str]] = {
    MailItemState.RECEIVED: "La pièce attend un dossier.",
    MailItemState.MATCHED: "Une personne décide de l’argent : « Argent à décider ».",
    MailItemState.ACCEPTED: "Le paiement est inscrit au dossier.",
    MailItemState.TO_RETURN: "Le paiement est à retourner par la poste.",
    MailItemState.RETURNED: "Le paiement a été retourné par la poste.",
    MailItemState.UNDONE: "L’inscription est annulée.",
}
"""State of an item -> how its payment stands before the correction."""

LATE: Final = frozenset({PostalVerdict.LATE, PostalVerdict.REPLACES, PostalVerdict.SUPPLEMENT_LATE})

PAYS: Final = frozenset(
    {
        PostalVerdict.ACCEPTED,
        PostalVerdict.SUPPLEMENT_ACCEPTED,
        PostalVerdict.TOO_MUCH,
        PostalVerdict.UNDER_WAY,
    }
)
"""Verdicts on money that would have paid the fee."""


NEW_REASON: Final = {
    RedatingStep.LATE_MONEY: MoneyReason.REDATED,
    RedatingStep.SENT_BACK: MoneyReason.MISDATED,
}
"""Step -> why a person is asked."""


class ItemMoney(msgspec.Struct, frozen=True, kw_only=True):
    """The money of an item and its file, for `next_step`: `waits` is why it waits for a person; `is_decided` whether
    one has decided of it; `was_returned` whether the rule sent it back; `before` and `after` what it is by its old and
    its new day, if the file were still to be paid."""

    state: MailItemState
    status: FileStatus
    before: PostalVerdict
    after: PostalVerdict
    is_in: bool = False
    waits: MoneyReason | None = None
    is_decided: bool = False
    was_returned: bool = False


def next_step(of: ItemMoney) -> RedatingStep:
    """What follows. The first that holds counts. Pure."""
    turns_late = of.after in LATE and of.before not in LATE
    was_in_time = of.before in LATE and of.after in PAYS
    if of.is_in:
        return RedatingStep.LATE_MONEY if turns_late and of.status not in ENDS else RedatingStep.FOLLOWS
    if of.is_decided:
        return RedatingStep.FOLLOWS
    if of.status is FileStatus.UNPAID_DELETED:
        return RedatingStep.SENT_BACK if was_in_time and of.was_returned else RedatingStep.FOLLOWS
    if of.waits is MoneyReason.LATE and of.after not in LATE:
        return RedatingStep.ANEW
    if of.state is MailItemState.MATCHED:
        return RedatingStep.WAITS_LATE if turns_late and of.status in UNPAID else RedatingStep.FOLLOWS
    if not of.was_returned or of.before is of.after:
        return RedatingStep.FOLLOWS
    if of.state is MailItemState.TO_RETURN:
        return RedatingStep.ANEW
    return RedatingStep.SENT_BACK if was_in_time else RedatingStep.FOLLOWS


async def look(
    conn: AsyncConnection, services: PaymentServices, item: RegisteredItem, entry: MailEntry, submission: int
) -> RedatingStep:
    """What follows for the money of an item whose entry is to be this one. Writes nothing."""
    opened = await cases.of_item(conn, item.acts_as)
    waits = [one.reason for one in opened if one.act is None]
    moved = await movements.of_file(conn, submission)
    verdicts = [
        (await receiving.look_again(conn, services, submission, payment_of(one))).verdict
        for one in (item.entry, entry)
    ]
    money = ItemMoney(
        state=item.state, status=(await events.history(conn, submission)).status, before=verdicts[0],
        after=verdicts[1], is_in=_is_in(item, moved, opened) is not None, waits=waits[0] if waits else None,
        is_decided=any(one.act is not None for one in opened),
        was_returned=any(one.key == f"{item.acts_as}:returned" for one in moved),
    )  # fmt: skip
    return next_step(money)


def _is_in(item: RegisteredItem, moved: list[Movement], opened: list[MoneyCase]) -> Movement | None:
    """The movement by which the money of an accepted item is in. Pure."""
    if item.state is not MailItemState.ACCEPTED:
        return None
    decided = [f"case:{one.id}:in" for one in opened if one.act is not None]
    return receiving.came_in(moved, f"{item.acts_as}:in", *decided)


def shown(
    step: RedatingStep, item: RegisteredItem, before: Judgement, after: Judgement
) -> tuple[Judgement, Judgement]:
    """What is shown of the item before and after the correction. Pure."""
    if step is RedatingStep.ANEW:
        return before, after
    stands, said = Judgement(move=None, says=(STANDS[item.state],)), (SAYS[step],)
    if step in NEW_REASON:
        return stands, Judgement(move=None, says=(), warns=said)
    return stands, Judgement(move=None, says=said)


async def follow(
    conn: AsyncConnection, services: MailroomServices, item: RegisteredItem, entry: MailEntry, submission: int,
    step: RedatingStep, correction: int, why: str, by: Actor, now: int,
) -> None:  # fmt: skip
    """Do what `look` said, but for what is done anew, under the locks of file and item. The lines of the audit that the
    file's events write come last."""
    payments, key = services.payments, item.acts_as
    opened = await cases.of_item(conn, key)
    waiting = next((one for one in opened if one.act is None), None)
    mark = f"{key}{cases.REDATED}{correction}"
    moved = await movements.of_file(conn, submission)
    one = _is_in(item, moved, opened)
    if waiting is not None:
        await _waiting_follows(conn, payments, waiting, entry, submission, step, mark, now)
    elif step in NEW_REASON and (of := payment_of(entry)).instrument is not None:
        reason = NEW_REASON[step]
        await cases.open_case(
            conn, submission, reason, of.instrument, of.cents, of.received_on, now, key=mark
        )
        await _told(conn, payments, submission, reason, mark, now)
    if one is None or one.on_day == entry.received_on:
        return
    if step is RedatingStep.FOLLOWS:
        await _day_told(conn, payments, one, entry, submission, mark, now)
    await _money_follows(conn, payments, one, entry, submission, correction, why, by, now)


async def _waiting_follows(
    conn: AsyncConnection, services: PaymentServices, case: MoneyCase, entry: MailEntry, submission: int,
    step: RedatingStep, mark: str, now: int,
) -> None:  # fmt: skip
    """What waits waits with its new day; or no longer, where the day was the only reason."""
    judged = await receiving.look_again(conn, services, submission, payment_of(entry))
    if case.reason is MoneyReason.REDATED and judged.verdict not in LATE:
        await cases.withdraw(conn, case)
        return
    if case.reason is MoneyReason.MISDATED and judged.verdict not in PAYS:
        await cases.withdraw(conn, case)
        return
    turns_late = step is RedatingStep.WAITS_LATE
    reason = MoneyReason.LATE if turns_late else case.reason
    await cases.redate(conn, case, reason, entry.received_on)
    if turns_late:
        await _told(conn, services, submission, reason, mark, now)


async def _told(
    conn: AsyncConnection,
    services: PaymentServices,
    submission: int,
    reason: MoneyReason,
    mark: str,
    now: int,
) -> None:
    said = [letters.HELD[reason]]
    await letters.tell(conn, services, submission, letters.HELD_TITLE, said, now, key=f"money:{mark}")


async def _money_follows(
    conn: AsyncConnection, services: PaymentServices, one: Movement, entry: MailEntry, submission: int,
    correction: int, why: str, by: Actor, now: int,
) -> None:  # fmt: skip
    """The movement's day, and the event that says so; a file that is to be paid is settled by that day."""
    of = await events.history(conn, submission, lock=True)
    await receiving.redate(conn, submission, one, entry.received_on, by, now, correction=correction)
    if of.status not in ENDS:
        await events.record(
            conn, of, FileEventKind.PAYMENT_REDATED, by, now, key=str(correction), on_day=entry.received_on, reason=why,
            from_day=one.on_day.isoformat(), cents=one.cents,
        )  # fmt: skip
    if of.status in UNPAID:
        await settling.settle(conn, services, submission, now)


async def _day_told(
    conn: AsyncConnection, services: PaymentServices, one: Movement, entry: MailEntry, submission: int,
    mark: str, now: int,
) -> None:  # fmt: skip
    words = {"day": day_words(entry.received_on), "was": day_words(one.on_day)}
    said = [letters.REDATED.format(**words)]
    await letters.tell(conn, services, submission, letters.REDATED_TITLE, said, now, key=f"money:{mark}:day")
