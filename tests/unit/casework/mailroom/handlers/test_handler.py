"""Kinds that trigger nothing do nothing, whatever they are given."""

from typing import Any

from casework.mailroom.handlers.handler import do_nothing, take_nothing_back


async def test_nothing_is_asked_of_the_store() -> None:
    """Neither to be done nor to be taken back."""
    nothing: Any = None
    await do_nothing(nothing, nothing, nothing, nothing)
    await take_nothing_back(nothing, nothing, nothing, "")
