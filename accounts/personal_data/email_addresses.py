"""E-mail addresses: as they were typed, as they are compared (AC-02), and what a slip of the keyboard may have meant.

Pure: nothing is asked of the network. An address is the same whatever its case and composition; a tag behind a plus or
dots before the @ make another one, as only its own provider knows better, and are a signal for people who review.
"""

import unicodedata

import email_validator
import msgspec
from email_validator import EmailNotValidError, validate_email
from rapidfuzz.distance import OSA

from accounts.normalisation import visible

LONGEST = 254
"""Characters: RFC 5321."""

if "invalid" in email_validator.SPECIAL_USE_DOMAIN_NAMES:
    # Examples, tests and the demo write to it (RFC 2606): nothing is ever delivered there, and nobody confirms it.
    email_validator.SPECIAL_USE_DOMAIN_NAMES.remove("invalid")

WELL_KNOWN = (
    "gmail.com", "hotmail.com", "hotmail.fr", "outlook.com", "outlook.fr", "live.com", "live.fr", "live.ca", "msn.com",
    "yahoo.com", "yahoo.fr", "yahoo.ca", "ymail.com", "icloud.com", "me.com", "aol.com", "gmx.com", "gmx.fr",
    "mail.com", "proton.me", "protonmail.com", "videotron.ca", "sympatico.ca", "bell.net", "orange.fr", "wanadoo.fr",
    "free.fr", "sfr.fr", "laposte.net", "bluewin.ch", "skynet.be", "yandex.ru", "mail.ru", "qq.com", "163.com",
    "126.com", "naver.com", "rediffmail.com", "web.de", "libero.it", "uol.com.br", "menara.ma", "topnet.tn",
)  # fmt: skip
"""Domains that most people write from; one slip away from one of them is most likely a slip."""

SAME = {"googlemail.com": "gmail.com"}
"""Domains of one provider, for what is alike."""


class EmailAddress(msgspec.Struct, frozen=True):
    """`typed` is what is shown and written to; `canonical` is what is held unique; `alike` leaves out tags and dots."""

    typed: str
    canonical: str
    alike: str


def read(text: str) -> EmailAddress | None:
    """The address that was typed; None for what is none."""
    typed = visible(text)
    if len(typed) > LONGEST:
        return None
    try:
        found = validate_email(typed, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    canonical = unicodedata.normalize("NFC", found.normalized.casefold())
    local, _, domain = canonical.rpartition("@")
    bare = local.partition("+")[0].replace(".", "") or local
    return EmailAddress(found.normalized, canonical, f"{bare}@{SAME.get(domain, domain)}")


def suggestion(address: EmailAddress) -> str:
    """The address that was most likely meant, one slip away at a well-known domain; empty when there is none.

    Suggested, never required: there are real domains one letter from a known one.
    """
    local, _, domain = address.typed.rpartition("@")
    if domain.casefold() in WELL_KNOWN:
        return ""
    near = [known for known in WELL_KNOWN if OSA.distance(domain.casefold(), known, score_cutoff=1) == 1]
    return f"{local}@{near[0]}" if near else ""
