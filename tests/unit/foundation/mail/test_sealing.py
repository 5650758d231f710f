"""Mail at rest is encrypted with the keys that the process named."""

import pytest

from foundation.mail import sealing
from tests.support.rooms import KEYS


def test_a_process_names_its_keys_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first encrypts, all decrypt; without any nothing is posted."""
    monkeypatch.setattr(sealing, "_cipher", None)
    with pytest.raises(sealing.NotSealed):
        sealing.cipher()
    sealing.seal_with(KEYS)
    sealed = sealing.cipher().encrypt("bonjour", sealing.field("k", "text"))
    sealing.seal_with(("another key of thirty-two characters", *KEYS))
    assert sealing.cipher().decrypt(sealed, sealing.field("k", "text")) == "bonjour"
    assert sealing.cipher().decrypt(sealed, sealing.field("k", "recipient")) is None
