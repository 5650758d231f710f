"""A day beside the provider's books."""

from casework.payments.card.port import CardMovement
from casework.payments.card.reconciliation.comparing import BookedMovement, booked, compared, of_key
from casework.payments.card.states import CardMovementKind

PAYMENT, REFUND = CardMovementKind.PAYMENT, CardMovementKind.REFUND


def moved(id: str, cents: int = 812, kind: CardMovementKind = PAYMENT) -> BookedMovement:
    return BookedMovement(id=id, kind=kind, cents=cents)


def test_a_day_without_a_movement_has_its_lines_too() -> None:
    found = compared([], [], {})
    assert found.agrees
    assert [line.kind for line in found.lines] == list(CardMovementKind)
    assert all((line.our_count, line.their_count, line.difference) == (0, 0, 0) for line in found.lines)


def test_what_stands_on_one_side_alone_is_said() -> None:
    found = compared([moved("a"), moved("b")], [moved("b"), moved("c"), moved("d", -5, REFUND)], {})
    assert [(one.id, one.our_cents, one.their_cents) for one in found.differences] == [
        ("a", 812, None),
        ("c", None, 812),
        ("d", None, -5),
    ]
    refunds = next(line for line in found.lines if line.kind is REFUND)
    assert (refunds.our_count, refunds.their_cents, refunds.difference) == (0, -5, 5)


def test_another_amount_is_a_difference() -> None:
    (one,) = compared([moved("a", 812)], [moved("a", 811)], {}).differences
    assert (one.our_cents, one.their_cents) == (812, 811)


def test_a_second_at_midnight_is_none() -> None:
    """A movement that we have on the day beside counts where they have it."""
    assert compared([], [moved("a")], {"a": moved("a")}).agrees


def test_both_sides_have_the_same_ids() -> None:
    theirs = booked(CardMovement(id="re_1:failed", kind=CardMovementKind.REFUND_FAILED, amount_cents=5, at=1))
    ours = of_key("card:refund_failed:re_1:failed", 5, 7)
    assert (ours.id, ours.kind, ours.cents) == (theirs.id, theirs.kind, theirs.cents)
    assert ours.submission == 7
