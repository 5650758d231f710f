"""When a token ends, as it is told to the person: it may move later, never nearer (P5)."""

from hypothesis import given
from hypothesis import strategies as st

from quota.ledger import SILENT_MS, Token, expires_at
from quota.pace import MOST_STEP_MS
from quota.states import TokenState
from quota.store import Period
from tests.unit.evidence.sound_books import T0, a_period

TOKEN = Token(
    number=1, state=TokenState.LIVE, account=None, call=1, called_at=T0, called_clock=0, ends=600_000, jti="j",
    receipt=None,
)  # fmt: skip


def ticked(period: Period, after_ms: int) -> Period:
    """The row after the next tick, so long after the last one: no tick steps the clock further than two seconds."""
    return a_period(ticked_at=period.ticked_at + after_ms, clock=period.clock + min(after_ms, MOST_STEP_MS))


def test_while_the_service_runs_the_end_stands_still() -> None:
    """Between ticks, and read a second late, the end is the same instant."""
    period = a_period(clock=0, ticked_at=T0)
    ends = {
        expires_at(row, TOKEN, T0 + now)
        for row in (period, ticked(period, 500))
        for now in (500, 1_500, SILENT_MS)
    }
    assert ends == {T0 + 600_000}


def test_while_no_tick_comes_the_end_moves_away() -> None:
    """A service that stands still gives the time back, second by second."""
    period = a_period(clock=0, ticked_at=T0)
    assert expires_at(period, TOKEN, T0 + SILENT_MS + 60_000) == T0 + 660_000


@given(st.lists(st.integers(0, 8_000), min_size=1, max_size=20), st.integers(1, 5))
def test_an_end_once_told_never_comes_nearer(gaps: list[int], looks: int) -> None:
    """However late ticks come, whoever looks in between is never told an end that is taken back afterwards."""
    period, told = a_period(clock=0, ticked_at=T0), 0
    for gap in gaps:
        for look in range(looks + 1):
            end = expires_at(period, TOKEN, period.ticked_at + gap * look // looks)
            assert end >= told
            told = end
        period = ticked(period, gap)
    assert expires_at(period, TOKEN, period.ticked_at) >= told


def test_an_end_counted_from_now_would_come_nearer() -> None:
    """The twin: to say `now + what is left` while no tick comes takes two seconds back when the tick comes."""
    before, after = a_period(clock=0, ticked_at=T0), ticked(a_period(clock=0, ticked_at=T0), 4_000)
    assert TOKEN.ends is not None
    assert T0 + 4_000 + TOKEN.ends - before.clock > after.ticked_at + TOKEN.ends - after.clock
    assert expires_at(before, TOKEN, T0 + 4_000) <= expires_at(after, TOKEN, T0 + 4_000)
