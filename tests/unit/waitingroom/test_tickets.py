"""Tickets: signed by the newest key, read by every key there is, and by the library's own reading of the format."""

import hashlib

from itsdangerous import Signer

from waitingroom.tickets import Ticket, Tickets

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
