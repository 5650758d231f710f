"""Delivery status notifications as mail servers write them."""

import quopri
from base64 import b64encode

NOTIFICATION = """\
From: MAILER-DAEMON@mx.exemple.invalid
To: guichet@guichet.invalid
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type={told}; boundary="B"

--B
Content-Type: text/plain

This is the mail system.
--B
Content-Type: message/{told}
Content-Transfer-Encoding: {coding}

{status}
--B
Content-Type: {kind}

Message-ID: <{id}@guichet.invalid>
To: {to}
Subject: Un message

{body}
--B--
"""


def notification(
    id: str,
    to: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    kind: str = "message/rfc822",
    final: str = "",
    told: str = "delivery-status",
    form: str = "rfc822",
    coding: str = "8bit",
) -> bytes:
    """One about a mail of this id to this address; `final` where it was forwarded to another one. `told` is the kind of
    the part with the groups, `form` that of addresses (RFC 6533), `coding` how the part is written for the way."""
    group = f"Final-Recipient: {form}; {final or to}\nAction: {action}\nStatus: {status}\n"
    if final:
        group = f"Original-Recipient: {form};{to}\n{group}"
    groups = f"Reporting-MTA: dns; mx.exemple.invalid\n\n{group}".encode()
    match coding:
        case "base64":
            groups = b64encode(groups)
        case "quoted-printable":
            groups = quopri.encodestring(groups)
    return NOTIFICATION.format(
        status=groups.decode(), kind=kind, id=id, to=to, body="Bonjour.", told=told, coding=coding
    ).encode()
