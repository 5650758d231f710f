"""Representatives for tests: declarations, consultants of the register, and what mail was posted."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store as accounts_store
from accounts.personal_data.fields import EMAIL
from accounts.representatives import signing
from accounts.representatives.declaration import declaring, parties, typed
from accounts.representatives.moving import MailedPaper
from accounts.representatives.powers import Representation
from accounts.representatives.procurations import mailroom
from accounts.representatives.register.standing import ConsultantStatus, number_of
from accounts.representatives.signing import RepresentativeSignature, SigningTask
from accounts.representatives.store import consultant
from foundation import outbox
from foundation.audit import Actor
from foundation.clock import now_ms
from foundation.mail import sealing
from foundation.mail.store import mail
from foundation.sql.database import Database
from tests.support.desks import PERSONAL, REPRESENTATIVES, today
from tests.support.tasks import perform

LAWYER = {
    "kind": "lawyer", "family_name": "Tremblay", "given_name": "Luc", "number": "123456-7",
    "organisation": "Tremblay et associés", "email": "luc@cabinet.example", "telephone": "+1 514 555-0100",
    "address": "1, rue Une\nMontréal",
}  # fmt: skip

CONSULTANT = LAWYER | {"kind": "consultant", "number": "11-234"}

CLERK = Actor("claire", "clerk")


def paper(days_ago: int = 0) -> MailedPaper:
    """A procuration that came so many days ago, posted three days before."""
    came = today() - timedelta(days=days_ago)
    return MailedPaper(received_on=came, postmarked_on=came - timedelta(days=3))


async def with_email(db: Database, account: int, username: str, email: str) -> None:
    """Give an account an address."""
    stored = PERSONAL.seal(username, EMAIL, email)
    a = accounts_store.account
    await db.write(lambda conn: conn.execute(sa.update(a).where(a.c.id == account).values(email=stored)))


async def register(db: Database, number: str = "11234", name: str = "Tremblay Luc", **values: Any) -> int:
    """A recognised consultant of the register, or what `values` say; the row's id."""
    row = {
        "number": number_of(number), "name": name, "status": ConsultantStatus.RECOGNISED,
        "valid_from": "2020-01-01", "valid_to": (today() + timedelta(days=400)).isoformat(), "imported_at": 0,
    } | values  # fmt: skip
    made = sa.insert(consultant).values(row).returning(consultant.c.id)
    return int((await db.write(lambda conn: conn.execute(made))).scalar_one())


async def set_register(db: Database, **values: Any) -> None:
    """Change every consultant of the register."""
    await db.write(lambda conn: conn.execute(sa.update(consultant).values(values)))


async def declared(db: Database, account: int, **changed: str) -> Representation:
    """A representative of this account, by default a lawyer."""

    async def work(conn: AsyncConnection) -> Representation:
        candidate = await parties.candidate_of(conn, REPRESENTATIVES, account)
        read = typed.read(LAWYER | changed, candidate)
        return await declaring.declare(conn, REPRESENTATIVES, account, read, now_ms())

    return await db.write(work)


async def received(db: Database, reference: str, by: Actor = CLERK) -> Representation:
    """The procuration of this reference has come today."""
    return await db.write(
        lambda conn: mailroom.receive(conn, REPRESENTATIVES, reference, paper(), by, now_ms())
    )


async def released(db: Database, account: int) -> bool:
    """The fee of this account is paid."""
    return await db.write(lambda conn: mailroom.released_on_payment(conn, REPRESENTATIVES, account, now_ms()))


async def active(db: Database, account: int, **changed: str) -> Representation:
    """A representative whose procuration is in force."""
    made = await declared(db, account, **changed)
    await received(db, made.reference)
    assert await released(db, account)
    return await db.read(lambda conn: mailroom.find(conn, REPRESENTATIVES, made.reference))


async def mails(db: Database) -> list[tuple[str, str, str]]:
    """Every mail that was posted: kind, to whom, text."""
    rows = await db.read(lambda conn: conn.execute(sa.select(mail).order_by(mail.c.id)))
    found = []
    for row in rows:
        to = sealing.cipher().decrypt(row.recipient, sealing.field(row.key, "recipient"))
        text = sealing.cipher().decrypt(row.text, sealing.field(row.key, "text"))
        assert to is not None and text is not None
        found.append((row.kind, to, f"{row.title}\n{text}"))
    return found


async def signed(db: Database, representative: str, receipt: str = "MPQ-1") -> None:
    """This representative has signed, and the task of it is done."""
    given = [RepresentativeSignature(representative, receipt)]
    await db.write(lambda conn: signing.stage(conn, given, now_ms()))
    await done(db, SigningTask.TELL)


async def done(db: Database, kind: str) -> int:
    """Do every task of this kind that is due; how many there were."""
    t = outbox.task.c
    due = sa.select(t.id, t.attempt).where(t.kind == kind, t.state == "staged", t.due_at <= now_ms())
    found = list(await db.read(lambda conn: conn.execute(due)))
    for row in found:
        assert await perform(db, row.id, row.attempt)
    return len(found)
