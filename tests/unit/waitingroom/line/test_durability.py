"""What a crash of Redis leaves of the line, by what the server says of itself."""

from typing import Any

import pytest

from waitingroom.line.durability import Durability, durability, least


@pytest.mark.parametrize(
    ("said", "appendfsync", "lasting"),
    [
        ({"aof_enabled": 0}, "always", Durability.NONE),
        ({"aof_enabled": "0"}, None, Durability.NONE),
        ({}, "always", Durability.NONE),
        ({"aof_enabled": 1}, "always", Durability.ALL),
        ({"aof_enabled": 1}, "everysec", Durability.SECONDS),
        ({"aof_enabled": 1}, "no", Durability.SECONDS),
        ({"aof_enabled": 1}, None, Durability.UNTOLD),
    ],
)
def test_a_log_that_is_forced_to_the_disk_keeps_all(
    said: dict[str, Any], appendfsync: str | None, lasting: Durability
) -> None:
    """Without a log nothing is kept, whatever snapshots there are; a setting that may not be read is not guessed."""
    assert durability(said, appendfsync) is lasting


def test_of_several_servers_the_weakest_counts() -> None:
    """One primary of a Cluster without a log is a line without one."""
    assert least([Durability.ALL, Durability.SECONDS, Durability.ALL]) is Durability.SECONDS
    assert least([Durability.NONE, Durability.UNTOLD]) is Durability.NONE
    assert least([]) is Durability.UNTOLD
