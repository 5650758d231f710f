"""The rules of a programme that a period needs, frozen into its row when it is announced (WR-18, ADR 0020).

From then on every part reads these and no file: a process that does not know the programme, or has another file, can
change nothing of what was announced. What still needs the file fails closed there.
"""

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.audit import SERVICE, record
from foundation.errors import Unavailable
from foundation.subjects import Subject
from quota import ledger, store
from quota.programmes import (
    AccountRules,
    CapRules,
    DeviceRules,
    DraftRules,
    PaymentRules,
    Programme,
    RepresentativeRules,
    SessionRules,
    TokenRules,
    WindowRules,
)
from quota.states import PeriodAct, PeriodState
from quota.store import Period


class FrozenRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a period needs of its programme. What each of them means stands in `quota/programmes.py`."""

    name: str
    window: WindowRules
    cap: CapRules
    token: TokenRules
    accounts: AccountRules
    draft: DraftRules
    session: SessionRules
    device: DeviceRules
    payment: PaymentRules
    representatives: RepresentativeRules = RepresentativeRules()


def of_programme(programme: Programme) -> FrozenRules:
    """The rules as the programme's file has them now."""
    return FrozenRules(**{name: getattr(programme, name) for name in FrozenRules.__struct_fields__})


def written(rules: FrozenRules) -> tuple[str, str]:
    """The JSON to be kept and its digest: the same rules are the same text."""
    text = msgspec.json.encode(rules, order="sorted").decode()
    return text, digest(text)


def digest(text: str) -> str:
    """SHA-256, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(256)
def read(text: str) -> FrozenRules:
    """The rules of a row. Raises msgspec.ValidationError for what this version cannot read."""
    return msgspec.json.decode(text, type=FrozenRules)


def frozen(period: Period) -> FrozenRules | None:
    """The rules that were frozen into a period; None before its announcement, and for one announced before there were
    any."""
    return None if period.rules is None else read(period.rules)


def rules_of(period: Period, programmes: Mapping[str, Programme]) -> FrozenRules:
    """The rules by which a period runs: the frozen ones, or its programme's where none are frozen.

    Fails closed: Unavailable where this process knows neither.
    """
    if period.rules is not None:
        return read(period.rules)
    programme = programmes.get(period.programme)
    if programme is None:
        raise Unavailable("programmes")
    return of_programme(programme)


def payment_of(rules: str | None, programme: str, programmes: Mapping[str, Programme]) -> PaymentRules:
    """The rules of payment of an application, from the columns of its row: as they were announced with its period,
    otherwise its programme's (WR-18)."""
    if rules is not None:
        return read(rules).payment
    known = programmes.get(programme)
    return PaymentRules() if known is None else known.payment


def devices_of(period: Period, otherwise: frozenset[str]) -> frozenset[str]:
    """The device families that may apply, by the frozen rules; `otherwise` where none are frozen."""
    return otherwise if period.rules is None else read(period.rules).device.allow


def name_of(period: Period, names: Mapping[str, str]) -> str:
    """The programme's French name, as it was announced; otherwise as these names have it."""
    return announced_name(period.rules, period.programme, names)


def announced_name(rules: str | None, programme: str, names: Mapping[str, str]) -> str:
    """The same, from the columns of a row."""
    return names.get(programme, programme) if rules is None else read(rules).name


def differs(period: Period, programmes: Mapping[str, Programme]) -> bool:
    """Whether this process's file of the period's programme is missing, or says other rules than were frozen.

    Compared as rules, not as texts: a rule that a later release adds has its default in both.
    """
    programme = programmes.get(period.programme)
    return programme is None or (period.rules is not None and read(period.rules) != of_programme(programme))


def is_whole(period: Period) -> bool:
    """Whether the frozen rules are those whose digest stands beside them."""
    return period.rules is None or digest(period.rules) == period.rules_digest


IN_FORCE = frozenset({PeriodState.ANNOUNCED, PeriodState.ARMED, PeriodState.OPEN})
"""States in which a period still goes by its rules."""


def differing(periods: Iterable[Period], programmes: Mapping[str, Programme]) -> list[str]:
    """The periods in force, or with tokens that live, whose rules this process does not have as they were announced."""
    return sorted(
        period.id
        for period in periods
        if (period.state in IN_FORCE or period.live_tokens)
        and (differs(period, programmes) or not is_whole(period))
    )


async def freeze_missing(
    conn: AsyncConnection, programmes: Mapping[str, Programme], now: int
) -> tuple[list[str], list[str]]:
    """Freeze the rules of periods in force that were announced before there were frozen ones, by the files at hand.

    The names of those that were frozen, and of those whose programme is not known here: they wait for a process that
    knows it, and go by its file until then.
    """
    p = store.period
    missing = sa.select(p.c.uid).where(p.c.state.in_(IN_FORCE), p.c.rules.is_(None)).order_by(p.c.id)
    frozen_now, unknown = list[str](), list[str]()
    for uid in list((await conn.execute(missing)).scalars()):
        period = await ledger.lock(conn, uid)
        programme = programmes.get(period.programme)
        if programme is None:
            unknown.append(period.id)
            continue
        rules, checksum = written(of_programme(programme))
        await ledger.update(conn, uid, rules=rules, rules_digest=checksum)
        after = {"rules": checksum}
        await record(
            conn, SERVICE, PeriodAct.FREEZE_RULES, Subject(store.PERIOD, uid), now, before=None, after=after
        )
        frozen_now.append(period.id)
    return frozen_now, unknown
