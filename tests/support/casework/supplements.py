"""Supplements for tests: one that an amendment of a paid file asks for, and a family that grows."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from casework.amendments import amending, reading
from casework.amendments.amending import SentAmendment
from casework.amendments.reading import AmendableFile, FileAmendment
from casework.amendments.services import AmendmentServices, amendment_services
from casework.files import events
from casework.files.states import FileEventKind
from casework.payments import fees
from casework.payments.supplements import rows
from casework.payments.supplements.rows import Supplement
from casework.switches.states import SwitchName
from config.demo.filling_in import completed
from config.demo.people import invented_content
from foundation.audit import SERVICE, Actor
from foundation.calendar.days import day_of, end_of_day
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission.fees import FeeLine, FeePerson, FixedFee
from submission.forms.model import AmendmentKind
from submission.pay_by import pay_by
from tests.support.candidates.paying import FEE, PAYMENTS, move_money
from tests.support.casework.amended import KEY, WHOLE_FORM, a_child
from tests.support.casework.lists import FORMS
from tests.support.casework.switching import switched_on
from tests.support.desks import call, make_account, make_desk, sign_in, signed
from tests.support.rooms import KEYS, make_period
from tests.support.tasks import KNOWN, submitted

EXTRA = 17_600
"""What a child costs, by the row of 2021."""

A_CHILD = FixedFee(
    since=date(2021, 1, 1), lines=(FeeLine(person=FeePerson.DEPENDANT, count=1, each=EXTRA),), sample=True
)

EXTRA_ASKED = Supplement(
    id=1, submission=1, serial=2, fee=A_CHILD, asked_at=0, pay_by=end_of_day(date(2026, 9, 30))
)
"""What a second amendment asks for, of no database."""

DAYS = 30


async def ask(conn: AsyncConnection, serial: int = 1, number: int = 1, now: int | None = None) -> Supplement:
    """What an amendment of a file asks for, with its event, as if it had been made now."""
    at = now_ms() if now is None else now
    of, last = await events.history(conn, number, lock=True), pay_by(at, DAYS)
    one = await rows.fix(conn, number, serial, A_CHILD, last, at)
    await events.record(
        conn, of, FileEventKind.AMENDED, SERVICE, at, key=str(serial), serial=serial, days=DAYS,
        pay_by=day_of(last).isoformat(), cents=EXTRA,
    )  # fmt: skip
    return one


async def asked(db: Database, now: int | None = None) -> Supplement:
    """A file that is paid, and awaits the fee of its first amendment."""
    await submitted(db)
    await db.write(lambda conn: move_money(conn, FEE, "card:fee"))
    return await db.write(lambda conn: ask(conn, now=now))


async def supplements_of(db: Database, number: int = 1) -> list[Supplement]:
    """Those of a file."""
    return await db.read(lambda conn: rows.of_file(conn, number))


async def kinds_of(db: Database, number: int = 1) -> list[FileEventKind]:
    """What happened to a file after its payment."""
    found = await db.read(lambda conn: events.history(conn, number))
    return [event.kind for event in found.events if event.kind is not FileEventKind.PAID]


FAMILY = amendment_services(KNOWN, FORMS, KEYS, "http://guichet.test")
"""The services of amendments, with the form that asks about spouse and children."""

OWNER = Actor("essai-00001", "candidate")


async def family_file(db: Database) -> AmendmentServices:
    """A paid file of somebody alone, of the programme that counts who comes along; what is added is switched on."""
    desk, period = make_desk(db), await make_period(db, cap=100, programme="prtq-2016")
    alone = invented_content("essai", 1) | {"family": {"status": "celibataire", "has_children": "non"}}
    content = completed(WHOLE_FORM, alone, day_of(now_ms()))
    await make_account(desk, content=content, programme="prtq-2016")
    called = await call(desk, period, 1)
    await desk.submit(called.visit(await sign_in(desk, None, 1)), "essai", signed(called))
    fee = await db.read(lambda conn: fees.fee_of(conn, PAYMENTS, 1))
    assert fee is not None
    await db.write(lambda conn: move_money(conn, fee.cents, "card:fee"))
    await switched_on(db, SwitchName.ONLINE_AMENDMENT, "prtq-2016")
    return FAMILY


async def with_child(db: Database, key: str = KEY, version: int = 0, **other: str) -> FileAmendment:
    """A further child is told of."""
    sent = SentAmendment(kind=AmendmentKind.DEPENDANT, version=version, key=key, posted=a_child(key, **other))
    return await db.write(lambda conn: amending.amend(conn, FAMILY, 1, OWNER, 1, sent, now_ms()))


async def file_of(db: Database) -> AmendableFile:
    """The file as amendments see it."""
    return await db.read(lambda conn: reading.look(conn, FAMILY, 1, now_ms()))
