"""What a test says of a refusal."""

from collections.abc import Callable
from typing import Any

import pytest

from foundation.errors import Refusal


async def refusal_of(work: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await work
    return refused.value


async def code_of(work: Any) -> str:
    return (await refusal_of(work)).code


def refused_with(decide: Callable[..., object], *values: object) -> str:
    """The code that a decision refuses with; empty when it does not."""
    try:
        decide(*values)
    except Refusal as refusal:
        return refusal.code
    return ""
