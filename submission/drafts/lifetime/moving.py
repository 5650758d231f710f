"""Moving a draft to a newer version of its form: what is to be read again, section by section (DR-07).

A draft keeps the version that it was begun by until it is moved. Nothing that was filled in is taken away: what the new
version does not ask stays in the draft and goes nowhere else. Each section whose questions changed carries a note,
which the pages show until somebody presses « Enregistrer » there.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import outbox
from foundation.calendar.days import day_of
from foundation.outbox import Effect
from foundation.sql.tables import insert_for
from foundation.subjects import Subject
from submission.drafts import repository, store
from submission.drafts.encryption import DraftCiphers
from submission.drafts.overview import ReadAgain, read_again_of
from submission.drafts.repository import COLUMNS, LIVE, Draft, row_in
from submission.drafts.store import PROGRAMME
from submission.forms.files import Forms
from submission.forms.model import Form, FormField, FormSection

MOVE: Final = "draft_move"
"""Kind of the task that moves the drafts of a programme to the newest version of its form."""

AT_ONCE: Final = 200
"""Drafts that one task moves; the next goes on behind them."""

_d, _section = store.draft, store.draft_section


def changes(old: Form, new: Form) -> dict[str, list[str]]:
    """What a newer version asks differently, in sentences by section, in the new form's order. Pure."""
    before = {section.id: section for section in old.sections}
    found = {section.id: _changes(before.get(section.id), section) for section in new.sections}
    return {id: sentences for id, sentences in found.items() if sentences}


def _changes(old: FormSection | None, new: FormSection) -> list[str]:
    if old is None:
        return ["Cette section est nouvelle."]
    before = {field.id: field for field in old.fields}
    sentences = [_change(before.get(field.id), field) for field in new.fields]
    kept = {field.id for field in new.fields}
    sentences += [
        f"La question « {field.label} » n’est plus posée; votre réponse ne sera pas transmise."
        for field in old.fields
        if field.id not in kept
    ]
    return [sentence for sentence in sentences if sentence]


def _change(old: FormField | None, new: FormField) -> str:
    if old is None:
        return f"La question « {new.label} » est nouvelle."
    if old.label != new.label:
        return f"La question « {old.label} » se lit maintenant « {new.label} »."
    if (old.type, old.options, old.rules, old.least, old.most, old.longest) != (
        new.type, new.options, new.rules, new.least, new.most, new.longest,
    ):  # fmt: skip
        return f"Les réponses permises à la question « {new.label} » ont changé."
    if old.required != new.required or old.required_when != new.required_when:
        return f"La question « {new.label} » est devenue {'obligatoire' if new.required else 'facultative'}."
    return ""


def moving(forms: Forms, ciphers: DraftCiphers) -> Mapping[str, Effect]:
    """The effect of the task. Its subject is `PROGRAMME`, or `PROGRAMME:ID` behind the last draft that was moved."""

    async def effect(conn: AsyncConnection, subject: Subject, now: int) -> None:
        programme, _, done = subject.id.partition(":")
        wanted = sa.select(*COLUMNS).where(_d.c.programme == programme, LIVE, _d.c.id > int(done or 0))
        rows = list(await conn.execute(wanted.order_by(_d.c.id).limit(AT_ONCE).with_for_update()))
        for draft in await repository.opened(conn, ciphers, map(row_in, rows)):
            await move(conn, ciphers, forms, draft, day_of(now), now)
        if len(rows) == AT_ONCE:
            await stage_moves(conn, programme, now, done=rows[-1].draft_id)

    return {MOVE: effect}


FORMS_MOVE = "forms_move"
"""The act of having drafts moved from the command line; `detail` has the programme, and the version of its form."""


async def stage_moves(conn: AsyncConnection, programme: str, now: int, *, done: int = 0) -> None:
    """Have the drafts of a programme moved to the newest version of its form."""
    subject = Subject(PROGRAMME, f"{programme}:{done}" if done else programme)
    await outbox.stage(conn, MOVE, subject, now, key=f"{outbox.key_of(MOVE, subject)}:{now}")


async def move(
    conn: AsyncConnection, ciphers: DraftCiphers, forms: Forms, draft: Draft, today: date, now: int
) -> bool:
    """Move one draft, whose row is locked; whether there was anything to move. Twice it is moved once."""
    new = forms.newest(draft.programme, today)
    old = (
        forms.first(draft.programme)
        if draft.form_version is None
        else forms.get(draft.programme, draft.form_version)
    )
    if old.version == new.version or draft.is_plain:
        return False
    notes = []
    for id, sentences in changes(old, new).items():
        stored = draft.sections.get(id)
        if stored is None:
            continue  # nobody has filled it in: there is nothing to read again
        earlier = read_again_of(stored.read_again)
        told = [*(earlier.changes if earlier else []), *sentences]
        note = msgspec.json.encode(ReadAgain(new.version, list(dict.fromkeys(told)))).decode()
        row = repository.section_row(ciphers, draft.id, id, stored.answers, stored.version + 1, now)
        notes.append(row | {"read_again": note})
    if notes:
        insert = insert_for(conn, _section)
        changed = {
            name: insert.excluded[name] for name in ("version", "key", "answers", "updated_at", "read_again")
        }
        keys = [_section.c.draft, _section.c.section]
        await conn.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed), notes)
    moved = {"form_version": new.version, "revision": _d.c.revision + 1, "updated_at": now}
    await conn.execute(sa.update(_d).where(_d.c.id == draft.id).values(moved))
    return True
