"""Delivery status notifications: which mail came back for good, and everything else that arrives at such an address."""

import pytest

from accounts.bounces.notification import MOST_BYTES, Bounce, NotANotification, read
from tests.support.people.notifications import notification

ID = "0123456789abcdef" * 2

TO = "eve@exemple.invalid"


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_mail_that_failed_for_good_is_told(kind: str) -> None:
    """Whether the whole mail comes back or its head alone."""
    assert read(notification(ID, TO, kind=kind)) == [Bounce(ID, TO, "5.1.1")]


def test_the_address_that_was_written_to_counts() -> None:
    """Not the one that it was forwarded to."""
    assert read(notification(ID, TO, final="autre@ailleurs.invalid")) == [Bounce(ID, TO, "5.1.1")]


@pytest.mark.parametrize(
    ("action", "status"), [("delayed", "4.4.1"), ("delivered", "2.0.0"), ("failed", "4.2.2"), ("failed", "x")]
)
def test_what_is_not_for_good_is_nothing(action: str, status: str) -> None:
    """A delay, a success, a full mailbox."""
    assert read(notification(ID, TO, action=action, status=status)) == []


BAD = {
    "nothing": b"",
    "noise": bytes(range(256)) * 50,
    "a letter": b"From: eve@exemple.invalid\nSubject: Bonjour\n\nMerci.",
    "no parts": b"Content-Type: multipart/report; report-type=delivery-status\n\nrien",
    "no status": b'Content-Type: multipart/report; boundary="B"\n\n--B\nContent-Type: text/plain\n\nx\n--B--\n',
    "of another": notification("rien", TO),
    "without the mail": notification(ID, TO, kind="image/png"),
    "too long": b"x" * (MOST_BYTES + 1),
    "cut": notification(ID, TO)[:300],
    "deep": b'Content-Type: multipart/report; boundary="B"\n\n'
    + b"--B\nContent-Type: message/rfc822\n\n" * 200,
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_notification_is_refused_with_a_reason(what: str) -> None:
    """Never with anything else, and without a word of what came."""
    with pytest.raises(NotANotification) as refused:
        read(BAD[what])
    assert "exemple" not in str(refused.value)


def test_a_recipient_that_is_none_is_left_out() -> None:
    """Odd bytes in a group hurt nobody."""
    assert read(notification(ID, "\x00<>")) == []
