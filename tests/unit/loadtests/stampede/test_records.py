"""What a process of people leaves behind comes back as it was."""

from array import array

import msgspec
import pytest

from loadtests.journey.states import StepName
from loadtests.stampede.records import ArrivalRecord, Refused, StampedePart, Timings


def test_a_part_is_read_as_it_was_written() -> None:
    """Times to the float, in pairs with when they began; who never came has none."""
    timings = Timings(sent=array("d", [1.5, 2.0]).tobytes(), took=array("f", [0.25, 0.5]).tobytes())
    part = StampedePart(
        arrivals=[
            ArrivalRecord(index=3, due=1.0),
            ArrivalRecord(index=4, due=2.0, number=7, page_right=True),
        ],
        timings={StepName.PAGE: timings},
        refused=[Refused(3.0, StepName.BUTTON, 503, 2.0)],
        closed={"1012": 2},
        frames=9,
        most_sockets=1,
    )
    again = msgspec.json.decode(msgspec.json.encode(part), type=StampedePart)
    assert again == part
    assert list(again.timings[StepName.PAGE].pairs()) == [(1.5, 0.25), (2.0, 0.5)]


def test_times_that_do_not_match_are_an_error() -> None:
    """Rather than shifted against each other."""
    with pytest.raises(ValueError):
        list(Timings(sent=array("d", [1.5]).tobytes(), took=b"").pairs())
