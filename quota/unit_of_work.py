"""A unit of work on the ledger: the locked period and some tokens, decided on in memory, written back at once.

Binding a token and taking its place are the same rules for one person and for a hundred who submit in the same moment:
each is decided after the one before, as if nobody else were there, and one statement for all writes what changed. The
period's row stays locked from `open_unit` until the transaction ends, and no network call is made meanwhile.
"""

import contextlib
from collections.abc import Collection, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import audit
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from foundation.sql.direct import DirectWrite
from foundation.sql.lookups import Lookup
from foundation.subjects import Subject
from quota import ledger, store
from quota.ledger import Token
from quota.pace import LAPSE_GRACE_MS
from quota.periods import flags_of
from quota.states import ENDED, Action, PeriodState, TokenState
from quota.store import Period

t = store.token


async def open_unit(
    conn: AsyncConnection, uid: str, numbers: Collection[int], accounts: Collection[int]
) -> "LedgerUnit":
    """Lock the period; read the tokens of these numbers, and the live ones of these accounts. Refusal not_found."""
    period = await ledger.lock(conn, uid)
    rows = await _THEIRS.rows(conn, {"uid": uid, "numbers": numbers, "accounts": accounts})
    found = map(ledger.token_of, rows)
    return LedgerUnit(period, {token.number: token for token in found})


def gives_places_back(period: Period) -> bool:
    """Whether what nobody holds of this period may be offered by another one already (ADR 0040)."""
    return period.from_released and period.state in ENDED


class LedgerUnit:
    """The period and its tokens by number, as they are after everything decided so far."""

    def __init__(self, period: Period, tokens: dict[int, Token]) -> None:
        self.period, self.tokens = period, tokens
        self._before = (period, dict(tokens))
        self._numbers: dict[int, set[int]] = {}
        for token in tokens.values():
            self._belongs(token)

    @contextlib.contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """What is refused in this block leaves nothing in the unit: a refusal costs neither place nor token."""
        before = self.period, dict(self.tokens)
        try:
            yield
        except Refusal:
            self.period, self.tokens = before
            raise

    def bind(
        self, number: int, account: int, factor: float = 1.0, received_clock: int | None = None
    ) -> Token:
        """Give a live token to the first account that signs in with it (P4, P5).

        The account's accommodation factor lengthens the token once, when it is bound. `received_clock` is the service
        clock when the request arrived, for a submission that binds and takes in one step: one that came in time may
        find its row lapsed meanwhile. Raises Refusal no_token, token_expired, token_used, annulled or
        account_has_live_token.
        """
        self._lapse(account)
        token = self.tokens.get(number)
        if token is None:
            raise Refusal(Code.NO_TOKEN)
        if token.state == TokenState.CANCELLED:
            raise Refusal(Code.ANNULLED)
        if token.state == TokenState.USED or token.account not in (None, account):
            raise Refusal(Code.TOKEN_USED)
        in_time = (token.ends or 0) >= (self.period.clock if received_clock is None else received_clock)
        if (
            token.state == TokenState.LEFT
            or not in_time
            or (token.state == TokenState.LAPSED and received_clock is None)
        ):
            raise Refusal(Code.TOKEN_EXPIRED)
        if token.account == account:
            return token
        if self._live_of(account):
            raise Refusal(Code.ACCOUNT_HAS_LIVE_TOKEN)
        extra = round((factor - 1.0) * self.period.token_seconds * 1000)
        ends = (token.ends or 0) + max(0, extra)
        return self._change(token, account=account, ends=ends)

    def take(self, number: int, account: int, received_clock: int, receipt: str) -> int:
        """Take the place that the token holds, and return its rank, 1..cap (SW-05, QU-03).

        `received_clock` is the service clock when the request's last byte arrived: that decides, not when we got round
        to it. A token that lapsed meanwhile takes its place back if one is free: never once the places of the period
        went back to its programme. The last place sets cap_reached (QU-04). Raises Refusal no_token, token_expired,
        token_used, quota_reached or annulled.
        """
        token, period = self.tokens.get(number), self.period
        if token is None:
            raise Refusal(Code.NO_TOKEN)
        if token.state == TokenState.CANCELLED:
            raise Refusal(Code.ANNULLED)
        if token.state == TokenState.USED or token.account not in (None, account):
            raise Refusal(Code.TOKEN_USED)
        if token.state == TokenState.LEFT or received_clock > (token.ends or 0):
            raise Refusal(Code.TOKEN_EXPIRED)
        back = 1 if token.state == TokenState.LAPSED else 0
        if period.held + back > period.cap or (back and gives_places_back(period)):
            raise Refusal(Code.QUOTA_REACHED if period.accepted >= period.cap else Code.TOKEN_EXPIRED)
        rank = period.accepted + 1
        self._change(token, state=TokenState.USED, account=account, receipt=receipt)
        values: dict[str, Any] = {"accepted": rank, "held": period.held + back}
        if rank == period.cap and period.state == PeriodState.OPEN:
            values |= {
                "state": PeriodState.CAP_REACHED,
                "ended_at": now_ms(),
                "paused": False,
            }
        self.period = msgspec.structs.replace(period, **values)
        return rank

    def _lapse(self, account: int) -> None:
        """End this account's tokens whose time is over by more than the grace; their places are free at once."""
        for token in self._live_of(account):
            if (token.ends or 0) + LAPSE_GRACE_MS <= self.period.clock:
                self._change(token, state=TokenState.LAPSED)
                self.period = msgspec.structs.replace(self.period, held=self.period.held - 1)

    def _live_of(self, account: int) -> list[Token]:
        theirs = (self.tokens[number] for number in self._numbers.get(account, ()))
        return [token for token in theirs if token.account == account and token.state == TokenState.LIVE]

    def _change(self, token: Token, **values: Any) -> Token:
        changed = self.tokens[token.number] = msgspec.structs.replace(token, **values)
        self._belongs(changed)
        return changed

    def _belongs(self, token: Token) -> None:
        """Remember whose it may be; a refusal that takes the token back leaves this as it is."""
        if token.account is not None:
            self._numbers.setdefault(token.account, set()).add(token.number)

    async def write(self, conn: AsyncConnection) -> None:
        """Put down what was decided, last of all in the transaction that opened the unit: it may end with the
        audit."""
        period, tokens = self._before
        changed = [token for number, token in self.tokens.items() if token is not tokens[number]]
        if changed:
            # Those that end come first: an account has at most one live token at any moment, and the table says so.
            changed.sort(key=lambda token: token.state == TokenState.LIVE)
            await _UPDATE.rows(conn, [_row(period, token) for token in changed])
        if self.period is not period:
            values = {f"_{name}": getattr(self.period, name) for name in (*_MOVING, "uid")}
            await conn.execute(_MOVE, values)
        if self.period.state != period.state:
            before, after = {"stand": flags_of(period).stand}, {"stand": self.period.state}
            subject = Subject(store.PERIOD, period.uid)
            await audit.record(
                conn, audit.SERVICE, Action.REACH_CAP, subject, now_ms(), before=before, after=after
            )


_THEIRS = Lookup(
    ledger.TOKEN, (t.c.period, "uid"), [(t.c.number, "numbers", []), (t.c.account, "accounts", [ledger.LIVE])]
)

_MOVING = ("held", "accepted", "state", "ended_at", "paused", "suspended")
"""What `take` and a lapse may change of a period."""

p = store.period

_MOVE = (
    sa.update(p)
    .where(p.c.uid == sa.bindparam("_uid"))
    .values({"version": p.c.version + 1} | {name: sa.bindparam(f"_{name}") for name in _MOVING})
)

_CHANGING = ("state", "account", "ends", "receipt")

_UPDATE = DirectWrite(
    sa.update(t)
    .where(t.c.period == sa.bindparam("_period"), t.c.number == sa.bindparam("_number"))
    .values({name: sa.bindparam(f"_{name}") for name in (*_CHANGING, "ended_at", "ended_clock")})
)


def _row(period: Period, token: Token) -> dict[str, Any]:
    at, clock = (None, None) if token.state == TokenState.LIVE else (now_ms(), period.clock)
    named = {f"_{name}": getattr(token, name) for name in _CHANGING}
    return named | {"_period": period.uid, "_number": token.number, "_ended_at": at, "_ended_clock": clock}
