"""What a test says of a refusal."""

from typing import Any

import pytest

from foundation.errors import Refusal


async def refusal_of(work: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await work
    return refused.value


async def code_of(work: Any) -> str:
    return (await refusal_of(work)).code
