"""Bodies of the operators' API: what may be left out, and what is too long."""

import msgspec
import pytest

from console.bodies import ModeChange, OperatorSignIn, PaceChange, PeriodDraft


def test_what_is_left_out_is_none() -> None:
    """A draft needs its name, its programme and its opening; the rest is the programme's."""
    draft = msgspec.json.decode(b'{"id": "a", "programme": "demo", "opens_at": "x"}', type=PeriodDraft)
    assert (draft.cap, draft.closes_at, draft.mode) == (None, None, None)
    assert msgspec.json.decode(b"{}", type=PaceChange) == PaceChange()
    assert msgspec.json.decode(b"{}", type=ModeChange) == ModeChange()


@pytest.mark.parametrize(
    "body", [b'{"username": "a"}', b'{"username": "%s", "password": "b"}' % (b"a" * 201), b"[]"]
)
def test_a_sign_in_is_whole_and_short(body: bytes) -> None:
    """Both parts, and a name of 200 characters at most: it is hashed, counted and logged."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=OperatorSignIn)
