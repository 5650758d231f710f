"""Writing to one account: what an agent types, what it would be, and its delivery (DM-03). On the record.

A form has a key of its own, made when it is first shown: pressed twice, or sent again after a lost answer, it is one
message. With another text it is another one.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.personal_data.fields import EMAIL
from accounts.store import ACCOUNT, account
from casework import documents
from casework.documents import Document
from casework.files.numbers import file_number
from casework.mailbox import typed
from casework.mailbox.delivery import Delivery, Rehearsal, deliver_each, rehearse
from casework.mailbox.services import MailboxServices
from casework.mailbox.store import message
from casework.mailbox.typed import TypedMessage
from console.staff.desk import StaffMemberHere
from foundation import audit
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from submission.store import SUBMISSION, submission

MESSAGE_SEND: Final = "message_send"
"""The act, as the record calls it; `message` is which one."""

DOCUMENT_FIELD: Final = "document-"
"""Before the id of a document in the name of its box."""

MOST_ATTACHED: Final = 20

NAMED: Final = (
    "Le titre paraît dans un courriel : n’y mettez ni nom, ni date de naissance, ni numéro de passeport, ni adresse. "
    "Écrivez-les dans le texte."
)

_KEY = re.compile(r"[A-Za-z0-9_-]{22}\Z")

a, s = account.c, submission.c


class WritingSheet(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to choose from: the files of the account, the newest first, as number of submission and number of
    file, and its documents."""

    username: str
    files: Sequence[tuple[int, str]]
    documents: Sequence[Document]


async def sheet(conn: AsyncConnection, account_id: int) -> WritingSheet:
    """What can be chosen for this account. Refusal not_found."""
    username = (await conn.execute(sa.select(a.username).where(a.id == account_id))).scalar_one_or_none()
    if username is None:
        raise Refusal(Code.NOT_FOUND)
    rows = await conn.execute(sa.select(s.id).where(s.account == account_id).order_by(s.id.desc()))
    return WritingSheet(
        username=username,
        files=[(id, file_number(id)) for id in rows.scalars()],
        documents=await documents.of_account(conn, account_id),
    )


def new_key() -> str:
    """The key of a form that is shown for the first time."""
    return secrets.token_urlsafe(16)


async def rehearsed(
    conn: AsyncConnection,
    services: MailboxServices,
    member: StaffMemberHere,
    account_id: int,
    fields: Mapping[str, str],
    now: int,
) -> Rehearsal:
    """What would be delivered. Refusals invalid, not_found."""
    one = await _read(conn, services, member, account_id, fields)
    (rehearsal,) = await rehearse(conn, services, [one], now)
    return rehearsal


async def send(
    conn: AsyncConnection,
    services: MailboxServices,
    member: StaffMemberHere,
    account_id: int,
    fields: Mapping[str, str],
    now: int,
) -> str:
    """Deliver it, on the record; its id. Refusals invalid, not_found."""
    await conn.execute(sa.select(a.id).where(a.id == account_id).with_for_update())
    one = await _read(conn, services, member, account_id, fields)
    before = await _sent(conn, one.key)
    id = (await deliver_each(conn, services, [one], now))[one.key]
    if not before:
        about = Subject.row(ACCOUNT, account_id)
        await audit.record(conn, member.actor, MESSAGE_SEND, about, now, message=id)
    return id


async def _sent(conn: AsyncConnection, key: str) -> bool:
    return (await conn.execute(sa.select(message.c.id).where(message.c.key == key))).first() is not None


async def _read(
    conn: AsyncConnection,
    services: MailboxServices,
    member: StaffMemberHere,
    account_id: int,
    fields: Mapping[str, str],
) -> Delivery:
    """The message that was typed, for this account. Refusals invalid, not_found."""
    said = typed.read(fields.get("title", ""), fields.get("text", ""))
    there = await sheet(conn, account_id)
    row = (await conn.execute(sa.select(a.username, a.identity, a.email).where(a.id == account_id))).one()
    personal = services.personal
    email = None if row.email is None else personal.opened(row.username, EMAIL, row.email)
    if typed.names_person(said.title, personal.identity(row.username, row.identity), row.username, email):
        raise _invalid("title", NAMED)
    about = next((id for id, number in there.files if number == fields.get("about")), None)
    if about is None and fields.get("about"):
        raise _invalid("about", "Choisissez un dossier de la liste.")
    attached = [one.id for one in there.documents if fields.get(f"{DOCUMENT_FIELD}{one.id}")]
    if len(attached) > MOST_ATTACHED:
        raise _invalid("text", f"Joignez {MOST_ATTACHED} documents au plus.")
    key = fields.get("key", "")
    if not _KEY.match(key):
        raise Refusal(Code.NOT_FOUND)
    return Delivery(
        to=account_id,
        about=Subject.row(ACCOUNT, account_id) if about is None else Subject.row(SUBMISSION, about),
        title=said.title,
        blocks=said.blocks,
        key=f"staff:{account_id}:{key}:{_digest(said, about, attached)}",
        attachments=attached,
        author=member.username,
    )


def _digest(said: TypedMessage, about: int | None, attached: Sequence[str]) -> str:
    return hashlib.sha256(msgspec.json.encode((said, about, attached))).hexdigest()[:16]


def _invalid(name: str, why: str) -> Refusal:
    return Refusal(Code.INVALID, fields=[{"name": name, "reason": why}])
