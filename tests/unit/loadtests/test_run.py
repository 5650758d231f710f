"""A minute of load on a fresh demo: what is sampled meanwhile."""

import os
import socket

import pytest

from loadtests.run import OF_SHAPE, LoadSample, LoadWatch, free_port, look
from loadtests.shapes import SHAPES, LoadShape


def test_memory_and_sockets_are_those_of_the_processes() -> None:
    """A process that has ended counts nothing."""
    before = look([os.getpid()])
    with socket.socket():
        after = look([os.getpid(), 2**22 + 1])
    assert after.sockets == before.sockets + 1
    assert before.rss_bytes > 1_000_000


def test_a_connection_costs_what_grew_when_the_most_were_first_held() -> None:
    """Later the memory of Argon2 and of answers is in the growth too."""
    watch = LoadWatch([])
    watch.samples = [
        LoadSample(1_000, 5),
        LoadSample(2_000, 10),
        LoadSample(11_000, 104),
        LoadSample(90_000, 105),
    ]
    assert watch.per_connection() == (101, 99)
    watch.samples = [LoadSample(1_000, 5)]
    assert watch.per_connection() == (0, 0)


def test_what_a_shape_needs_is_of_a_shape_that_there_is() -> None:
    """By its name."""
    assert set(OF_SHAPE) <= set(SHAPES)


def test_a_free_port_is_free() -> None:
    """For the moment: it can be listened on."""
    with socket.create_server(("127.0.0.1", free_port())):
        pass


@pytest.mark.parametrize("shape", list(SHAPES))
def test_a_shape_ends(shape: LoadShape) -> None:
    """Its last stage is the latest."""
    ends = [until for until, _, _ in SHAPES[shape].stages]
    assert ends == sorted(ends)
