"""Which passwords are taken, as a table, and what is said of the others."""

import time

import pytest

from accounts.secrets import password_rules
from accounts.secrets.password_rules import PasswordFault, fault_of

OWN = ("anne.roy", "anne.roy@exemple.test", "Roy", "Anne-Sophie", "Programme de démonstration")

F = PasswordFault

TABLE = {
    "trente-deux girafes sous la pluie": None,
    "correct horse battery staple": None,
    "tremble lampe quartz neuf": None,
    "Kx9#fPq2!vLw": None,
    "une phrase sans rapport aucun": None,
    "Montréal2016!": F.COMMON,
    "montréal-hiver-2016": F.COMMON,
    "motdepasse123456": F.COMMON,
    "m0td3p@sse2024!!": F.COMMON,
    "J3t'@im3J3t'@im3": F.COMMON,
    "iloveyouiloveyou": F.COMMON,
    "Nicolas-Julie-2024": F.COMMON,
    "anne.roy anne.roy": F.OWN,
    "Anne-Sophie-1990!": F.OWN,
    "demonstration-2026": F.OWN,
    "aaaaaaaaaaaaaaaaaaaa": F.PATTERN,
    "azertyuiopqsdfghjklm": F.PATTERN,
    "987654321098765432": F.PATTERN,
    "198719881989199019911992": F.PATTERN,
    "Guichet des demandes": F.COMMON,
    "guichetdesdemandes2016": F.COMMON,
    "court": F.SHORT,
    "": F.SHORT,
    "x" * 1001: F.LONG,
    "trente girafes\u202e sous la pluie": F.UNSEEN,
}


@pytest.mark.parametrize(("password", "fault"), TABLE.items(), ids=[str(n) for n in range(len(TABLE))])
def test_the_table(password: str, fault: PasswordFault | None) -> None:
    """Long and unexpected is taken; what a guesser tries first is not, whatever stands for its letters."""
    assert fault_of(password, OWN) == fault


def test_composed_or_not_a_password_is_the_same() -> None:
    """Accents count as one character, however a keyboard sends them."""
    assert fault_of("e\u0301" * 11) is F.SHORT


def test_every_fault_says_why_and_what_to_do() -> None:
    """Two clauses at least, and never the password."""
    assert set(password_rules.SENTENCES) == set(F)
    assert all(said.count(":") + said.count(".") >= 2 for said in password_rules.SENTENCES.values())


def test_the_longest_text_keeps_nobody_waiting() -> None:
    """A thousand characters are judged in some milliseconds, by the event loop: the time grows with the length, not
    with its square. Of the processor's time the least of several, which other work lengthens least."""

    def least(times: int) -> float:
        took = []
        for _ in range(7):
            began = time.thread_time()
            fault_of("quebec1é" * times, OWN)
            took.append(time.thread_time() - began)
        return min(took)

    least(125)
    assert least(125) < 5 * 3 * least(25)
