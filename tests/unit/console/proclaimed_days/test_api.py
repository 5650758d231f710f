"""What programs send to confirm a day."""

import pytest

from console.proclaimed_days.api import instant_in
from foundation.errors import Code, Refusal


@pytest.mark.parametrize("asked_at", ["", "hier", "2026-01-01T00:00:00", "9" * 50])
def test_an_instant_that_is_none_is_refused(asked_at: str) -> None:
    """With its field."""
    with pytest.raises(Refusal) as refused:
        instant_in(asked_at)
    assert refused.value.code == Code.INVALID
    assert [field["name"] for field in refused.value.fields["fields"]] == ["asked_at"]


def test_an_instant_is_read_as_it_was_told() -> None:
    assert instant_in("2026-11-30T19:00:00.123Z") == 1_796_065_200_123
