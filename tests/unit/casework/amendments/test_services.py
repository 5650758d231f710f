"""The services have what opens amendments."""

from casework.amendments.sealing import AmendmentContent
from casework.amendments.services import amendment_services
from submission.forms.files import Forms
from tests.support.rooms import KEYS


def test_what_one_process_seals_another_opens() -> None:
    """With the same keys."""
    one, other = (amendment_services({}, Forms([]), KEYS) for _ in range(2))
    content = AmendmentContent("1", {}, [])
    assert other.cipher.opened(1, 1, one.cipher.seal(1, 1, content)) == content
