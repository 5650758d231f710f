"""The key of the blocking keys, and the cipher of what reviews keep of persons.

One random key for the installation, made when it is needed first and stored encrypted: whoever has a copy of the
database and not `SECRET_KEYS` cannot try names against the digests, and `SECRET_KEYS` may rotate while digests stay as
they are.
"""

import secrets
from collections.abc import Iterable, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.identities import keyed
from accounts.linkage import store
from foundation.encryption.fields import FieldCipher
from foundation.sql.tables import insert_for

FIELD = "linkage_key:1:key"

DIGEST_LETTERS = 32
"""128 bits of the HMAC: two texts do not meet in them by chance."""


class LinkageKeyLost(Exception):
    """No key of `SECRET_KEYS` opens the stored one: the digests can no longer be made."""

    def __init__(self) -> None:
        super().__init__(
            "the key of blocking keys is encrypted under a secret that is not among SECRET_KEYS: put it back"
        )


class LinkageKey(msgspec.Struct, frozen=True):
    """The key, opened."""

    secret: str

    def __repr__(self) -> str:
        return "LinkageKey(***)"

    def digests(self, keys: Iterable[str]) -> list[str]:
        """What is stored of these blocking keys."""
        return sorted({self.digest(key) for key in keys})

    def digest(self, text: str) -> str:
        """What is stored of one text."""
        return keyed(self.secret, text)[:DIGEST_LETTERS]


def cipher(secret_keys: Sequence[str]) -> FieldCipher:
    """What encrypts the key, the paper register, and signals and texts of reviews."""
    return FieldCipher(secret_keys, "reviews")


async def open_key(conn: AsyncConnection, ciphers: FieldCipher, now: int) -> LinkageKey:
    """The installation's key, made at the first call; under the newest secret from then on. Raises LinkageKeyLost."""
    k = store.linkage_key
    look = sa.select(k.c.key).where(k.c.id == 1)
    stored = (await conn.execute(look)).scalar_one_or_none()
    if stored is None:
        made = ciphers.encrypt(secrets.token_hex(32), FIELD)
        statement = insert_for(conn, k).values(id=1, key=made, made_at=now)
        await conn.execute(statement.on_conflict_do_nothing(index_elements=[k.c.id]))
        stored = (await conn.execute(look)).scalar_one()
    secret = ciphers.decrypt(stored, FIELD)
    if secret is None:
        raise LinkageKeyLost
    if not ciphers.is_newest(stored):
        again = sa.update(k).where(k.c.id == 1, k.c.key == stored)
        await conn.execute(again.values(key=ciphers.encrypt(secret, FIELD)))
    return LinkageKey(secret)
