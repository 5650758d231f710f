"""A secret that was shown and whose first code is waited for: what enrolling is alike in for staff and for candidates.

It is good for a quarter of an hour. It was shown after a password was typed, and is shown again beside a wrong code, so
one that somebody left behind would let whoever finds their browser open set up a second factor of their own. Its first
code is no place to guess either: tries have a budget of their own, which a fresh secret does not make whole.
"""

from accounts.attempts import throttling
from accounts.services import AccountServices
from accounts.sessions import known_name
from accounts.states import SessionRole
from foundation.clock import now_ms
from foundation.encryption.fields import FieldCipher
from server.rendering.forms import ShownRefusal

LASTS_MS = 15 * 60_000

_BETWEEN = " "

TOO_LATE = ShownRefusal(
    "Cette clé n’est plus bonne",
    [
        "Une clé attend son premier code pendant quinze minutes. Rien n’a changé dans votre compte.",
        "Commencez de nouveau : une autre clé vous sera montrée. Effacez l’ancienne de votre application.",
    ],
)

SET_ALREADY = ShownRefusal(
    "C’est déjà activé",
    [
        "Un premier code a été tapé avant celui-ci, peut-être dans un autre onglet.",
        "Les codes de secours y ont été montrés. Si vous ne les avez pas notés, vous pouvez en avoir d’autres ici.",
    ],
)


def sealed(cipher: FieldCipher, field: str, secret: str, now: int) -> str:
    """The secret as it is stored, with the instant at which it was shown."""
    return cipher.encrypt(f"{secret}{_BETWEEN}{now}", field)


def opened(cipher: FieldCipher, field: str, stored: str | None, now: int) -> str | None:
    """The secret; None where there is none, it is too old, none of our keys wrote it, or a release that kept no instant
    did."""
    text = None if stored is None else cipher.decrypt(stored, field)
    secret, _, shown_at = (text or "").partition(_BETWEEN)
    if not shown_at.isdecimal() or not 0 <= now - int(shown_at) < LASTS_MS:
        return None
    return secret


async def charge(services: AccountServices, role: SessionRole, username: str) -> str:
    """Count a try at the first code, before it is looked at; the key of its budget, which a right code forgives.

    Refusal rate_limited.
    """
    key = throttling.key_of(services.secret, known_name(role, username), "first code")
    await services.db.write(lambda conn: throttling.charge(conn, key, now_ms()))
    return key


def past(*, is_set: bool) -> ShownRefusal:
    """What a page says of a first code that no secret waits for. Pure."""
    return SET_ALREADY if is_set else TOO_LATE
