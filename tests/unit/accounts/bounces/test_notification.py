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


ACCENTED = "ève@exemple.invalid"

HEADS = ["message/global", "message/global-headers", "message/rfc822"]


@pytest.mark.parametrize("coding", ["8bit", "quoted-printable", "base64"])
@pytest.mark.parametrize("kind", HEADS)
def test_an_address_with_an_accent_comes_back_too(kind: str, coding: str) -> None:
    """Its notification has parts of other names, which the email package does not take apart (RFC 6533)."""
    told = notification(ID, ACCENTED, kind=kind, told="global-delivery-status", form="utf-8", coding=coding)
    assert read(told) == [Bounce(ID, ACCENTED, "5.1.1")]


def test_several_recipients_of_a_part_in_utf_8_are_several() -> None:
    """Each group is one, whatever stands before and behind it."""
    told = notification(ID, f"{ACCENTED}\nAction: failed\nStatus: 5.2.1\n\nFinal-Recipient: utf-8; ô@exemple.invalid",
                        told="global-delivery-status", form="utf-8")  # fmt: skip
    assert read(told) == [Bounce(ID, ACCENTED, "5.2.1"), Bounce(ID, "ô@exemple.invalid", "5.1.1")]


def test_a_server_of_ascii_writes_the_accent_as_a_number() -> None:
    """In the part of the older name; what is no character stays as it is written."""
    assert read(notification(ID, r"\x{E8}ve@exemple.invalid", form="utf-8")) == [
        Bounce(ID, ACCENTED, "5.1.1")
    ]
    (odd,) = read(notification(ID, r"\x{FFFFFF}\x{D800}@exemple.invalid", form="utf-8"))
    assert "{FFFFFF}" in odd.recipient and "{D800}" in odd.recipient


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
    "global, cut": notification(ID, TO, told="global-delivery-status")[:330],
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
