"""What speaks for a file, in points and reasons."""

from accounts.identities import Identity
from casework.mailroom.guessing.guesses import (
    GUESSED_FROM,
    POINTS,
    WORDS,
    NumberSlip,
    OtherSign,
    PossibleFile,
    guessed,
    likely,
)
from casework.mailroom.guessing.hints import MailHints

ANNE = Identity(family_name="Roy", given_name="Anne", birth_date="1985-04-02", passport="AB1")

LUC = Identity(family_name="Tremblay", given_name="Luc", birth_date="1985-04-02", passport="AB2")


def file(number: int, identity: Identity, country: str = "FR", due: int | None = 78_300) -> PossibleFile:
    """A file that is looked at."""
    return PossibleFile(submission=number, identity=identity, country=country, due=due)


def test_every_sign_has_its_words() -> None:
    """And none of the little ones is enough by itself, nor all of them together."""
    assert set(POINTS) <= set(WORDS)
    assert POINTS[OtherSign.AMOUNT] + POINTS[OtherSign.COUNTRY] < GUESSED_FROM
    assert all(POINTS[slip] >= GUESSED_FROM for slip in NumberSlip)


def test_the_likeliest_is_first_and_says_why() -> None:
    """A name alone is a guess; name, amount and country are a better one; a stranger is none."""
    hints = MailHints(name="ROY, Anne", country="France")
    slips = {2: "digit"}
    found = guessed(hints, 78_300, slips, [file(1, LUC), file(2, LUC, "CA", None), file(3, ANNE)])
    assert [one.submission for one in found] == [3, 2]
    assert found[0].signs == ("name_order", "amount", "country") and found[0].points == 53
    assert found[0].reasons[1:] == ["Le montant est celui des frais à payer", "Même pays de résidence"]
    assert (found[1].signs, found[1].points) == (("digit",), 40)


def test_a_little_is_kept_and_not_shown() -> None:
    """A family name alone is a sign, and worth no look, also with the right amount."""
    found = guessed(MailHints(name="Roy"), 78_300, {}, [file(1, LUC), file(3, ANNE)])
    assert [one.submission for one in found] == [3] and likely(found) == []


def test_nothing_known_is_nobody() -> None:
    """No name, no number: no guess, whatever the amount."""
    assert guessed(MailHints(country="FR"), 78_300, {}, [file(1, ANNE)]) == []
