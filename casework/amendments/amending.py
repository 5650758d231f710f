"""Adding an amendment: under the file's lock, with the switch held, once a form that was sent (PM-01, PM-03).

Read this first. Everything that decides is looked at again in the transaction that writes: whether the file is paid,
whether the feature is on, and which amendments there are. Who typed upon an older version gets both texts.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store as accounts_store
from accounts.acts import AccountAct
from accounts.own_account import changes, profile
from accounts.own_account.mails import OwnerNotice
from accounts.personal_data.fields import ADDRESS
from accounts.personal_data.home_address import HomeAddress
from casework.amendments import address, asked, folding, reading
from casework.amendments.asked import AskedForm, TypedAmendment
from casework.amendments.reading import AmendableFile, FileAmendment
from casework.amendments.sealing import AmendmentContent
from casework.amendments.services import AmendmentServices
from casework.amendments.states import DAYS, SWITCHES, AmendmentGround
from casework.amendments.store import AMENDMENT, amendment
from casework.files import events
from casework.files.states import FileEventKind
from casework.payments import settling
from casework.payments.supplements import rows, watching
from casework.payments.supplements.rows import Supplement
from casework.switches import plans
from foundation import audit, outbox
from foundation.audit import Actor
from foundation.calendar import proclaimed, spans
from foundation.calendar.closures import Closures
from foundation.calendar.days import day_of
from foundation.errors import Code, Refusal
from foundation.subjects import Subject
from quota.frozen_rules import payment_of
from quota.programmes import PaymentRules, Programme
from submission import fees
from submission.fees import FixedFee
from submission.forms.evaluation import evaluate
from submission.forms.fields import PostedLists
from submission.forms.model import AmendmentKind
from submission.pay_by import pay_by


class AmendmentTask(StrEnum):
    """Kinds of tasks of an amendment."""

    DOCUMENT = "amendment_document"
    """Its document is filed in the account."""


OTHER_AMENDMENT: Final = "Cette clé a déjà servi à une autre modification : prenez-en une nouvelle."


class SentAmendment(msgspec.Struct, frozen=True, kw_only=True):
    """A form that was sent: the kind, the version it was typed upon, its key, and what was posted."""

    kind: AmendmentKind
    version: int
    key: str
    posted: PostedLists


def typed_in(file: AmendableFile, of: AskedForm, sent: SentAmendment) -> TypedAmendment:
    """What was typed, with all that is wrong with it. Refusal invalid for a key that is none."""
    now_is = file.now_is
    if not asked.is_usable_key(sent.key, now_is, of.member):
        raise Refusal(Code.INVALID, fields=[{"name": "key", "reason": "Rouvrez cette page et recommencez."}])
    found = asked.typed(of, file.form, now_is, sent.key, sent.posted, file.today)
    if sent.kind is AmendmentKind.ADDRESS and not found.errors:
        together = folding.folded(now_is, found.added)
        found.errors.update(address.faults(address.home_address_of(together)))
    return found


def open_for(file: AmendableFile, kind: AmendmentKind) -> AskedForm:
    """The questions of a kind. Refusal modification_not_available with its ground."""
    ground, of = file.ground(kind), file.asked(kind)
    if ground is not None or of is None:
        raise Refusal(Code.MODIFICATION_NOT_AVAILABLE, ground=ground or AmendmentGround.NOT_ASKED)
    return of


async def amend(
    conn: AsyncConnection,
    services: AmendmentServices,
    owner: int,
    by: Actor,
    number: int,
    sent: SentAmendment,
    now: int,
) -> FileAmendment:
    """Add an amendment; the one that is there already for a form that is sent twice.

    Refusals not_found, modification_not_available (with `ground`), draft_changed (with `current`), invalid, also for
    the key of an amendment that says something else.
    """
    file = await reading.look(conn, services, number, now, owner=owner, lock=True)
    if (there := added_by(file, sent)) is not None:
        if not is_same(file, there, sent):  # it would be told of as added, and is not
            raise Refusal(Code.INVALID, fields=[{"name": "key", "reason": OTHER_AMENDMENT}])
        return there
    of = open_for(file, sent.kind)
    if not await plans.is_on(conn, file.sheet.programme, SWITCHES[sent.kind], now, hold=True):
        raise Refusal(Code.MODIFICATION_NOT_AVAILABLE, ground=AmendmentGround.NOT_YET)
    refuse_older(file, of, sent)
    typed = typed_in(file, of, sent)
    if typed.errors:
        fields = [{"name": path, "reason": why} for path, why in typed.errors.items()]
        raise Refusal(Code.INVALID, fields=fields)
    return await _added(conn, services, file, of, sent, typed, by)


def added_by(file: AmendableFile, sent: SentAmendment) -> FileAmendment | None:
    """The amendment that a form with this key has added already."""
    return next((one for one in file.amendments if one.key == sent.key), None)


def is_same(file: AmendableFile, there: FileAmendment, sent: SentAmendment) -> bool:
    """Whether what is sent says what was added with its key: word for word, or read upon the file before it. Pure.

    What the file said then is not known for good: another amendment may count only since, or no longer (PM-01). So
    what was typed decides first.
    """
    of = file.asked(sent.kind)
    if of is None or sent.kind is not there.kind:
        return False
    if there.content.sent == asked.digest_of(of, sent.key, sent.posted, there.told_on):
        return True
    before = msgspec.structs.replace(
        file, amendments=[one for one in file.amendments if one.serial < there.serial]
    )
    typed = asked.typed(of, file.form, before.now_is, sent.key, sent.posted, there.told_on)
    return not typed.errors and typed.day == there.on_day and typed.added == there.content.answers


def refuse_older(file: AmendableFile, of: AskedForm, sent: SentAmendment) -> None:
    """Refusal draft_changed, with what stands there now, where another amendment was added since."""
    if sent.version != file.version:
        answers = folding.limited(file.now_is, of.paths, "", "")
        raise Refusal(Code.DRAFT_CHANGED, current={"version": file.version, "answers": answers})


async def _added(
    conn: AsyncConnection,
    services: AmendmentServices,
    file: AmendableFile,
    of: AskedForm,
    sent: SentAmendment,
    typed: TypedAmendment,
    by: Actor,
) -> FileAmendment:
    number, serial = file.sheet.submission, file.version + 1
    digest = asked.digest_of(of, sent.key, sent.posted, file.today)
    content = AmendmentContent(file.form.version, typed.added, typed.lines, digest)
    closed = await proclaimed.closures(conn)
    last_day = spans.calendar_days(typed.day, DAYS, closed).last_day
    values = {
        "submission": number, "serial": serial, "kind": sent.kind, "key": sent.key, "on_day": typed.on_day,
        "last_day": last_day.isoformat(), "told_on": file.today.isoformat(), "author": by.name, "at": file.now,
        "content": services.cipher.seal(number, serial, content),
    }  # fmt: skip
    id = int((await conn.execute(sa.insert(amendment).values(values).returning(amendment.c.id))).scalar_one())
    await outbox.stage(conn, AmendmentTask.DOCUMENT, Subject.row(AMENDMENT, id), file.now)
    costs = await _costs(conn, services, file, typed, closed)
    if sent.kind is AmendmentKind.ADDRESS:
        told = address.home_address_of(folding.folded(file.now_is, typed.added))
        if told is not None:
            await _moved_house(conn, services, file, told, by)
    await events.record(
        conn, file.history, FileEventKind.AMENDED, by, file.now, key=str(serial), on_day=typed.day,
        amendment=sent.kind, serial=serial, late=file.today > last_day, **costs.detail,
    )  # fmt: skip
    if costs.supplement is not None:  # what was kept above the fee may pay it at once
        await settling.settle(conn, services.payments, number, file.now)
    return FileAmendment(
        id=id, serial=serial, kind=sent.kind, key=sent.key, on_day=typed.day, last_day=last_day, told_on=file.today,
        author=by.name, at=file.now, content=content, supplement=costs.supplement,
    )  # fmt: skip


def rules_of(file: AmendableFile, programmes: Mapping[str, Programme]) -> PaymentRules:
    """The rules of payment of a file. Pure."""
    return payment_of(file.sheet.rules, file.sheet.programme, programmes)


def supplement_of(
    file: AmendableFile, typed: TypedAmendment, programmes: Mapping[str, Programme]
) -> FixedFee | None:
    """The fee of the persons that an amendment adds, by the row of the table for today (PM-01, PY-09). None where it
    adds nobody who costs anything, or no fees are asked for (PY-10). Pure."""
    programme = programmes.get(file.sheet.programme)
    if programme is None or not rules_of(file, programmes).asks_fees:
        return None
    together = folding.folded(file.now_is, typed.added)
    before, after = (
        fees.persons_filled_in(programme.fee_count, evaluate(file.form, answers, file.today).visible)
        for answers in (file.now_is, together)
    )
    return fees.for_more(programme, before, after, file.now)


class AmendmentCosts(msgspec.Struct, frozen=True):
    """What an amendment costs, and what its event says of that: the cents, the days, and the last one of them."""

    supplement: Supplement | None = None
    detail: dict[str, Any] = {}


async def _costs(
    conn: AsyncConnection,
    services: AmendmentServices,
    file: AmendableFile,
    typed: TypedAmendment,
    closed: Closures,
) -> AmendmentCosts:
    """Fix the fee of the persons that are added, with its last day, and stage what follows (PM-01)."""
    fee = supplement_of(file, typed, services.programmes)
    if fee is None:
        return AmendmentCosts()
    days, number = rules_of(file, services.programmes).due_days, file.sheet.submission
    last = pay_by(file.now, days, closed)
    one = await rows.fix(conn, number, file.version + 1, fee, last, file.now)
    await watching.stage_watch(conn, one, file.now)
    return AmendmentCosts(one, {"cents": fee.cents, "days": days, "pay_by": day_of(last).isoformat()})


async def _moved_house(
    conn: AsyncConnection, services: AmendmentServices, file: AmendableFile, told: HomeAddress, by: Actor
) -> None:
    """The account's own address too, told at the e-mail address on file, which stays as it is."""
    head, table = file.sheet, accounts_store.account
    sealed = services.personal.seal(head.username, ADDRESS, msgspec.json.encode(told).decode())
    await conn.execute(sa.update(table).where(table.c.id == head.account).values(address=sealed))
    on_file = await profile.find(conn, services.personal, head.account)
    await changes.tell(conn, on_file, OwnerNotice.ADDRESS_CHANGED, file.now)
    subject = Subject.row(accounts_store.ACCOUNT, head.account)
    await audit.record(conn, by, AccountAct.ADDRESS_CHANGE, subject, file.now)
