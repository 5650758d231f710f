"""The submission token: a signed JWT (EdDSA, RFC 8037) that proves a call to any holder of our public keys. No I/O.

It proves a call and nothing more: the place is taken by the token's row in SQL, never by `exp`.
"""

import re
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import KeySet, OKPKey
from joserfc.jws import JWSRegistry

from quota.ledger import Token, expires_at
from quota.store import Period

K = TypeVar("K")

V = TypeVar("V")

ALGORITHM = "EdDSA"
"""The name in the header and in the key set. RFC 9864 calls the same signature `Ed25519`, which most libraries still
refuse (`docs/tokens.md`)."""

KNOWN_AS = (ALGORITHM, "Ed25519")
"""Names under which a signature of ours is taken: tokens of earlier releases carry the new one."""

REMEMBERED = 4_096
"""Tokens a process remembers, some 2 MB: a signature costs 0.1 ms to make or to check, and the same one comes again."""

_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\Z")


class Claims(msgspec.Struct, frozen=True):
    """What a valid token says: the period's public id, the ticket's number, and which row it stands for."""

    period: str
    number: int
    jti: str


class BothNames(JWSRegistry):
    """joserfc's algorithms, of which only those two; without its warning each time that RFC 9864 has another name."""

    def get_alg(self, name: str) -> Any:
        """Raises UnsupportedAlgorithmError."""
        if name not in KNOWN_AS:
            raise UnsupportedAlgorithmError(f"no algorithm of this service: {name[:20]}")
        return self.algorithms[name]


_REGISTRY = BothNames(algorithms=KNOWN_AS)


def _key(secret: str, alg: str | None = None) -> OKPKey:
    """The signing key of a secret: derived, so that rotating SECRET_KEYS rotates these too. Its id is its RFC 7638
    thumbprint, whether it names its algorithm or not."""
    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"guichet submission token").derive(
        secret.encode()
    )
    pem = Ed25519PrivateKey.from_private_bytes(seed).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    key = OKPKey.import_key(pem, {"use": "sig"} if alg is None else {"use": "sig", "alg": alg})
    key.ensure_kid()
    return key


class Tokens:
    """Mints tokens with the first key, checks them with all, and publishes the public halves."""

    def __init__(self, secret_keys: Sequence[str], issuer: str) -> None:
        self._issuer = issuer
        published = [_key(secret, alg=ALGORITHM) for secret in secret_keys]
        self._first = published[0]
        self._published = KeySet(list(published))
        # A key that names its algorithm takes no token under the other name.
        self._keys = KeySet([_key(secret) for secret in secret_keys])
        self._minted: dict[tuple[Claims, int], str] = {}
        self._ours: dict[str, Claims] = {}

    def mint(self, period: Period, token: Token, now_ms: int) -> str:
        """A token for a live row. Minted again it has the same `jti` and may have a later end."""
        claims = Claims(period.id, token.number, token.jti or "")
        end = expires_at(period, token, now_ms) // 1000
        text = self._minted.get((claims, end))
        if text is None:
            text = self._sign(claims, now_ms // 1000, end)
            _remember(self._minted, (claims, end), text)
            _remember(self._ours, text, claims)
        return text

    def _sign(self, claims: Claims, now: int, end: int) -> str:
        said = {
            "iss": self._issuer,
            "aud": claims.period,
            "sub": str(claims.number),
            "iat": now,
            "exp": end,
            "jti": claims.jti,
        }
        header = {"alg": ALGORITHM, "kid": self._first.kid, "typ": "JWT"}
        return jwt.encode(header, said, self._first, registry=_REGISTRY)

    def read(self, text: str, period_id: str | None = None) -> Claims | None:
        """The claims of a token of ours (for this period, if one is named), or None. Its end is the row's business."""
        found = self._ours.get(text) or self._check(text)
        return found if found is not None and period_id in (None, found.period) else None

    def _check(self, text: str) -> Claims | None:
        if len(text) > 1024 or not _SHAPE.match(text):
            return None
        try:
            claims = jwt.decode(text, self._keys, registry=_REGISTRY).claims
            found = Claims(str(claims["aud"]), int(claims["sub"]), str(claims["jti"]))
        except (JoseError, ValueError, KeyError, TypeError):
            return None
        if claims.get("iss") != self._issuer:
            return None
        _remember(self._ours, text, found)
        return found

    def jwks(self) -> dict[str, object]:
        return dict(self._published.as_dict(private=False))


def _remember(known: dict[K, V], key: K, value: V) -> None:
    """Keep it, and forget the oldest beyond what is kept. Only what was made or checked here gets in."""
    known[key] = value
    if len(known) > REMEMBERED:
        del known[next(iter(known))]
