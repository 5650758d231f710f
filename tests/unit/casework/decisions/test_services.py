"""A reason opens in its own row alone."""

import pytest

from accounts.personal_data.fields import UnreadableField
from tests.support.casework.lists import DECISIONS


def test_a_reason_opens_in_its_row_alone() -> None:
    sealed = DECISIONS.sealed(1, 2, "Un motif.")
    assert DECISIONS.opened(1, 2, sealed) == "Un motif."
    with pytest.raises(UnreadableField):
        DECISIONS.opened(1, 3, sealed)
