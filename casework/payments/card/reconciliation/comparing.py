"""Ours, theirs and what stands on one side alone, of one day. Pure."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from casework.payments.card.port import CardMovement
from casework.payments.card.states import CardMovementKind


class BookedMovement(msgspec.Struct, frozen=True, kw_only=True):
    """A movement as one side has it: `id` is the provider's, `cents` has its sign; `submission` where it is ours."""

    id: str
    kind: CardMovementKind
    cents: int
    submission: int | None = None
    payment: str = ""


class ComparedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of movement on one day: how many and how much, on either side."""

    kind: CardMovementKind
    our_count: int
    our_cents: int
    their_count: int
    their_cents: int

    @property
    def difference(self) -> int:
        """Ours less theirs, in cents."""
        return self.our_cents - self.their_cents


class CardDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A movement that stands on one side alone (None on the other), or with another amount."""

    id: str
    kind: CardMovementKind
    our_cents: int | None
    their_cents: int | None
    submission: int | None = None
    payment: str = ""


class ComparedDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day: one line for each kind, also where nothing moved, and what differs."""

    lines: tuple[ComparedLine, ...]
    differences: tuple[CardDifference, ...]

    @property
    def agrees(self) -> bool:
        return not self.differences


def booked(moved: CardMovement) -> BookedMovement:
    """A line of the provider's books."""
    return BookedMovement(id=moved.id, kind=moved.kind, cents=moved.amount_cents, payment=moved.payment)


def of_key(key: str, cents: int, submission: int) -> BookedMovement:
    """A movement of ours, by its key `card:{kind}:{id}` (`asking.py: movement_key`)."""
    _, kind, id = key.split(":", 2)
    return BookedMovement(id=id, kind=CardMovementKind(kind), cents=cents, submission=submission)


def compared(
    ours: Iterable[BookedMovement],
    theirs: Iterable[BookedMovement],
    known: Mapping[str, BookedMovement],
) -> ComparedDay:
    """Compare a day. `known` are movements of ours with an id of theirs, whatever their day: a clock that is a second
    behind at midnight is no difference."""
    mine, other = {one.id: one for one in ours}, {one.id: one for one in theirs}
    mine |= {id: known[id] for id in other if id not in mine and id in known}
    lines = tuple(_line(kind, list(mine.values()), list(other.values())) for kind in CardMovementKind)
    differences = tuple(
        CardDifference(
            id=id,
            kind=(mine.get(id) or other[id]).kind,
            our_cents=mine[id].cents if id in mine else None,
            their_cents=other[id].cents if id in other else None,
            submission=mine[id].submission if id in mine else None,
            payment=other[id].payment if id in other else "",
        )
        for id in sorted({*mine, *other})
        if id not in mine or id not in other or mine[id].cents != other[id].cents
    )
    return ComparedDay(lines=lines, differences=differences)


def _line(
    kind: CardMovementKind, ours: Sequence[BookedMovement], theirs: Sequence[BookedMovement]
) -> ComparedLine:
    mine, other = ([one.cents for one in side if one.kind is kind] for side in (ours, theirs))
    return ComparedLine(
        kind=kind, our_count=len(mine), our_cents=sum(mine), their_count=len(other), their_cents=sum(other)
    )
