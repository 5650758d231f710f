"""A mail as the bytes that go over SMTP (RFC 5322). Pure."""

from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

import msgspec
from email_validator import EmailNotValidError, validate_email

from foundation.clock import montreal


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A mail as it is read to be sent: `id` is the left part of its Message-ID, `at` the instant of its Date."""

    to: str
    title: str
    text: str
    id: str
    at: int


class Sender(msgspec.Struct, frozen=True):
    """Whom mail comes from: the address, and the name of the service."""

    address: str
    name: str

    @property
    def host(self) -> str:
        return self.address.rpartition("@")[2]


NOWHERE = ".invalid"
"""The ending of addresses that can be nobody's (RFC 2606): the demo's and the tests'. The library refuses it, and takes
`.test` where it is told."""


class _Policy(EmailPolicy):
    """SMTP's, but for two headers: where the library folds a line between words that are not ASCII, it may lose the
    blank (« l’Immigrationà Québec », Python 3.11); its older `Header` does not."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name not in ("From", "Subject") or str(value).isascii():
            return super().fold_binary(name, value)
        shown, address = str(value), ""
        if name == "From":
            (sender,) = value.addresses
            shown, address = sender.display_name, f"\r\n <{sender.addr_spec}>"
        words = Header(shown, "utf-8", header_name=name).encode(linesep="\r\n")
        return f"{name}: {words}{address}\r\n".encode()


def mailbox(address: str) -> str:
    """The address as SMTP takes it: its domain in ASCII, which aiosmtplib insists on; an accent before the @ stays.

    Raises ValueError for what is no address.
    """
    given, ending = address, ""
    if address.lower().endswith(NOWHERE):
        given, ending = f"{address[: -len(NOWHERE)]}.test", NOWHERE
    try:
        found = validate_email(given, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise ValueError("must be an e-mail address") from None
    domain = found.ascii_domain.removesuffix(".test") + ending if ending else found.ascii_domain
    return f"{found.local_part}@{domain}"


def message(letter: Letter, sender: Sender) -> bytes:
    """The whole message, the same each time it is made: a second copy is recognised by its Message-ID.

    The mailbox is one-way (DM-03), so there is no Reply-To: an answer by mail goes to the installation's MAIL_FROM, and
    pages say where to write or call.
    """
    to = mailbox(letter.to)
    made = EmailMessage(policy=_Policy(linesep="\r\n", utf8=not to.isascii()))
    made["From"] = Address(sender.name, addr_spec=sender.address)
    made["To"] = to
    made["Subject"] = letter.title
    made["Date"] = format_datetime(montreal(letter.at))
    made["Message-ID"] = f"<{letter.id}@{sender.host}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office note answers it
    made.set_content(letter.text, charset="utf-8", cte="quoted-printable")
    made["Content-Language"] = "fr-CA"
    return made.as_bytes()
