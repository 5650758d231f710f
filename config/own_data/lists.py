"""What is held about lists of documents and decisions: part of the registry."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.own_data.held import HeldRecords, rows_of
from accounts.personal_data.fields import PersonalFields
from casework.checklists import items
from casework.checklists import store as checklists_store
from casework.checklists.services import ChecklistCipher
from casework.decisions import store as decisions_store
from casework.decisions.services import reason_place
from foundation.sql.tables import plain_row
from submission import store as submission_store


def lists_and_decisions(personal: PersonalFields) -> tuple[HeldRecords, ...]:
    """Lists with what was explained and answered, and decisions; they are kept with the submissions."""
    s, kept = submission_store.submission, "conservés avec la demande"
    listed, item, event = (
        checklists_store.checklist,
        checklists_store.checklist_item,
        checklists_store.checklist_item_event,
    )
    made, taking = decisions_store.decision, decisions_store.file_taking

    async def lists(conn: AsyncConnection, account: int) -> list[dict[str, Any]]:
        theirs = sa.select(listed.c.submission).join(s, s.c.id == listed.c.submission)
        held = theirs.where(s.c.account == account).order_by(s.c.id)
        numbers = (await conn.execute(held)).scalars().all()
        cipher = ChecklistCipher(personal.checklists)
        found = [await items.required(conn, cipher, number) for number in numbers]
        return [_without_staff(msgspec.to_builtins(one)) for one in found]

    async def decisions(conn: AsyncConnection, account: int) -> list[dict[str, Any]]:
        hidden = {"proposed_by", "settled_by", "answers", "rules", "checklist_rules", "reason"}
        shown = [column for column in made.columns if column.name not in hidden]
        rows = await conn.execute(
            sa.select(*shown, made.c.reason)
            .join(s, s.c.id == made.c.submission)
            .where(s.c.account == account, made.c.on_day.is_not(None))
            .order_by(made.c.id)
        )
        return [
            plain_row(row)
            | {"reason": personal.decisions.decrypt(row.reason, reason_place(row.submission, row.serial))}
            for row in rows
        ]

    def of_submissions(account: int) -> sa.ColumnElement[bool]:
        return taking.c.submission.in_(sa.select(s.c.id).where(s.c.account == account))

    tables = frozenset({listed.name, item.name, event.name})
    return (
        HeldRecords(name="checklists", title="Vos listes de documents", tables=tables, read=lists, kept_because=kept),
        HeldRecords(name="decisions", title="Les décisions rendues", tables=frozenset({made.name}), read=decisions,
                    kept_because=kept),
        rows_of("file_takings", "Les dossiers à l’étude", taking, of_submissions,
                without=("taken_by",), kept_because=kept),
    )  # fmt: skip


def _without_staff(listed: dict[str, Any]) -> dict[str, Any]:
    """A list without the names of who handled it."""
    return listed | {
        "items": [one | {"events": [_unsigned(event) for event in one["events"]]} for one in listed["items"]]
    }


def _unsigned(event: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key != "actor"}
