"""Which names a member of staff may have: one that is a person's, and cannot be read as another's (P17). Pure."""

import unicodedata

from accounts.identities import known_as
from accounts.normalisation import is_unseen, letters
from foundation import audit

RESERVED = frozenset(
    {
        audit.SERVICE, audit.COMMAND_LINE, audit.UNKNOWN,
        "services", "le service", "commandline", "commande", "commandes", "ligne de commande", "console", "terminal",
        "guichet", "systeme", "system", "root", "toor", "superuser", "super-utilisateur", "sudo", "daemon",
        "inconnu", "anonyme", "anonymous", "nobody", "personne", "none", "null", "nul",
        "ticker", "worker", "web", "release", "scheduler", "horloge", "automate", "robot",
    }
)  # fmt: skip
"""Names of nobody: the audit's own, and what reads like the service or its machine in a list of people."""

LONGEST = audit.LONGEST_ACTOR
"""Characters: a longer one would be cut in the audit."""

_PUNCTUATION = frozenset(" .-_'’@+")

_LOOKS_LIKE = str.maketrans("0135i", "olesl")


class WrongName(ValueError):
    """A name that no member of staff may have; the text is a sentence that says why."""


def checked(name: str) -> str:
    """The name as it is stored. Raises WrongName."""
    if any(is_unseen(letter) or letter in "\t\n\r\v\f" for letter in name.strip()):
        raise WrongName("The name has a character that nobody sees: type it anew.")
    known = known_as(name)
    if not known:
        raise WrongName("The name is empty: give a person's.")
    if len(known) > LONGEST:
        raise WrongName(f"The name is longer than {LONGEST} characters.")
    if not any(map(str.isalpha, known)) or not all(map(_is_plain, known)):
        raise WrongName("A name has Latin letters, digits and . - _ ' @ +, and nothing that looks like them.")
    if is_reserved(known):
        raise WrongName(
            f"The name {known} is reserved: in the audit it would be read as the service's. Give a person's."
        )
    return known


def is_reserved(name: str) -> bool:
    """Whether this is a name of nobody, however it is spelt."""
    return look_alike(name) in _RESERVED_LOOKS


def look_alike(name: str) -> str:
    """What two names have in common that an eye takes for the same: only letters, without case, accents, 0 for o."""
    return letters(name).translate(_LOOKS_LIKE)


_RESERVED_LOOKS = frozenset(map(look_alike, RESERVED))


def _is_plain(letter: str) -> bool:
    """A letter of another script may look like one of ours; an invisible one like nothing."""
    if letter.isascii():
        return letter.isalnum() or letter in _PUNCTUATION
    return letter in _PUNCTUATION or (letter.isalpha() and unicodedata.name(letter, "").startswith("LATIN"))
