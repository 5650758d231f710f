"""Forged and altered tickets, tokens, visitor cookies and keys: each is as none, and nobody gets ahead by one."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import OKPKey

from tests.support.people.attackers import AttackSiege, Ground
from tests.support.rooms import KEYS
from waitingroom.tickets import Ticket, Tickets
from waitingroom.tokens import BothNames, Tokens

pytestmark = pytest.mark.asyncio(loop_scope="module")

OTHER_KEYS = ("another service's key, as long as ours",)


Forge = Callable[[str, AttackSiege], str]
"""A forged text, from a real ticket (number 2's) and the siege."""


def signed_part(ticket: str) -> tuple[str, str]:
    text, _, signature = ticket.rpartition(".")
    return text, signature


def of_other_keys(ticket: str, siege: AttackSiege) -> str:
    return Tickets(OTHER_KEYS).issue(Ticket(siege.period.uid, 1, "0" * 32))


def of_another_period(ticket: str, siege: AttackSiege) -> str:
    return siege.ground.tickets.issue(Ticket("0" * 16, 1, "0" * 32))


def with_a_neighbours_signature(ticket: str, siege: AttackSiege) -> str:
    return f"{signed_part(siege.honest[0].ticket)[0]}.{signed_part(ticket)[1]}"


TICKETS: dict[str, Forge] = {
    "another number": lambda ticket, _: ticket.replace(".2.", ".1."),
    "number 0": lambda ticket, _: ticket.replace(".2.", ".0."),
    "a negative number": lambda ticket, _: ticket.replace(".2.", ".-1."),
    "the number in other digits": lambda ticket, _: ticket.replace(".2.", ".%D9%A2."),
    "another version": lambda ticket, _: ticket.replace("v1.", "v0.", 1),
    "no signature": lambda ticket, _: signed_part(ticket)[0],
    "an empty signature": lambda ticket, _: signed_part(ticket)[0] + ".",
    "half a signature": lambda ticket, _: ticket[:-20],
    "a padded signature": lambda ticket, _: ticket + "AAAA",
    "two signatures": lambda ticket, _: f"{ticket}.{signed_part(ticket)[1]}",
    "a neighbour's signature": with_a_neighbours_signature,
    "no number": lambda ticket, _: ticket.replace(".2.", "."),
    "twice itself": lambda ticket, _: ticket * 2,
    "of other keys": of_other_keys,
    "of another period": of_another_period,
    "a visitor cookie": lambda _, siege: siege.honest[1].jar["visitor"],
    "a made-up one": lambda _, siege: f"v1.{siege.period.uid}.1.{'0' * 32}.{'A' * 43}",
    "in capitals": lambda ticket, _: ticket.upper(),
    "endless": lambda ticket, _: ticket + "A" * 4000,
}


@pytest.mark.parametrize("name", TICKETS)
async def test_a_forged_ticket_is_as_none(battlefield: Ground, name: str) -> None:
    """No position, no leaving for somebody else, no feed; a join with it is a new number at the end."""
    siege = await battlefield.siege()
    forged = TICKETS[name](siege.honest[1].ticket, siege)
    assert forged != siege.honest[1].ticket
    ways: list[dict[str, Any]] = [
        {"Authorization": f"Bearer {forged}"},
        {"Cookie": f"ticket-{siege.period.id}={forged}"},
    ]
    for carried in ways:
        robot = siege.person()
        for method in ("GET", "DELETE"):
            refused = await robot.ask(method, "tickets/me", **carried)
            assert (refused.status, refused.code) == (401, "no_ticket"), carried
        assert (await robot.watch(**carried))[0] == 4401
        joined = await robot.join(**carried)
        assert (joined.status, robot.number > 3) == (201, True)
    await siege.nobody_got_ahead()


async def test_a_ticket_with_any_flipped_bit_is_as_none(battlefield: Ground) -> None:
    """Every bit of every character. The signature's last two bits mean nothing in base 64: it is the same ticket."""
    siege = await battlefield.siege()
    ticket = siege.honest[1].ticket
    read = {battlefield.tickets.read(flipped) for flipped in flips(ticket)}
    assert read <= {None, battlefield.tickets.read(ticket)}
    for flipped in list(flips(ticket))[:: len(ticket) // 4]:
        robot = siege.person({f"ticket-{siege.period.id}": flipped})
        answer = await robot.ask("GET", "tickets/me")
        assert answer.code == "no_ticket" or answer.json()["number"] == 2
    await siege.nobody_got_ahead()


def flips(text: str) -> list[str]:
    """The text with one bit changed, wherever that is a character that a header can hold."""
    found = []
    for place, letter in enumerate(text):
        for bit in range(7):
            other = chr(ord(letter) ^ 1 << bit)
            if other.isprintable() and other not in ' ",;\\':
                found.append(text[:place] + other + text[place + 1 :])
    return found


async def test_without_its_signature_a_forged_ticket_would_pass_everybody(
    battlefield: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: with nothing verified, whoever writes number 1 on a ticket has number 1's place."""
    siege = await battlefield.siege()

    def believe(tickets: Tickets, text: str) -> Ticket | None:
        _, uid, number, visitor, *_ = text.split(".")
        return Ticket(uid, int(number), visitor)

    monkeypatch.setattr(Tickets, "read", believe)
    robot = siege.person()
    forged = TICKETS["another number"](siege.honest[1].ticket, siege)
    answer = await robot.ask("GET", "tickets/me", Authorization=f"Bearer {forged}")
    assert (answer.status, answer.json()["number"]) == (200, 1)


VISITORS: dict[str, Callable[[str, AttackSiege], str]] = {
    "a flipped bit": lambda visitor, _: visitor[:9] + chr(ord(visitor[9]) ^ 1) + visitor[10:],
    "cut": lambda visitor, _: visitor[:-8],
    "unsigned": lambda visitor, _: visitor.rpartition(".")[0],
    "of other keys": lambda _, __: Tickets(OTHER_KEYS).new_visitor(),
    "a ticket": lambda _, siege: siege.honest[0].ticket,
    "the hash that a ticket shows": lambda _, siege: siege.honest[0].ticket.split(".")[3],
    "longer": lambda visitor, _: visitor + "=" * 300,
}


@pytest.mark.parametrize("name", VISITORS)
async def test_a_forged_visitor_cookie_is_nobodys(battlefield: Ground, name: str) -> None:
    """The number of the one whose cookie was forged is not given for it."""
    siege = await battlefield.siege()
    robot = siege.person({"visitor": VISITORS[name](siege.honest[0].jar["visitor"], siege)})
    assert (await robot.join()).status == 201
    assert robot.number > 3
    await siege.nobody_got_ahead()


KEY = "Zq3vT8xWk1LmN6pRs2Yd9A"

KEYS_SENT: dict[str, tuple[str, str]] = {
    "one letter changed": (KEY[:-1] + "B", ""),
    "in lower case": (KEY.lower(), ""),
    "longer": (KEY + "A", ""),
    "too short to be random": (KEY[:-1], "invalid"),
    "empty": ("", "invalid"),
    "not ASCII": (KEY + "é", "invalid"),
    "endless": (KEY * 20, "invalid"),
    "a list": (f"{KEY}, {KEY}", ""),
}


@pytest.mark.parametrize("name", KEYS_SENT)
async def test_a_key_like_somebodys_is_not_theirs(battlefield: Ground, name: str) -> None:
    """A new number at the end, or a refusal; the key itself gives its own number again."""
    siege = await battlefield.siege()
    owner, robot = siege.person(), siege.person()
    assert (await owner.join(Idempotency_Key=KEY, keep=False)).status == 201
    assert ((await owner.join(Idempotency_Key=KEY, keep=False)).status, owner.number) == (200, 4)
    text, code = KEYS_SENT[name]
    answer = await robot.join(Idempotency_Key=text)
    assert answer.code == code
    assert robot.number == (0 if code else 5)
    await siege.nobody_got_ahead()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part(token: str, place: int) -> dict[str, object]:
    text = token.split(".")[place]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def unsigned(header: dict[str, object], claims: dict[str, object]) -> str:
    return f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"


def hs256(secret: bytes, token: str, claims: dict[str, object], **header: object) -> str:
    text = unsigned({"alg": "HS256", "typ": "JWT", **header}, claims)
    return f"{text}.{b64(hmac.digest(secret, text.encode(), 'sha256'))}"


def public(ground: Ground) -> dict[str, str]:
    keys = ground.tokens.jwks()["keys"]
    assert isinstance(keys, list)
    return {str(name): str(value) for name, value in keys[0].items()}


def pem(ground: Ground) -> bytes:
    raw = base64.urlsafe_b64decode(public(ground)["x"] + "=")
    return Ed25519PublicKey.from_public_bytes(raw).public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )


def by_own_key(claims: dict[str, object], **header: object) -> str:
    """Signed with a key of the attacker's own, which the header may bring along."""
    key = OKPKey.generate_key("Ed25519")
    if "jwk" in header:
        header["jwk"] = key.as_dict(private=False)
    return jwt.encode({"alg": "EdDSA", **header}, claims, key, registry=BothNames())


Mint = Callable[[str, dict[str, object], Ground], str]
"""A forged token, from a real one (number 1's), the claims the attacker wants, and the service."""


def altered(token: str, claims: dict[str, object]) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{b64(json.dumps(claims).encode())}.{signature}"


TOKENS: dict[str, Mint] = {
    "alg none": lambda t, c, g: unsigned({"alg": "none"}, c) + ".",
    "alg None": lambda t, c, g: unsigned({"alg": "None", "typ": "JWT"}, c) + ".",
    "alg none with a signature": lambda t, c, g: f"{unsigned({'alg': 'none'}, c)}.{t.split('.')[2]}",
    "no alg": lambda t, c, g: f"{unsigned({'typ': 'JWT'}, c)}.{t.split('.')[2]}",
    "HS256 with the public key's bytes": lambda t, c, g: hs256(base64.urlsafe_b64decode(public(g)["x"] + "="), t, c),
    "HS256 with the public key's text": lambda t, c, g: hs256(public(g)["x"].encode(), t, c),
    "HS256 with the public key in PEM": lambda t, c, g: hs256(pem(g), t, c),
    "HS256 with the public key as JWK": lambda t, c, g: hs256(json.dumps(public(g)).encode(), t, c),
    "HS256 with an empty key": lambda t, c, g: hs256(b"", t, c, kid=""),
    "HS256 with the ticket's digest": lambda t, c, g: hs256(hashlib.sha256(b"ticket").digest(), t, c),
    "a key of its own": lambda t, c, g: by_own_key(c),
    "a key of its own under the other name": lambda t, c, g: by_own_key(c, alg="Ed25519"),
    "a key of its own under our kid": lambda t, c, g: by_own_key(c, kid=public(g)["kid"]),
    "a key of its own in the header": lambda t, c, g: by_own_key(c, jwk={}),
    "a kid that is a path": lambda t, c, g: by_own_key(c, kid="../../../../dev/null"),
    "a kid that is a query": lambda t, c, g: by_own_key(c, kid="' or 1=1 --"),
    "a kid that is an address": lambda t, c, g: by_own_key(c, kid=g.url, jku=f"{g.url}/keys"),
    "other service's keys": lambda t, c, g: jwt.encode(
        {"alg": "EdDSA"}, c, Tokens(OTHER_KEYS, g.url)._first, registry=BothNames()
    ),
    "changed claims": lambda t, c, g: altered(t, c),
    "a later end": lambda t, c, g: altered(t, part(t, 1) | {"exp": 9_999_999_999}),
    "another period": lambda t, c, g: altered(t, part(t, 1) | {"aud": "demo"}),
    "no signature": lambda t, c, g: t.rpartition(".")[0],
    "an empty signature": lambda t, c, g: t.rpartition(".")[0] + ".",
    "a cut signature": lambda t, c, g: t[:-8],
    "a ticket": lambda t, c, g: g.tickets.issue(Ticket("0" * 16, 1, "0" * 32)),
    "five parts": lambda t, c, g: t + ".AAAA.AAAA",
    "as JSON": lambda t, c, g: json.dumps(dict(zip(("protected", "payload", "signature"), t.split("."), strict=True))),
    "nothing": lambda t, c, g: "",
}  # fmt: skip


@pytest.mark.parametrize("name", TOKENS)
async def test_a_forged_token_is_as_none(battlefield: Ground, name: str) -> None:
    """Neither with the attacker's own ticket nor beside the stolen ticket of the person called."""
    siege = await battlefield.siege()
    await siege.call(1)
    token = await siege.token(siege.honest[0])
    robot = (await siege.people(1))[0]
    claims = part(token, 1) | {"sub": str(robot.number)}
    thief = siege.person(siege.honest[0].jar)
    for who, forged in (
        (robot, TOKENS[name](token, claims, battlefield)),
        (thief, TOKENS[name](token, part(token, 1), battlefield)),
    ):
        if name in ("changed claims",) and who is thief:
            continue  # with the right claims this is the token
        assert (await who.sign_in(1)).status == 200
        refused = await who.sign_in(1, forged)
        assert (refused.status, refused.code) == (401, "no_token")
        refused = await who.submit(forged)
        assert (refused.status, refused.code) == (401, "no_token")
    assert (await siege.honest[0].sign_in(2, token)).status == 200
    await siege.nobody_got_ahead()


async def test_without_a_fixed_algorithm_the_public_key_would_sign(
    battlefield: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: a reader that takes the algorithm from the token, and the public key for a secret, believes anybody."""
    siege = await battlefield.siege()
    await siege.call(1)
    token = await siege.token(siege.honest[0])
    real = Tokens.read

    def believe(tokens: Tokens, text: str, period_id: str | None = None) -> object:
        if part(text, 0)["alg"] == "HS256" and text == hs256(pem(battlefield), "", part(text, 1)):
            return real(tokens, token, period_id)
        return None

    monkeypatch.setattr(Tokens, "read", believe)
    thief = siege.person(siege.honest[0].jar)
    forged = TOKENS["HS256 with the public key in PEM"](token, part(token, 1), battlefield)
    assert (await thief.sign_in(1, forged)).status == 200


async def test_a_token_with_flipped_bits_is_as_none(battlefield: Ground) -> None:
    """Each bit of it: what is read, if anything, is what was signed."""
    siege = await battlefield.siege()
    await siege.call(1)
    token = await siege.token(siege.honest[0])
    own = battlefield.tokens.read(token)
    assert {battlefield.tokens.read(flipped) for flipped in flips(token)} <= {None, own}
    assert Tokens(KEYS, "http://elsewhere.test").read(token) is None
