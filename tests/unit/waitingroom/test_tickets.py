"""Tickets: signed by the newest key, read by every key there is, and by the library's own reading of the format."""

import hashlib

import msgspec
import pytest
from itsdangerous import Signer

from tests.support.rooms import KEYS
from tests.unit.waitingroom.joins.test_proof_of_work import UID
from waitingroom.tickets import Ticket, Tickets


def test_an_entry_says_since_when_it_owes() -> None:
    """Signed like the rest of it; while it owes it has no number, also when the order is known."""
    tickets = Tickets(KEYS)
    owing = Ticket(UID, 0, "a", 2, owes=1_700_000_000_000)
    text = tickets.issue(owing)
    assert tickets.read(text) == owing
    assert tickets.read(text.replace("e2.", "e1.", 1)) is None
    tickets.orders[UID] = (0, 2, 1)
    assert tickets.read(text) == owing
    assert tickets.read(tickets.issue(msgspec.structs.replace(owing, owes=0))) == Ticket(UID, 1, "a", 2)


def test_a_ticket_says_since_when_it_owes() -> None:
    """Signed like the rest of it; a ticket of before owes nothing."""
    tickets = Tickets(KEYS)
    for ticket in (Ticket(UID, 7, "a"), Ticket(UID, 7, "a", owes=1_700_000_000_000)):
        assert tickets.read(tickets.issue(ticket)) == ticket
    owing = tickets.issue(Ticket(UID, 7, "a", owes=1_700_000_000_000))
    assert tickets.read(owing.replace("v2.", "v1.", 1)) is None
    assert tickets.read(owing.replace(".1700000000000", "", 1)) is None


OLD, NEW = "the key of last year, long enough to be one", "the key of this year, long enough to be one"

TICKET = Ticket("uid", 12, "0" * 32)


def library(*keys: str) -> Signer:
    """The library as it is, without anything of ours."""
    return Signer(
        list(reversed(keys)), salt="ticket", sep=".", key_derivation="hmac", digest_method=hashlib.sha256
    )


def test_a_ticket_is_what_the_library_would_sign() -> None:
    """The short cut changes no byte: what was signed before is read, and the other way round."""
    text = Tickets([NEW, OLD]).issue(TICKET)
    assert text == library(NEW, OLD).sign("v1.uid.12." + "0" * 32).decode()
    assert Tickets([NEW]).read(text) == TICKET


def test_keys_rotate() -> None:
    """The first key signs, all verify; a key that is gone verifies no more."""
    old = Tickets([OLD]).issue(TICKET)
    assert Tickets([NEW, OLD]).read(old) == TICKET
    assert Tickets([NEW]).read(old) is None
    visitor = Tickets([OLD]).new_visitor()
    assert Tickets([NEW, OLD]).visitor(visitor) == Tickets([OLD]).visitor(visitor) is not None
    assert Tickets([NEW]).visitor(visitor) is None
    assert Tickets([OLD]).read(visitor) is None


def test_what_was_just_signed_is_expected_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its signature is not looked at again; a text that differs by a letter is, and the oldest is forgotten."""
    tickets = Tickets(KEYS)
    text = tickets.issue(TICKET)
    tickets.expect(text, TICKET)
    monkeypatch.setattr("waitingroom.tickets.REMEMBERED", 2)
    looked: list[str] = []
    verified = tickets._verified

    def counted(asked: str) -> Ticket | None:
        looked.append(asked)
        return verified(asked)

    monkeypatch.setattr(tickets, "_verified", counted)
    assert tickets.read(text) == TICKET
    assert tickets.read(text[:-1] + ("A" if text[-1] != "A" else "B")) is None
    assert len(looked) == 1
    for number in (13, 14):
        one = Ticket("uid", number, "0" * 32)
        assert tickets.read(tickets.issue(one)) == one
    assert tickets.read(text) == TICKET
    assert looked[-1] == text
