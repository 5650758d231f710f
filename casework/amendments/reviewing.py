"""What an agent does with an amendment: takes it into account, or asks; nothing that was added is ever changed."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.amendments import reading
from casework.amendments.reading import FileAmendment
from casework.amendments.services import AmendmentServices
from casework.amendments.states import AmendmentAct
from casework.amendments.store import AMENDMENT, amendment, amendment_review
from casework.blocks import Block, Heading, Paragraph, plain
from casework.files.sheet import sheet
from casework.mailbox import delivery
from casework.mailbox.services import MailboxServices
from foundation import audit
from foundation.audit import Actor
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from submission.store import SUBMISSION

LONGEST_QUESTION: Final = 2_000
"""Characters of what an agent asks."""

TITLE: Final = "Une précision est demandée sur votre modification"

ACTS: Final = {
    AmendmentAct.ACKNOWLEDGE: "amendment_acknowledge",
    AmendmentAct.ASK: "amendment_ask",
}
"""What is done -> the act, as the record calls it."""

HOW: Final = (
    "Répondez en ajoutant une modification dans votre dossier, à la page « Modifications », ou par la poste, avec "
    "votre numéro de dossier."
)


async def review(
    conn: AsyncConnection,
    services: AmendmentServices,
    mailbox: MailboxServices,
    number: int,
    serial: int,
    act: AmendmentAct,
    question: str,
    by: Actor,
    now: int,
) -> FileAmendment:
    """Do it with one amendment of a file. A question goes into the candidate's mailbox.

    Refusals not_found, invalid for a question without words, move_not_allowed where it was taken into account already,
    or what it costs is not paid.
    """
    a = amendment.c
    row = sa.select(a.id).where(a.submission == number, a.serial == serial).with_for_update()
    id = (await conn.execute(row)).scalar_one_or_none()
    if id is None:
        raise Refusal(Code.NOT_FOUND)
    one = await _of(conn, services, number, serial)
    if one.reviews and one.reviews[-1].act is AmendmentAct.ACKNOWLEDGE:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": AmendmentAct.ACKNOWLEDGE, "to": act})
    if not one.counts and one.supplement is not None:
        raise Refusal(Code.MOVE_NOT_ALLOWED, **{"from": one.supplement.state, "to": act})
    text = question.strip() if act is AmendmentAct.ASK else ""
    if act is AmendmentAct.ASK and (not text or len(text) > LONGEST_QUESTION):
        why = f"Écrivez votre question, en {LONGEST_QUESTION} caractères au plus."
        raise Refusal(Code.INVALID, fields=[{"name": "question", "reason": why}])
    values = {"amendment": id, "act": act, "actor": by.name, "role": by.role or "", "at": now}
    values["text"] = services.cipher.seal_question(id, now, text) if text else None
    made = sa.insert(amendment_review).values(values).returning(amendment_review.c.id)
    reviewed = (await conn.execute(made)).scalar_one()
    if text:
        head = await sheet(conn, services.personal, number)
        blocks: list[Block] = [
            Heading(TITLE, level=1),
            *(Paragraph(plain(line)) for line in (*text.splitlines(), HOW) if line),
        ]
        about, key = Subject.row(SUBMISSION, number), f"amendment_review:{reviewed}"
        await delivery.deliver(
            conn, mailbox, head.account, about, TITLE, blocks, now, key=key, author=by.name
        )
    await audit.record(conn, by, ACTS[act], Subject.row(AMENDMENT, id), now, serial=serial)
    return await _of(conn, services, number, serial)


async def _of(conn: AsyncConnection, services: AmendmentServices, number: int, serial: int) -> FileAmendment:
    found = await reading.of_file(conn, services.cipher, number)
    return next(one for one in found if one.serial == serial)
