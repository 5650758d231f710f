"""A delivery status notification (RFC 3464, RFC 6533): which of our mails came back, for whom, for good or not. Pure.

Anybody can write to the address that mail comes from. So nothing of a notification is believed but the Message-ID of
the mail that came back, a random number that only its reader has seen; `recording.py` compares the rest with what is on
file. Read by the standard library's email package, which takes any bytes.
"""

import re
import sys
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import parseaddr
from typing import Any, Final

import msgspec

MOST_BYTES: Final = 1024 * 1024
"""Of a notification; one that brings a whole mail of ours back has some ten KiB."""

MOST_RECIPIENTS: Final = 20
"""Groups of recipients that are looked at: a mail of ours has one."""

_OURS = re.compile(r"<([0-9a-f]{32})@[^<>\s]{1,255}>")
"""The Message-ID of a mail of ours (`foundation/mail/outgoing.py`)."""

_PERMANENT = re.compile(r"5\.\d{1,3}\.\d{1,3}")

_ASCII, _GLOBAL = "message/delivery-status", "message/global-delivery-status"
"""How the part with the groups is called; the second one about a mail with an accent in an address (RFC 6533)."""

_BLANK_LINES = re.compile(r"(?:\r?\n){2,}")

_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")
"""A character of an address where the notification is in ASCII (RFC 6533, 3)."""


class NotANotification(Exception):
    """What came is no delivery status notification about a mail of ours; the message says why, and quotes nothing."""


class Bounce(msgspec.Struct, frozen=True):
    """A mail that came back for good: the left part of its Message-ID, the address as the notification has it, and the
    enhanced status (RFC 3463), such as 5.1.1."""

    message_id: str
    recipient: str
    status: str


def read(raw: bytes) -> list[Bounce]:
    """The addresses for which it failed for good; none for a delay, a relay or a success. Raises NotANotification."""
    if len(raw) > MOST_BYTES:
        raise NotANotification(f"it is longer than {MOST_BYTES // 1024} KiB")
    message = message_from_bytes(raw)
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        raise NotANotification("it is no multipart/report (RFC 6522)")
    parts: list[Message] = [part for part in message.get_payload() if isinstance(part, Message)]
    told = next((part for part in parts if part.get_content_type() in (_ASCII, _GLOBAL)), None)
    if told is None or not told.is_multipart():
        raise NotANotification("it has no message/delivery-status (RFC 3464)")
    ours = next((id for part in parts if part is not told and (id := _id_of(part))), "")
    if not ours:
        raise NotANotification("the mail that it brings back has no Message-ID of ours")
    groups = [group for group in _groups(told) if isinstance(group, Message)][:MOST_RECIPIENTS]
    return [bounce for group in groups if (bounce := _bounce(ours, group)) is not None]


def _groups(told: Message) -> list[Any]:
    """The groups of fields. The email package splits the older kind of part alone, and takes the other one for a mail
    that was forwarded: its first group for the head, all that follows for the text
    (`findings/bounces-of-accented-addresses-are-not-read.sh`)."""
    (whole, *_) = groups = list(told.get_payload())
    if told.get_content_type() == _ASCII or not isinstance(whole, Message):
        return groups
    body = whole.get_payload(decode=True)
    carrier = Message()
    carrier["Content-Transfer-Encoding"] = str(told.get("Content-Transfer-Encoding", ""))
    head = "".join(f"{name}: {value}\n" for name, value in whole.raw_items())
    rest = body.decode("ascii", "surrogateescape") if isinstance(body, bytes) else ""
    carrier.set_payload(f"{head}\n{rest}")
    content = carrier.get_payload(decode=True)
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
    return [message_from_string(group) for group in _BLANK_LINES.split(text)]


def _id_of(part: Message) -> str:
    """The id of the mail that came back, whole (message/rfc822) or by its head (text/rfc822-headers), or the same of a
    mail with an accent in an address (RFC 6533), which the email package reads as it does the first."""
    whole = ("message/rfc822", "message/global", "message/global-headers")
    if part.get_content_type() in whole and part.is_multipart():
        inner = next((one for one in part.get_payload() if isinstance(one, Message)), None)
        head = "" if inner is None else inner.get("Message-ID", "")
    elif part.get_content_type() == "text/rfc822-headers":
        text = part.get_payload(decode=True)
        head = message_from_bytes(text).get("Message-ID", "") if isinstance(text, bytes) else ""
    else:
        return ""
    found = _OURS.search(str(head))
    return found[1] if found else ""


def _bounce(ours: str, group: Message) -> Bounce | None:
    """A recipient's group, if it failed for good. `Original-Recipient` is what we wrote to, before any forwarding."""
    if str(group.get("Action", "")).strip().lower() != "failed":
        return None
    status = _PERMANENT.search(str(group.get("Status", "")))
    named = str(group.get("Original-Recipient") or group.get("Final-Recipient") or "")
    kind, _, address = named.partition(";")
    if kind.strip().lower() == "utf-8":
        address = _ESCAPED.sub(_character, address)
    recipient = parseaddr(address.strip())[1]
    return None if status is None or not recipient else Bounce(ours, recipient, status[0])


def _character(escaped: re.Match[str]) -> str:
    """What is written as its number; as it stands where there is no such character."""
    code = int(escaped[1], 16)
    return escaped[0] if code > sys.maxunicode or 0xD800 <= code <= 0xDFFF else chr(code)
