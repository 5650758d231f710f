"""People: spelling does not make somebody else, hashing is bounded, and nobody learns which names exist."""

import asyncio
import threading
from typing import Literal

import argon2
import pytest

from accounts import identities, passwords
from accounts.identities import Identity
from accounts.passwords import Hasher
from foundation.errors import Unavailable
from tests.support.desks import CountingHasher

ANNE = Identity(
    family_name="Lefèvre-Œuvrard", given_name="Anne Marie", birth_date="1985-03-07", passport="12AB 34567"
)

SAME = [
    {"family_name": "LEFEVRE OEUVRARD"},
    {"family_name": "lefe\u0300vre-œuvrard"},
    {"given_name": "Anne-Marie"},
    {"given_name": "ＡＮＮＥ　ＭＡＲＩＥ"},
    {"passport": "12ab-34567"},
    {"birth_date": "1985 03 07"},
]

OTHER = [
    {"family_name": "Lefèvre"},
    {"given_name": "Anne"},
    {"birth_date": "1985-07-03"},
    {"passport": "12AB 34568"},
    {"family_name": "Lefèvre-Œuvrard Anne", "given_name": "Marie"},
]


def spelled(changes: dict[str, str]) -> Identity:
    return Identity(**({name: getattr(ANNE, name) for name in Identity.__struct_fields__} | changes))


@pytest.mark.parametrize("changes", SAME)
def test_a_person_is_the_same_however_they_spell_themselves(changes: dict[str, str]) -> None:
    """Case, accents, ligatures, wide letters, punctuation and spaces make nobody else (AC-03)."""
    assert identities.person(spelled(changes), "k") == identities.person(ANNE, "k")


@pytest.mark.parametrize("changes", OTHER)
def test_another_identity_is_another_person(changes: dict[str, str]) -> None:
    """What differs in a letter or digit, or stands in another field, is somebody else."""
    assert identities.person(spelled(changes), "k") != identities.person(ANNE, "k")


def test_a_person_means_nothing_outside_the_period() -> None:
    """Two periods have two keys: their hashes cannot be compared."""
    assert identities.person(ANNE, "one period's key") != identities.person(ANNE, "another's")


def test_answers_are_compared_as_people_mean_them() -> None:
    """Case, accents, spaces and an empty last field do not count; the order does (AC-01)."""
    text = identities.answers_text(["Érable", "le grand chien"])
    assert identities.answers_text([" ERABLE ", "Le  Grand\tChien", " "]) == text
    assert identities.answers_text(["le grand chien", "Érable"]) != text
    assert identities.answers_text(["Érablelegrand", "chien"]) != text


async def test_all_hashes_are_verified_whatever_the_first_says() -> None:
    """A wrong password, a missing account and a spoilt hash cost as much as a right one."""
    cost = CountingHasher()
    hasher = Hasher(1, cost=cost)
    right, answers = await hasher.hash("secret", "answers")
    assert await hasher.check((right, "secret"), (answers, "answers")) == [True, True]
    for pairs in [((right, "wrong"), (answers, "answers")), ((None, "secret"), (None, "answers"))]:
        before = cost.verified
        assert not all(await hasher.check(*pairs))
        assert cost.verified - before == 2
    assert await hasher.check(("not a hash", "secret")) == [False]
    hasher.close()


async def test_too_many_at_once_are_told_to_come_back() -> None:
    """A line that is full refuses with `unavailable` and a time; who is in it still gets an answer."""
    hold = threading.Event()

    class Slow(argon2.PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - the library's name
            hold.wait(10)
            return super().verify(hash, password)

    hasher = Hasher(1, in_line=2, cost=Slow(time_cost=1, memory_cost=8, parallelism=1))
    (known,) = await hasher.hash("secret")
    waiting = [asyncio.create_task(hasher.check((known, "secret"))) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable) as refused:
        await hasher.check((known, "secret"))
    assert refused.value.fields["retry_after"] > 0
    hold.set()
    assert await asyncio.gather(*waiting) == [[True]] * 3
    assert await hasher.check((known, "secret")) == [True]
    hasher.close()


async def test_a_caller_who_goes_away_keeps_their_place_in_the_line() -> None:
    """Closing the connection frees no thread: a flood of aborted sign-ins cannot outgrow the line."""
    hold = threading.Event()

    class Slow(argon2.PasswordHasher):
        def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
            hold.wait(10)
            return super().hash(password, salt=salt)

    hold.set()
    hasher = Hasher(1, in_line=0, cost=Slow(time_cost=1, memory_cost=8, parallelism=1))
    hold.clear()
    gone = asyncio.create_task(hasher.hash("secret"))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    with pytest.raises(Unavailable):
        await hasher.hash("secret")
    hold.set()
    hasher.close()


def test_the_cost_is_what_owasp_asks_for() -> None:
    """Argon2id with 19 MiB and two passes; less would be cheaper for a thief too."""
    cost = passwords.COST
    assert (cost.type, cost.memory_cost, cost.time_cost, cost.parallelism) == (argon2.Type.ID, 19_456, 2, 1)
