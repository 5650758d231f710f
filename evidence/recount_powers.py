"""P16 of representatives: each power stands where its history leads, by the one table of moves. Pure.

Whoever puts a power in force without an act of the history is found out; the acts themselves are in the audit's chain.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from accounts.representatives.states import PowerMove, PowerPosition, PowerState, moved
from evidence.books import BrokenPromise, found
from evidence.promises import Promise


class PowerRow(msgspec.Struct, frozen=True):
    """A representative's row: where the power stands."""

    id: str
    state: PowerState
    frozen_from: PowerState | None = None

    @property
    def position(self) -> PowerPosition:
        return PowerPosition(self.state, self.frozen_from)


class PowerMoveRow(msgspec.Struct, frozen=True):
    """A line of a power's history."""

    representative: str
    move: PowerMove
    after: PowerState


def astray(powers: Iterable[PowerRow], moves: Iterable[PowerMoveRow]) -> list[BrokenPromise]:
    """The powers that do not stand where the lines of their history lead, in the order in which these are given."""
    by_power: Mapping[str, list[PowerMoveRow]] = defaultdict(list)
    for one in moves:
        by_power[one.representative].append(one)
    wrong = [row.id for row in powers if led(by_power[row.id]) != row.position]
    return found(Promise.P16, "a representative's power is not where its history leads", wrong)


def led(moves: Sequence[PowerMoveRow]) -> PowerPosition | None:
    """Where these moves lead; None where they do not begin with a declaration, or one of them is none."""
    at: PowerPosition | None = None
    for one in moves:
        if at is None:
            at = PowerPosition(PowerState.DECLARED) if one.move is PowerMove.DECLARE else None
        elif one.move is not PowerMove.SIGN:  # written after the fact, whatever became of the power meanwhile
            at = moved(at, one.move)
        if at is None or at.state is not one.after:
            return None
    return at
