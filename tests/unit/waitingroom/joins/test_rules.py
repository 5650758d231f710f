"""The rules of joining in their order, and the terms of a proof of work."""

from typing import Any, cast

import pytest

from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from tests.support.rooms import KEYS
from tests.unit.waitingroom.test_states import period
from waitingroom.device import Verdict
from waitingroom.joins.limits import JoinLimits
from waitingroom.joins.proof_of_work import WAIT_MS
from waitingroom.joins.proofs import Proofs
from waitingroom.joins.rules import JoinRequest, JoinRules
from waitingroom.line.states import JoinTerms
from waitingroom.tickets import Ticket, Tickets

COMPUTER, PHONE = Verdict(True, "windows", "system", {}), Verdict(False, "phone", "system", {})

KEY = "k" * 22


class Taken:
    """Proofs that are all right, and who showed them; limits that say what the test says."""

    def __init__(self, crowded: bool = False) -> None:
        self.owners: list[str] = []
        self.waited_at: list[str] = []
        self.crowd = crowded

    async def take(self, _period: object, _text: str, owner: str) -> None:
        self.owners.append(owner)

    def crowded(self, _address: str) -> bool:
        return self.crowd

    def waited(self, address: str) -> None:
        self.waited_at.append(address)


def asked(owed: int | None = None, **values: Any) -> JoinRequest:
    """`owed`: for so many milliseconds its ticket has owed a proof, from when this is called."""
    if owed is not None:
        values["ticket"] = owing(now_ms() - owed)
    given: dict[str, Any] = {
        "address": "192.0.2.1",
        "verdict": COMPUTER,
        "key": None,
        "ticket": None,
        "visitor": "v",
    }
    return JoinRequest(**given | values)


def owing(since: int) -> Ticket:
    return Ticket("0", 7, "of the ticket", owes=since)


async def terms(request: JoinRequest, proof: bool = False, crowded: bool = False) -> JoinTerms:
    seen = Taken(crowded)
    rules = JoinRules(Tickets(KEYS), cast(JoinLimits, seen), cast(Proofs, seen))
    return await rules.terms(period(proof=proof), request, None)


@pytest.mark.parametrize(
    ("values", "proof", "crowded", "found"),
    [
        ({}, False, False, JoinTerms.PLAIN),
        ({}, True, False, JoinTerms.NONE),
        ({"later": True}, True, False, JoinTerms.OWES),
        ({"proof": "text"}, True, False, JoinTerms.PROVED),
        ({"proof": "text"}, False, False, JoinTerms.PLAIN),
        ({}, False, True, JoinTerms.OWES),
        ({"visitor": None}, False, True, JoinTerms.PLAIN),
        ({"ticket": Ticket("0", 7, "v")}, False, True, JoinTerms.PLAIN),
        ({"owed": 0}, False, False, JoinTerms.OWES),
        ({"owed": 0}, True, False, JoinTerms.NONE),
        ({"owed": 0, "later": True}, True, False, JoinTerms.OWES),
        ({"owed": 0, "proof": "text"}, False, False, JoinTerms.PROVED),
        ({"owed": WAIT_MS}, False, False, JoinTerms.PROVED),
        ({"owed": WAIT_MS}, True, False, JoinTerms.PROVED),
    ],
)
async def test_the_terms_of_a_join(
    values: dict[str, Any], proof: bool, crowded: bool, found: JoinTerms
) -> None:
    """A proof, or a minute of waiting, frees; where neither came, what is asked for and what the crowd says."""
    assert await terms(asked(**values), proof, crowded) is found


async def test_a_proof_belongs_to_the_ticket_before_the_key_and_the_key_before_the_visitor() -> None:
    """Whoever may show it again is known by what lasts longest."""
    seen = Taken()
    rules = JoinRules(Tickets(KEYS), cast(JoinLimits, seen), cast(Proofs, seen))
    row = period(proof=True)
    await rules.terms(row, asked(proof="text", ticket=owing(now_ms())), "key")
    await rules.terms(row, asked(proof="text"), "key")
    await rules.terms(row, asked(proof="text"), None)
    assert seen.owners == ["of the ticket", "key", "v"]


async def test_who_waited_is_counted_by_address() -> None:
    """Robots wait as well as anybody: so many addresses, so many numbers a second."""
    seen = Taken()
    rules = JoinRules(Tickets(KEYS), cast(JoinLimits, seen), cast(Proofs, seen))
    await rules.terms(period(), asked(ticket=owing(now_ms() - WAIT_MS)), None)
    assert seen.waited_at == ["192.0.2.1"]


def rules() -> JoinRules:
    return JoinRules(Tickets(KEYS), JoinLimits(on=True), cast(Proofs, None))


def test_a_device_that_may_not_apply_is_refused_before_its_key_is_read() -> None:
    """DV-02: with the family that it was taken for."""
    with pytest.raises(Refusal) as refused:
        rules().admit(asked(verdict=PHONE, key="short"))
    assert (refused.value.code, refused.value.fields) == (Code.DEVICE_REFUSED, {"family": "phone"})


@pytest.mark.parametrize("key", ["k" * 21, "k" * 256, "é" * 30])
def test_a_key_that_could_be_guessed_is_invalid(key: str) -> None:
    """An idempotency key is a place: 22 to 255 characters of ASCII."""
    with pytest.raises(Refusal) as refused:
        rules().admit(asked(key=key))
    assert refused.value.code == Code.INVALID
    assert refused.value.fields["fields"][0]["name"] == "Idempotency-Key"


def test_a_key_is_kept_as_its_hash_and_none_is_none() -> None:
    """The line never sees the key itself."""
    assert rules().admit(asked(key=KEY)) == Tickets(KEYS).key(KEY) != KEY
    assert rules().admit(asked()) is None
