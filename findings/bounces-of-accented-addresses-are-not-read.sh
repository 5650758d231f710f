#!/bin/sh
# Python 3.11's email package and flufl.bounce 6.0.0: the notification that an address with an accent gets (RFC 6533) is not read as one.
#
# Expected: a mail to « é@… » that comes back is a notification like another: RFC 6533 gives its parts other names, so that they may hold
# UTF-8 (`message/global-delivery-status`, `message/global`), and leaves fields and groups as they are in RFC 3464. Seen: the
# email package splits `message/delivery-status` into its groups, and takes the other name for a mail that was forwarded: one
# message with the first group as its head and all recipients as its text. flufl.bounce, Mailman's reader, looks for the one
# name alone and finds no address, and none either where a server of ASCII writes the accent as `utf-8; \x{E9}@…`.
# Who sends with SMTPUTF8 and goes by either of them writes to an address that is dead for ever.
# For us: `accounts/bounces/notification.py` reads both names and both ways of writing; docs/compatibility.md.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check flufl.bounce==6.0.0
cat > "$folder/bounced.py" <<'PY'
import email
import platform
from importlib.metadata import version

from flufl.bounce import scan_message

REPORT = """\
From: MAILER-DAEMON@mx.exemple.invalid
To: guichet@guichet.invalid
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="B"

--B
Content-Type: text/plain

It came back.
--B
Content-Type: message/{kind}
Content-Transfer-Encoding: 8bit

Reporting-MTA: dns; mx.exemple.invalid

Final-Recipient: {address}
Action: failed
Status: 5.1.1

--B--
"""
KINDS = {
    "ascii": ("delivery-status", "rfc822; eve@exemple.invalid"),
    "global": ("global-delivery-status", "utf-8; ève@exemple.invalid"),
    "global, ascii": ("global-delivery-status", "rfc822; eve@exemple.invalid"),
    "escaped": ("delivery-status", r"utf-8; \x{E8}ve@exemple.invalid"),
}
print("Python", platform.python_version(), "flufl.bounce", version("flufl.bounce"))
for name, (kind, address) in KINDS.items():
    report = email.message_from_bytes(REPORT.format(kind=kind, address=address).encode())
    groups = report.get_payload()[1].get_payload()
    found = sorted(one.decode() for one in scan_message(report))
    print(f"{name}: groups {len(groups)}, of a recipient {sum('Action' in one for one in groups)}, flufl.bounce {found}")
PY
"$folder/env/bin/python" "$folder/bounced.py" > "$folder/seen"
cat "$folder/seen"
want() { grep -qxF "$1" "$folder/seen" || { echo "changed: $1"; exit 1; }; }
want "ascii: groups 2, of a recipient 1, flufl.bounce ['eve@exemple.invalid']"
want "global: groups 1, of a recipient 0, flufl.bounce []"
want "global, ascii: groups 1, of a recipient 0, flufl.bounce []"
want "escaped: groups 2, of a recipient 1, flufl.bounce []"
