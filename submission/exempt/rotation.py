"""Proof numbers of claims under the newest key, with the blind index that finds the same number elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts import normalisation
from foundation.encryption.rotation import Rotation, of_rows
from submission.exempt.claims import place, proof_seals
from submission.exempt.store import exempt_claim


def rotation(secret_keys: Sequence[str]) -> Rotation:
    """All of them; also a number that is newest already and whose index an earlier release left behind."""
    seals = proof_seals(secret_keys)

    def resealed(row: Any) -> Mapping[str, Any] | None:
        where = place(row.account, row.programme, row.stream)
        number = seals.cipher.decrypt(row.proof, where)
        if number is None:
            return None
        values = {"proof_key": seals.index.stored(normalisation.letters(number))}
        if not seals.cipher.is_newest(row.proof):
            values["proof"] = seals.cipher.encrypt(number, where)
        return {name: value for name, value in values.items() if value != getattr(row, name)}

    return of_rows(exempt_claim, ("proof", "proof_key"), resealed)
