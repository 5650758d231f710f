"""Everything that the payment page of a file shows, read at once, and what its owner may do."""

from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.deadlines.dated_files import dated_file
from casework.deadlines.explained import steps
from casework.deadlines.open_deadlines import OpenDeadline
from casework.deadlines.payment import payment_of
from casework.files import events
from casework.files.numbers import file_number, typed_submission
from casework.files.sheet import sheet
from casework.payments import cases, movements
from casework.payments.card import charges
from casework.payments.card.charges import Charge
from casework.payments.card.services import CardServices, payment_href
from casework.payments.card.states import STATES, ChargeState
from casework.payments.movements import Movement
from casework.payments.services import PaymentServices
from casework.payments.states import (
    INSTRUMENTS,
    PAYMENT_STATES,
    PAYMENT_TEXTS,
    POSTAL,
    PaymentState,
    payment_state,
)
from casework.payments.supplements.deadline import open_supplements
from casework.payments.supplements.due import FileDues, dues_of
from casework.payments.supplements.rows import Supplement
from casework.payments.supplements.wording import STATES as SUPPLEMENT_STATES
from foundation.calendar import proclaimed
from foundation.calendar.days import day_of
from foundation.errors import Code, Refusal
from quota.frozen_rules import payment_of as payment_of_rules
from quota.offices.office_addresses import OfficeAddress, OfficeUse
from submission.fees import PERSONS, FixedFee


class PaymentView(msgspec.Struct, frozen=True, kw_only=True):
    """The payment of a file as its owner sees it. `balance` is what has been paid, in cents; `charge` the newest
    attempt; `dues` what is asked for; `steps` say how the last day was computed; `office` is where it goes by post
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
    dues: FileDues

    @property
    def supplement(self) -> Supplement | None:
        """The fee of an amendment, where that is what is to be paid."""
        return self.dues.awaited

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
        return self.dues.due

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

    @property
    def is_in_part(self) -> bool:
        """Whether a part of the fee is here, and the rest is due: of a payment of which some went back."""
        return self.supplement is None and self.fee is not None and 0 < self.due < self.fee.cents

    def shown(self) -> dict[str, Any]:
        """The values of `payment.html`."""
        paid = None if self.fee is None else movements.completed_by(self.moved, self.fee.cents)
        return {
            "number": self.number, "here": payment_href(self.number), "state": self.state, "fee": self.fee,
            "words": PAYMENT_STATES[self.state], "text": PAYMENT_TEXTS[self.state], "due": self.due,
            "pay_by": self.pay_by, "steps": self.steps, "charge": self.charge, "tried": self.tried,
            "is_verified": self.is_verified, "may_pay": self.may_pay, "takes_cards": self.takes_cards,
            "paid": paid, "is_in_part": self.is_in_part, "persons": PERSONS, "instruments": INSTRUMENTS,
            "postal": POSTAL,
            "charge_states": STATES, "office": self.office, "supplement": self.supplement,
            "supplements": self.dues.supplements, "supplement_states": SUPPLEMENT_STATES,
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
    dues = await dues_of(conn, payments, of)
    awaited = dues.awaited
    pay_by = head.pay_by if awaited is None else awaited.pay_by
    deadline = await _deadline(conn, payments, submission, awaited)
    state = payment_state(
        of.status, balance=dues.stays, to_decide=await cases.holds_money(conn, submission),
        under_way=any(one.is_under_way for one in tried), supplement=awaited is not None,
        is_over=now > pay_by,
        asks_fees=payment_of_rules(head.rules, head.programme, payments.programmes).asks_fees,
    )  # fmt: skip
    programme = payments.programmes.get(head.programme)
    return PaymentView(
        submission=submission, state=state, fee=dues.fee, balance=dues.balance, dues=dues,
        pay_by=pay_by, now=now, steps=steps(deadline.found, deadline.told), tried=tried, moved=moved,
        takes_cards=services.provider is not None,
        office=None if programme is None else programme.office(OfficeUse.PAYMENTS, day_of(now)),
    )  # fmt: skip


async def _deadline(
    conn: AsyncConnection, services: PaymentServices, number: int, awaited: Supplement | None
) -> OpenDeadline:
    """The deadline of what is due: of the amendment whose fee is awaited, or of the payment of the file."""
    dated, closed = await dated_file(conn, services.programmes, number), await proclaimed.closures(conn)
    extra = None if awaited is None else next(iter(open_supplements(dated, closed)), None)
    return extra or payment_of(dated, closed)
