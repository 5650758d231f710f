"""What the outside world refuses is one sentence."""

import errno

import pytest
import sqlalchemy as sa

from config.failures import Failed, sentence


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (OSError(errno.ENOSPC, "x", "/data/file"), "no space left on the disk (/data/file)"),
        (OSError(errno.EACCES, "x"), "not permitted"),
        (OSError(errno.EROFS, "x"), "read-only"),
        (OSError(errno.EADDRINUSE, "x"), "address is taken"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "does not answer"),
        (TimeoutError(), "in time"),
        (
            sa.exc.OperationalError("insert", {"password": "secret"}, Exception("database or disk is full")),
            "disk is full",
        ),
        (Failed("This."), "This."),
    ],
)
def test_what_the_world_refuses_is_a_sentence(problem: BaseException, words: str) -> None:
    """Disk, permissions, ports and servers: each has a sentence, without values."""
    said = sentence(problem)
    assert words in said
    assert said.endswith(".")
    assert "secret" not in said
