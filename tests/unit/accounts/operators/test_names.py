"""Names of staff: a person's, and nobody else's by the look of it."""

import pytest

from accounts.operators import names
from accounts.operators.names import WrongName, checked


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Jeanne", "jeanne"),
        (" agnès ", "agnes"),
        ("o'neil-r.", "o'neil-r."),
        ("m.d@midi.example", None),
        ("éric2", "eric2"),
    ],
)
def test_a_persons_name_is_good(typed: str, stored: str | None) -> None:
    """As it is stored: without the case and the spaces around it."""
    assert checked(typed) == (stored or typed)


@pytest.mark.parametrize(
    "typed",
    [
        "service", "SERVICE", " Service ", "sérvice", "ser-vice", "s e r v i c e", "5erv1ce", "serv\u0131ce",
        "ｓｅｒｖｉｃｅ",
        "command-line", "Command Line", "commandline", "command_line", "commande", "Système", "systeme", "unknown",
        "root", "r00t", "inconnu", "le service", "Guichet",
    ],
)  # fmt: skip
def test_a_reserved_name_is_refused_however_it_is_spelt(typed: str) -> None:
    """Case, accents, spaces, hyphens, digits for letters: to the eye it is the same name."""
    with pytest.raises(WrongName, match="reserved"):
        checked(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "s\u0435rvice",
        "аgnes",
        "agn\u200bes",
        "",
        "   ",
        "1234",
        "--",
        "ag\nnes",
        "ag\0nes",
        "a" * 81,
        "ag<nes",
    ],
)
def test_what_only_looks_like_a_name_is_refused(typed: str) -> None:
    """Another script's letters, what cannot be seen, nothing at all, or more than the audit holds."""
    with pytest.raises(WrongName):
        checked(typed)


def test_names_that_an_eye_takes_for_the_same_look_alike() -> None:
    """And others do not."""
    assert names.look_alike("agnès") == names.look_alike("agnes") == names.look_alike("Agne5")
    assert names.look_alike("agnes") != names.look_alike("agathe")
