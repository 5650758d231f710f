"""One application an account and a person a programme, in its quota or outside it (P4, ADR 0029).

Whoever submits outside the quota locks the rows of the programme's periods first, as each submission of a period does,
and then the ledger: whichever of two comes first, the other sees it.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import identities
from accounts.identities import Identity
from foundation.errors import Code, Refusal
from foundation.sql.direct import DirectLook
from foundation.sql.tables import among
from quota.states import PeriodState
from quota.store import period
from submission import store
from submission.exempt.store import exempt_ledger
from submission.states import SubmissionStatus

s = store.submission.c

LIVE = s.status.not_in((SubmissionStatus.ANNULLED, SubmissionStatus.REMOVED))

WITHOUT = (PeriodState.DRAFT, PeriodState.ANNULLED)
"""States of periods in which nothing was accepted that counts."""


class LockedPeriod(NamedTuple):
    """A period of the programme, its row locked, and the key under which its persons are compared."""

    uid: str
    person_key: str


async def lock_periods(conn: AsyncConnection, programme: str) -> list[LockedPeriod]:
    """Lock the programme's periods in one order: nothing is accepted in them before this transaction ends."""
    p = period.c
    some = sa.select(p.uid, p.person_key).where(p.programme == programme, p.state.not_in(WITHOUT))
    rows = await conn.execute(some.order_by(p.uid).with_for_update())
    return [LockedPeriod(row.uid, row.person_key) for row in rows]


async def refuse_accepted(
    conn: AsyncConnection, periods: Collection[LockedPeriod], account: int, identity: Identity
) -> None:
    """Raises Refusal duplicate_account (with the receipt: it is theirs) or duplicate_person for somebody who has a
    place of one of these periods: their own is said before another account's."""
    for one in periods:
        person = identities.person(identity, one.person_key)
        either = sa.or_(s.account == account, s.person == person)
        found = sa.select(s.receipt, s.account).where(s.period == one.uid, LIVE, either)
        for row in await conn.execute(found.order_by(s.account != account, s.id)):
            raise refusal_for(account, row.account, row.receipt)


def refusal_for(account: int, owner: int, receipt: str) -> Refusal:
    """What stands in the way, as it may be told: the receipt only to whose it is. Pure."""
    if owner == account:
        return Refusal(Code.DUPLICATE_ACCOUNT, receipt=receipt)
    return Refusal(Code.DUPLICATE_PERSON)


_IN_LEDGER = sa.select(s.receipt, s.account, s.person).where(
    s.ledger == sa.bindparam("programme"),
    LIVE,
    sa.or_(among(s.account, "owners"), among(s.person, "persons")),
)


class SubmittedOutside:
    """What some accounts and persons have submitted outside the quota, as the quota asks for it. Pure."""

    def __init__(self, person_key: str = "", found: Collection[tuple[str, int, str]] = ()) -> None:
        self._key = person_key
        self._of_accounts = {account: receipt for receipt, account, _ in found}
        self._persons = {person: (receipt, account) for receipt, account, person in found}

    def refuse(self, account: int, identity: Identity) -> None:
        """Raises Refusal duplicate_account or duplicate_person for somebody who has."""
        if (receipt := self._of_accounts.get(account)) is not None:
            raise refusal_for(account, account, receipt)
        if not self._persons:
            return
        known = self._persons.get(identities.person(identity, self._key))
        if known is not None:
            raise refusal_for(account, known[1], known[0])


NOTHING_OUTSIDE = SubmittedOutside()


async def submitted_outside(
    conn: AsyncConnection, programme: str, people: Mapping[int, Identity]
) -> SubmittedOutside:
    """What these accounts, and the persons that they are, have submitted outside the programme's quota.

    Under the lock of the period in which they submit now. A programme without a ledger costs one look.
    """
    key = await person_key(conn, programme)
    if key is None or not people:
        return NOTHING_OUTSIDE
    persons = [identities.person(identity, key) for identity in people.values()]
    rows = await conn.execute(
        _IN_LEDGER, {"programme": programme, "owners": list(people), "persons": persons}
    )
    return SubmittedOutside(key, [(row.receipt, row.account, row.person) for row in rows])


async def person_key(conn: AsyncConnection, programme: str) -> str | None:
    """The key of the programme's ledger; None where nobody has made a claim yet."""
    found = await _PERSON_KEY.rows(conn, {"programme": programme})
    return str(found[0][0]) if found else None


_PERSON_KEY = DirectLook(
    sa.select(exempt_ledger.c.person_key).where(exempt_ledger.c.programme == sa.bindparam("programme"))
)
