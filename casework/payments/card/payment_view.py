"""Everything that the payment page of a file shows, read at once, and what its owner may do."""

from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.deadlines.dated_files import dated_file
from casework.deadlines.explained import steps
from casework.deadlines.payment import payment_of
from casework.files import events
from casework.files.numbers import file_number, typed_submission
from casework.files.sheet import sheet
from casework.payments import cases, fees, movements
from casework.payments.card import charges
from casework.payments.card.charges import Charge
from casework.payments.card.services import CardServices, payment_href
from casework.payments.card.states import STATES, ChargeState
from casework.payments.movements import Movement
from casework.payments.states import (
    INSTRUMENTS,
    PAYMENT_STATES,
    PAYMENT_TEXTS,
    POSTAL,
    PaymentState,
    payment_state,
)
from foundation.calendar import proclaimed
from foundation.calendar.days import day_of
from foundation.errors import Code, Refusal
from quota.offices.office_addresses import OfficeAddress, OfficeUse
from submission.fees import PERSONS, FixedFee


class PaymentView(msgspec.Struct, frozen=True, kw_only=True):
    """The payment of a file as its owner sees it. `balance` is what has been paid, in cents; `charge` the newest
    attempt; `due` what is asked for; `steps` say how the last day was computed; `office` is where it goes by post
    today. Instants in milliseconds."""

    submission: int
    state: PaymentState
    fee: FixedFee | None
    balance: int
    pay_by: int
    now: int
    steps: list[str]
    tried: list[Charge]
    moved: list[Movement]
    takes_cards: bool
    office: OfficeAddress | None = None

    @property
    def number(self) -> str:
        return file_number(self.submission)

    @property
    def charge(self) -> Charge | None:
        """The newest attempt by card."""
        return self.tried[-1] if self.tried else None

    @property
    def due(self) -> int:
        """What is still asked for, in cents."""
        return 0 if self.fee is None else max(0, self.fee.cents - self.balance)

    @property
    def is_verified(self) -> bool:
        """Whether a payment is in doubt: the bank has not answered, or we do not know of a page that may be there."""
        charge = self.charge
        return charge is not None and charge.state in {ChargeState.OPENING, ChargeState.PROCESSING}

    @property
    def may_pay(self) -> bool:
        """Whether a new attempt may begin: something is due, in time, and nothing is under way."""
        is_open = self.state in {PaymentState.NOTHING, PaymentState.REVERSED}
        return is_open and self.due > 0 and self.now <= self.pay_by

    def shown(self) -> dict[str, Any]:
        """The values of `payment.html`."""
        paid = [one for one in self.moved if one.signed > 0]
        return {
            "number": self.number, "here": payment_href(self.number), "state": self.state, "fee": self.fee,
            "words": PAYMENT_STATES[self.state], "text": PAYMENT_TEXTS[self.state], "due": self.due,
            "pay_by": self.pay_by, "steps": self.steps, "charge": self.charge, "tried": self.tried,
            "is_verified": self.is_verified, "may_pay": self.may_pay, "takes_cards": self.takes_cards,
            "paid": paid[-1] if paid else None, "persons": PERSONS, "instruments": INSTRUMENTS, "postal": POSTAL,
            "charge_states": STATES, "office": self.office,
        }  # fmt: skip


async def find(
    conn: AsyncConnection, services: CardServices, owner: int, number: str, now: int
) -> PaymentView:
    """The payment of the file of this number, if it is this account's. Refusal not_found, the same for all others."""
    submission = typed_submission(number)
    if submission is None:
        raise Refusal(Code.NOT_FOUND)
    payments = services.payments
    head = await sheet(conn, payments.personal, submission)
    if head.account != owner:
        raise Refusal(Code.NOT_FOUND)
    of = await events.history(conn, submission)
    moved, tried = await movements.of_file(conn, submission), await charges.of_file(conn, submission)
    balance = movements.balance(moved)
    deadline = payment_of(
        await dated_file(conn, payments.programmes, submission), await proclaimed.closures(conn)
    )
    state = payment_state(
        of.status, balance=balance, to_decide=await cases.holds_money(conn, submission),
        under_way=any(one.is_under_way for one in tried),
        is_over=now > head.pay_by,
    )  # fmt: skip
    programme = payments.programmes.get(head.programme)
    return PaymentView(
        submission=submission, state=state, fee=await fees.fee_of(conn, payments, submission), balance=balance,
        pay_by=head.pay_by, now=now, steps=steps(deadline.found, deadline.told), tried=tried, moved=moved,
        takes_cards=services.provider is not None,
        office=None if programme is None else programme.office(OfficeUse.PAYMENTS, day_of(now)),
    )  # fmt: skip
