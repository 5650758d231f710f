"""The fee of a file, as it was fixed with the submission (PY-09)."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.payments.services import PaymentServices
from foundation.errors import Code, Refusal
from quota.frozen_rules import payment_of
from quota.store import period
from submission import fees
from submission.fees import FixedFee
from submission.signing import signatures
from submission.store import submission

_s = submission.c

_WITH_RULES = (
    sa.select(_s.receipt, _s.submitted_at, _s.fee)
    .add_columns(period.c.rules, sa.func.coalesce(period.c.programme, _s.ledger).label("programme"))
    .outerjoin(period, period.c.uid == _s.period)
    .where(_s.id == sa.bindparam("file"))
)


async def fee_of(conn: AsyncConnection, services: PaymentServices, number: int) -> FixedFee | None:
    """The fee of a submission. Refusal not_found.

    Where none is in its row (an earlier release took it, or a process without the programme's file), it is worked out
    of what was signed, by the row of the table for the day of the submission: the same each time. None where that table
    has no row, or the rules ask for no fees (PY-10): nothing is then due by a rule, and nothing is deleted as unpaid.
    """
    row = (await conn.execute(_WITH_RULES, {"file": number})).one_or_none()
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    if not payment_of(row.rules, row.programme, services.programmes).asks_fees:
        return None
    programme = services.programmes.get(row.programme)
    if row.fee is not None or programme is None or not programme.fees:
        return fees.read(row.fee)
    signed = await signatures.find(conn, row.receipt, row.programme, services.seals)
    return fees.of_signed(programme, signed.answers, row.submitted_at)
