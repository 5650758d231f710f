"""The way to a withdrawal is shown while there is one."""

from types import SimpleNamespace
from typing import Any

import pytest

from casework.files.states import FileStatus
from casework.withdrawal.means import WITHDRAWABLE
from casework.withdrawal.section import withdrawal_section


@pytest.mark.parametrize("status", list(FileStatus))
async def test_it_is_there_until_a_decision_or_an_end(status: FileStatus) -> None:
    view: Any = SimpleNamespace(status=status, number="D-0000001-95")
    found = await withdrawal_section(None, view)  # type: ignore[arg-type]
    assert (found is not None) == (status in WITHDRAWABLE)
