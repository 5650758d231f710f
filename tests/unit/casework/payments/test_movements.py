"""Money is a sum of movements, and the movement that completes a fee is found among them (P15)."""

from datetime import date

import pytest

from casework.payments.movements import Movement, balance, completed_by
from casework.payments.states import Instrument, MovementKind

IN, OUT, BACK = MovementKind.IN, MovementKind.OUT, MovementKind.RETURNED


def money(*moves: tuple[MovementKind, int]) -> list[Movement]:
    return [
        Movement(kind=kind, instrument=Instrument.CARD, cents=cents, on_day=date(2016, 7, n + 1), key=str(n))
        for n, (kind, cents) in enumerate(moves)
    ]


@pytest.mark.parametrize(
    ("moves", "total", "day"),
    [
        ([], 0, None),
        ([(IN, 100)], 100, 1),
        ([(IN, 99)], 99, None),
        ([(IN, 60), (IN, 40)], 100, 2),
        ([(IN, 100), (OUT, 100)], 0, None),
        ([(IN, 100), (BACK, 100)], 0, None),
        ([(IN, 100), (OUT, 100), (IN, 100)], 100, 3),
        ([(IN, 150), (OUT, 50)], 100, 1),
        ([(IN, 100), (IN, 100), (OUT, 100)], 100, 1),
    ],
)
def test_the_sum_and_the_day_of_the_payment(
    moves: list[tuple[MovementKind, int]], total: int, day: int | None
) -> None:
    moved = money(*moves)
    completing = completed_by(moved, 100)
    assert balance(moved) == total
    assert (completing and completing.on_day.day) == day
