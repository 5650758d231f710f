"""A unit of work on the ledger decides in memory: bind, take, lapse; a refusal leaves nothing (P2, P4, P5)."""

import msgspec
import pytest

from foundation.errors import Code, Refusal
from quota.ledger import Token
from quota.states import PeriodState, TokenState
from quota.store import Period
from quota.unit_of_work import LedgerUnit, gives_places_back
from tests.unit.evidence.sound_books import a_period


def token(
    number: int, state: TokenState = TokenState.LIVE, account: int | None = None, ends: int = 600_000
) -> Token:
    return Token(
        number=number, state=state, account=account, call=1, called_at=0, called_clock=0, ends=ends, jti=f"j{number}",
        receipt=None,
    )  # fmt: skip


def unit(*tokens: Token, **values: object) -> LedgerUnit:
    period: Period = msgspec.structs.replace(
        a_period(), **{"state": PeriodState.OPEN, "clock": 0, "cap": 2, "held": 2, "accepted": 0} | values
    )
    return LedgerUnit(period, {one.number: one for one in tokens})


def code(unit: LedgerUnit, number: int, account: int, clock: int | None = None) -> Code:
    with pytest.raises(Refusal) as refused:
        unit.bind(number, account, received_clock=clock)
    return refused.value.code


def test_a_token_is_bound_to_the_first_account() -> None:
    """And its end is later by the account's accommodation, once."""
    work = unit(token(1))
    bound = work.bind(1, 7, factor=1.5)
    assert bound.account == 7
    assert bound.ends == 600_000 + round(0.5 * work.period.token_seconds * 1000)
    assert work.bind(1, 7, factor=1.5).ends == bound.ends
    assert code(work, 1, 8) is Code.TOKEN_USED


def test_an_account_has_one_live_token() -> None:
    """The second is refused while the first lives, and not once its time is over."""
    work = unit(token(1, account=7), token(2))
    assert code(work, 2, 7) is Code.ACCOUNT_HAS_LIVE_TOKEN
    late = unit(token(1, account=7), token(2, ends=10**9), clock=602_000)
    assert late.bind(2, 7).account == 7
    assert late.tokens[1].state is TokenState.LAPSED
    assert late.period.held == 1


def test_ranks_follow_and_the_last_place_ends_it() -> None:
    """1, 2, and then the cap is reached."""
    work = unit(token(1), token(2))
    assert [work.take(number, number, 0, f"r{number}") for number in (1, 2)] == [1, 2]
    assert work.period.state is PeriodState.CAP_REACHED


def test_a_lapsed_token_takes_its_place_back_only_if_one_is_free() -> None:
    """Received in time, recorded late (P5): the cap holds."""
    lapsed = token(1, TokenState.LAPSED)
    assert unit(lapsed, held=1).take(1, 7, 0, "r") == 1
    with pytest.raises(Refusal, match="token_expired"):
        unit(lapsed, held=2).take(1, 7, 0, "r")
    with pytest.raises(Refusal, match="quota_reached"):
        unit(lapsed, held=2, accepted=2).take(1, 7, 0, "r")


def test_what_is_refused_leaves_nothing() -> None:
    """Neither in the period nor in the tokens."""
    work = unit(token(1), token(2))
    before = work.period, dict(work.tokens)

    def refused_late() -> None:
        with work.all_or_nothing():
            work.take(1, 7, 0, "r")
            raise Refusal(Code.SIGNATURE_MISSING)

    with pytest.raises(Refusal):
        refused_late()
    assert (work.period, work.tokens) == before


@pytest.mark.parametrize(("state", "is_back"), [(PeriodState.OPEN, False), (PeriodState.CLOSED, True)])
def test_a_place_that_goes_back_to_the_programme_is_not_taken_back(state: PeriodState, is_back: bool) -> None:
    """Of released places, from the end of their period on (ADR 0040); one that is held is taken as ever."""
    work = unit(token(1, TokenState.LAPSED), token(2), held=1, state=state, from_released=True)
    assert gives_places_back(work.period) is is_back
    if is_back:
        with pytest.raises(Refusal, match="token_expired"):
            work.take(1, 7, 0, "r")
    else:
        assert work.take(1, 7, 0, "r") == 1
    assert work.take(2, 8, 0, "s") == (1 if is_back else 2)
