"""Challenges and proofs of work, without a store."""

import base64
import json
from typing import Any

import altcha
import pytest

from foundation.clock import now_ms
from tests.support.rooms import KEYS
from waitingroom.joins.proof_of_work import LASTS_SECONDS, ProofsOfWork, WrongProof

UID = "0123456789abcdef"

OTHER = ("another key, long enough for anybody",)

CHEAP = 1


def solved(challenge: dict[str, Any]) -> str:
    """The challenge with its solution, as a client sends it."""
    asked = altcha.Challenge.from_dict(challenge)
    solution = altcha.solve_challenge(asked)
    assert solution is not None
    return altcha.Payload(asked, solution).to_base64()


def changed(proof: str, part: str, **values: Any) -> str:
    """The proof with these values in one part of it."""
    payload = json.loads(base64.b64decode(proof))
    place = payload["challenge"] if part == "challenge" else payload["challenge"]["parameters"]
    (payload["solution"] if part == "solution" else place).update(values)
    return base64.b64encode(json.dumps(payload).encode()).decode()


def cause_of(proofs: ProofsOfWork, proof: str, uid: str = UID, now: int | None = None) -> str:
    try:
        proofs.check(proof, uid, now_ms() if now is None else now)
    except WrongProof as wrong:
        return wrong.fault
    return ""


def test_a_solved_challenge_is_a_proof_for_its_period_and_for_ten_minutes() -> None:
    """With any key that is in use, and with its own name each time."""
    proofs, now = ProofsOfWork(KEYS, CHEAP), now_ms()
    proof = solved(proofs.challenge(UID, now))
    assert cause_of(proofs, proof) == ""
    assert cause_of(proofs, proof, "f" * 16) == "invalid"
    assert cause_of(proofs, proof, now=now + (LASTS_SECONDS + 1) * 1000) == "expired"
    assert cause_of(ProofsOfWork((*OTHER, *KEYS), CHEAP), proof) == ""
    assert cause_of(ProofsOfWork(OTHER, CHEAP), proof) == "invalid"
    another = solved(proofs.challenge(UID, now))
    assert proofs.check(proof, UID, now).id != proofs.check(another, UID, now).id


MADE_AT = now_ms()

PROOF = solved(ProofsOfWork(KEYS, CHEAP).challenge(UID, MADE_AT))

WRONG: dict[str, str] = {
    "nothing": "", "no base 64": "%%%", "no JSON": base64.b64encode(b"{").decode(),
    "a list": base64.b64encode(b"[]").decode(), "nesting": base64.b64encode(b"[" * 1500).decode(),
    "not ASCII": PROOF[:-1] + "é", "endless": PROOF * 9, "cut": PROOF[:-40],
    "an easier prefix": changed(PROOF, "parameters", keyPrefix=""),
    "a later end": changed(PROOF, "parameters", expiresAt=9_999_999_999),
    "no end": changed(PROOF, "parameters", expiresAt=None),
    "an end that is true": changed(PROOF, "parameters", expiresAt=True),
    "another period": changed(PROOF, "parameters", data={"period": "f" * 16}),
    "another algorithm": changed(PROOF, "parameters", algorithm="SHA-256"),
    "another salt": changed(PROOF, "parameters", salt="00"),
    "a cost that is a text": changed(PROOF, "parameters", cost="1"),
    "no signature": changed(PROOF, "challenge", signature=None),
    "a made-up signature": changed(PROOF, "challenge", signature="0" * 64),
    "another counter": changed(PROOF, "solution", counter=4_000_000_000),
    "a negative counter": changed(PROOF, "solution", counter=-1),
    "a counter that is a text": changed(PROOF, "solution", counter="1"),
    "another key": changed(PROOF, "solution", derivedKey="00" * 32),
    "a key that is a list": changed(PROOF, "solution", derivedKey=["00"]),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_was_not_worked_for_is_no_proof(name: str) -> None:
    """Altered, forged or malformed: refused, and never an error."""
    assert cause_of(ProofsOfWork(KEYS, CHEAP), WRONG[name], now=MADE_AT) in ("invalid", "expired")


def test_without_the_work_a_signature_is_no_proof() -> None:
    """Twin of the work itself: a fresh challenge of ours with a key that does not begin as asked."""
    proofs = ProofsOfWork(KEYS, CHEAP)
    challenge = altcha.Challenge.from_dict(proofs.challenge(UID, now_ms()))
    parameters = challenge.parameters
    for counter in range(300):
        password = bytes.fromhex(parameters.nonce) + counter.to_bytes(4, "big")
        key = altcha.derive_key_pbkdf2(parameters, bytes.fromhex(parameters.salt), password).hex()
        proof = altcha.Payload(challenge, altcha.Solution(counter, key)).to_base64()
        assert (cause_of(proofs, proof) == "") is key.startswith("00")
