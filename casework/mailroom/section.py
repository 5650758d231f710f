"""What came by post, on the page of its file: each item with its day and where it is, as its owner reads it."""

from datetime import date
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.file_page.sections import FileSection, FileView
from casework.mailroom.pen import MailTask
from casework.mailroom.states import KINDS, MailItemState, MailKind
from casework.mailroom.store import mail_item
from foundation.outbox import TaskState, task
from server.rendering.templating import day_words

m, t = mail_item.c, task.c

TOLD: Final = {
    MailItemState.MATCHED: "Reçu; une personne l’examine",
    MailItemState.ACCEPTED: "Reçu",
    MailItemState.TO_RETURN: "Reçu; il vous sera retourné par la poste",
    MailItemState.RETURNED: "Retourné par la poste",
}
"""State -> what the owner reads. What waits without a file, or was entered by mistake, is not theirs."""


TO_WITHDRAW: Final = (
    "Reçu; la demande est retirée à la fin du jour. Si cette lettre n’est pas de vous, appelez aujourd’hui le Centre "
    "de contacts."
)
"""What the owner reads of a letter that takes the application back, before it has."""


_WAITS = (
    sa.select(t.id)
    .where(t.key == f"{MailTask.WITHDRAWAL}:" + sa.func.coalesce(m.acted_as, m.key))
    .where(t.state == TaskState.STAGED)
    .exists()
)
"""Whether the day of a withdrawal is not over yet."""


async def mail_section(conn: AsyncConnection, view: FileView) -> FileSection | None:
    """Everything that came for this file, the latest first; no section where there is nothing."""
    shown = (m.kind, m.state, m.received_on, m.sent_on, m.tracking, _WAITS.label("waits"))
    theirs = (m.submission == view.sheet.submission, m.state.in_(list(TOLD)))
    rows = await conn.execute(sa.select(*shown).where(*theirs).order_by(m.received_on.desc(), m.id.desc()))
    items = [
        {
            "kind": KINDS[MailKind(row.kind)],
            "received": _words(row.received_on),
            "state": TO_WITHDRAW if row.waits else TOLD[MailItemState(row.state)],
            "sent": None if row.sent_on is None else f"Le {_words(row.sent_on)}, suivi {row.tracking}",
        }
        for row in rows
    ]
    if not items:
        return None
    return FileSection(
        id="courrier", title="Reçu par la poste", template="mail_section.html", values={"items": items}
    )


def _words(day: str) -> str:
    return day_words(date.fromisoformat(day))
