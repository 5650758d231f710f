"""Delivery status notifications as mail servers write them."""

NOTIFICATION = """\
From: MAILER-DAEMON@mx.exemple.invalid
To: guichet@guichet.invalid
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

This is the mail system.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.exemple.invalid

{group}
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
) -> bytes:
    """One about a mail of this id to this address; `final` where it was forwarded to another one."""
    group = f"Final-Recipient: rfc822; {final or to}\nAction: {action}\nStatus: {status}\n"
    if final:
        group = f"Original-Recipient: rfc822;{to}\n{group}"
    return NOTIFICATION.format(group=group, kind=kind, id=id, to=to, body="Bonjour.").encode()
