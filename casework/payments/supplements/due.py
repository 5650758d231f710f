"""What is due of a file now: its fee, or the supplement of an amendment, each with a last day of its own. Whoever takes
money, by card or by post, asks here first."""

from collections.abc import Sequence

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.files.events import FileHistory
from casework.payments import fees, movements
from casework.payments.card import charges
from casework.payments.services import PaymentServices
from casework.payments.states import AWAITS_SUPPLEMENT
from casework.payments.supplements import rows
from casework.payments.supplements.rows import UNPAID_ENDS, Supplement, SupplementState
from submission.fees import FixedFee


class FileDues(msgspec.Struct, frozen=True, kw_only=True):
    """What a file was ever asked for: its fee (None: no rule says one) and its supplements, beside what has been paid
    in cents, and how much of that is on its way back to a card: it pays nothing. `is_open`: a supplement can be paid; a
    file that has ended, or is decided, awaits none."""

    fee: FixedFee | None
    supplements: Sequence[Supplement]
    balance: int
    is_open: bool
    going_back: int = 0

    @property
    def awaited(self) -> Supplement | None:
        """The supplement that is due."""
        return rows.awaited_of(self.supplements) if self.is_open else None

    @property
    def newest_lapsed(self) -> Supplement | None:
        """The last one that was not paid in time, or was given up."""
        lapsed = [one for one in self.supplements if one.state in UNPAID_ENDS]
        return lapsed[-1] if lapsed else None

    @property
    def restorable(self) -> Supplement | None:
        """The lapsed supplement that comes back where its payment had come in time: the newest of an open file that
        awaits no other."""
        newest = self.supplements[-1] if self.supplements and self.is_open else None
        if newest is None or newest.state is not SupplementState.LAPSED or self.awaited is not None:
            return None
        return newest

    @property
    def can_be_paid(self) -> bool:
        """Whether new days to pay a supplement can be given: it is awaited, or would come back."""
        return self.awaited is not None or self.restorable is not None

    @property
    def settled(self) -> int:
        """The cents of the fee and of the supplements that are paid: what has to stay here."""
        paid = (one.cents for one in self.supplements if one.state is SupplementState.PAID)
        return (0 if self.fee is None else self.fee.cents) + sum(paid)

    @property
    def asked(self) -> int | None:
        """The same with the supplement that is due: what the file should have paid. None where no rule asks for
        anything."""
        if self.fee is None and not self.supplements:
            return None
        return self.settled + (0 if self.awaited is None else self.awaited.cents)

    @property
    def due(self) -> int:
        """What is still asked for, in cents. What was kept above the fee counts; what is on its way back does not."""
        if self.awaited is not None:
            return min(self.awaited.cents, max(0, self.settled + self.awaited.cents - self.stays))
        return 0 if self.fee is None else max(0, self.fee.cents - self.stays)

    @property
    def stays(self) -> int:
        """The cents that are here and stay."""
        return self.balance - self.going_back


async def dues_of(conn: AsyncConnection, services: PaymentServices, of: FileHistory) -> FileDues:
    """The dues of a file; whoever goes by them holds its lock."""
    return FileDues(
        fee=await fees.fee_of(conn, services, of.submission),
        supplements=await rows.of_file(conn, of.submission),
        balance=movements.balance(await movements.of_file(conn, of.submission)),
        is_open=of.status in AWAITS_SUPPLEMENT,
        going_back=await charges.going_back(conn, of.submission),
    )
