"""Putting a message into an account: the row, its attachments and the e-mail notice in one transaction, once a key.

A message about a file is delivered to the account of that file and to no other (P14), which is looked up here again,
whatever the caller read. Its owner is always told; a representative is told beside the owner while
`accounts/representatives/disclosure.py` allows it.
"""

import secrets
from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store as accounts_store
from accounts.personal_data.fields import EMAIL
from accounts.representatives import disclosure, powers
from accounts.representatives.store import REPRESENTATIVE
from casework.blocks import Block
from casework.files.numbers import file_number
from casework.mailbox import notices, titles
from casework.mailbox.notices import MessageHead
from casework.mailbox.services import MailboxServices
from casework.mailbox.store import message, message_attachment
from casework.store import document
from foundation import audit
from foundation.errors import Code, Refusal
from foundation.mail.outgoing import Mail, PostedMail, post_each
from foundation.sql.tables import among, insert_for
from foundation.subjects import Subject
from submission.store import SUBMISSION, submission

m = message


class MisdirectedMessage(Exception):
    """A message was to go to an account that does not exist, or that is not the file's: a promise was broken (P14)."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A message to deliver: to which account, about what, what it says. `attachments` are ids of documents of the same
    account, `key` makes a second delivery the same message, `author` is who of the staff wrote it."""

    to: int
    about: Subject
    title: str
    blocks: list[Block]
    key: str
    attachments: Sequence[str] = ()
    author: str = audit.SERVICE
    notice: Mail | None = None


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """A message with its notices: None for a mail that is not sent, as the account has no address, or nobody may be
    told beside its owner."""

    delivery: Delivery
    head: MessageHead
    to_owner: Mail | None
    to_representative: Mail | None
    representative: str


NOT_YET = "…"
"""In place of the id of a message that is only rehearsed."""


async def deliver(
    conn: AsyncConnection,
    services: MailboxServices,
    to: int,
    about: Subject,
    title: str,
    blocks: list[Block],
    now: int,
    *,
    key: str,
    attachments: Sequence[str] = (),
    author: str = audit.SERVICE,
) -> str:
    """Deliver one message; its id, the same however often it is delivered. `now` is an instant.

    Refusal not_found for an attachment that is no document of this account. Raises MisdirectedMessage, and ValueError
    for a title that is no line (`casework/mailbox/titles.py`).
    """
    one = Delivery(
        to=to, about=about, title=title, blocks=blocks, key=key, attachments=attachments, author=author
    )
    return (await deliver_each(conn, services, [one], now))[key]


async def deliver_each(
    conn: AsyncConnection, services: MailboxServices, deliveries: Sequence[Delivery], now: int
) -> Mapping[str, str]:
    """The same for many at once, in a few statements: key -> id of its message."""
    owners = await _owners(conn, services, [one.to for one in deliveries])
    await _belongs(conn, deliveries, owners)
    made = {secrets.token_urlsafe(16): one for one in deliveries}
    written = await _written(conn, services, made, now)
    new = {id: one for id, one in made.items() if id in written}
    await _attach(conn, new)
    await _tell(conn, services, new, owners, now)
    found = {one.key: id for id, one in new.items()}
    missing = [one.key for one in deliveries if one.key not in found]
    if missing:
        there = await conn.execute(_BY_KEY, {"keys": missing})
        found |= {row.key: row.id for row in there}
    return found


_BY_KEY = sa.select(m.c.key, m.c.id).where(among(m.c.key, "keys"))

_OWNERS = sa.select(
    accounts_store.account.c.id, accounts_store.account.c.username, accounts_store.account.c.email
)

_FILES = sa.select(submission.c.id, submission.c.account).where(among(submission.c.id, "files"))


async def _owners(
    conn: AsyncConnection, services: MailboxServices, accounts: Sequence[int]
) -> dict[int, str | None]:
    """The e-mail address of each of these accounts, None where it has none."""
    rows = await conn.execute(
        _OWNERS.where(among(accounts_store.account.c.id, "accounts")), {"accounts": accounts}
    )
    return {
        row.id: None if row.email is None else services.personal.opened(row.username, EMAIL, row.email)
        for row in rows
    }


async def _belongs(
    conn: AsyncConnection, deliveries: Sequence[Delivery], owners: Mapping[int, str | None]
) -> None:
    """Raises MisdirectedMessage where an account is missing, or a file is another account's."""
    files = [one.about.number for one in deliveries if one.about.kind == SUBMISSION]
    of_file = {row.id: row.account for row in await conn.execute(_FILES, {"files": files})}
    for one in deliveries:
        theirs = of_file.get(one.about.number) if one.about.kind == SUBMISSION else one.to
        if one.to not in owners or theirs != one.to:
            raise MisdirectedMessage(one.key)


async def _written(
    conn: AsyncConnection, services: MailboxServices, made: Mapping[str, Delivery], now: int
) -> frozenset[str]:
    """Write the rows whose keys are not there yet; the ids of those that were written."""
    rows = [
        {
            "id": id,
            "account": one.to,
            "subject_kind": one.about.kind,
            "subject_id": one.about.id,
            "number": _number(one),
            "title": titles.checked(one.title),
            "blocks": services.cipher.seal(id, one.blocks),
            "key": one.key,
            "author": one.author,
            "at": now,
        }
        for id, one in made.items()
    ]
    statement = insert_for(conn, m).on_conflict_do_nothing(index_elements=[m.c.key]).returning(m.c.id)
    return frozenset((await conn.execute(statement, rows)).scalars())


def _number(one: Delivery) -> str | None:
    return file_number(one.about.number) if one.about.kind == SUBMISSION else None


async def _attach(conn: AsyncConnection, new: Mapping[str, Delivery]) -> None:
    """Refusal not_found for what is no document of the account."""
    wanted = {id: list(dict.fromkeys(one.attachments)) for id, one in new.items() if one.attachments}
    if not wanted:
        return
    every = {document_id for attached in wanted.values() for document_id in attached}
    found = await conn.execute(_DOCUMENTS, {"documents": sorted(every)})
    owners = {row.id: row.account for row in found}
    rows = []
    for id, attached in wanted.items():
        if any(owners.get(document_id) != new[id].to for document_id in attached):
            raise Refusal(Code.NOT_FOUND)
        rows += [
            {"message": id, "position": position, "document": document_id}
            for position, document_id in enumerate(attached, 1)
        ]
    await conn.execute(sa.insert(message_attachment), rows)


_DOCUMENTS = sa.select(document.c.id, document.c.account).where(among(document.c.id, "documents"))


async def _tell(
    conn: AsyncConnection,
    services: MailboxServices,
    new: Mapping[str, Delivery],
    owners: Mapping[int, str | None],
    now: int,
) -> None:
    """Post the notices: to the owner where there is an address, and to whoever may be told beside."""
    posted = []
    for told in await _notices(conn, services, new, owners, now):
        if told.to_owner is not None:
            about = Subject.row(accounts_store.ACCOUNT, told.delivery.to)
            word = together(told.delivery, about) if told.delivery.notice is None else None
            posted.append(PostedMail(told.to_owner, about, notice_key(told.head.id), word))
        if told.to_representative is not None:
            about = Subject(REPRESENTATIVE, told.representative)
            key, word = f"message:{told.head.id}:representative", together(told.delivery, about)
            posted.append(PostedMail(told.to_representative, about, key, word))
    await post_each(conn, posted, now)


async def _notices(
    conn: AsyncConnection,
    services: MailboxServices,
    made: Mapping[str, Delivery],
    owners: Mapping[int, str | None],
    now: int,
) -> list[Rehearsal]:
    """What is told of each message, and to whom, by its id."""
    found = await disclosure.powers_of(conn, [one.to for one in made.values()])
    told = []
    for id, one in made.items():
        head = MessageHead(id=id, title=titles.checked(one.title), at=now, number=_number(one))
        address, power, copy = owners[one.to], found.get(one.to), None
        if power is not None and disclosure.may_see(power).allowed:
            of = await powers.by_id(conn, services.personal.representatives, power.representative)
            copy = notices.to_representative(of.details.email, head)
        told.append(
            Rehearsal(
                delivery=one,
                head=head,
                to_owner=None
                if address is None
                else one.notice or notices.to_candidate(address, head, services.public_url),
                to_representative=copy,
                representative="" if power is None else power.representative,
            )
        )
    return told


async def rehearse(
    conn: AsyncConnection, services: MailboxServices, deliveries: Sequence[Delivery], now: int
) -> list[Rehearsal]:
    """What these deliveries would be, by the same steps: nothing is written. Raises as `deliver`."""
    owners = await _owners(conn, services, [one.to for one in deliveries])
    await _belongs(conn, deliveries, owners)
    return [
        rehearsal
        for one in deliveries
        for rehearsal in await _notices(conn, services, {NOT_YET: one}, owners, now)
    ]


def together(one: Delivery, told: Subject) -> str | None:
    """The word of the notices that may go out as one mail: the service's own, to one person about one file. What a
    person of the staff has written has a mail of its own. Pure."""
    if one.about.kind != SUBMISSION or one.author != audit.SERVICE:
        return None
    return f"{told}/{one.about}"


def notice_key(id: str) -> str:
    """The key of the mail that tells the owner of a message."""
    return f"message:{id}:notice"
