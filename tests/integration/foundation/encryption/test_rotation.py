"""Rotation of encrypted columns: in batches, beside people who write."""

import sqlalchemy as sa

from accounts import store as accounts_store
from foundation.encryption import rotation
from foundation.encryption.fields import FieldCipher
from foundation.encryption.rotation import EncryptedColumn, Rotation, of_columns
from foundation.sql.database import Database

OLD, NEW = "an old key of at least thirty-two characters", "a new key of at least thirty-two characters!"

o = accounts_store.operator


def rotating(*keys: str) -> Rotation:
    cipher = FieldCipher(keys, "totp")
    return of_columns(o, [EncryptedColumn("totp_secret", cipher, lambda row: row.username)])


async def lay(db: Database, names: list[str]) -> None:
    cipher = FieldCipher((OLD,), "totp")
    values = [
        {"username": name, "password_hash": "x", "totp_secret": cipher.encrypt(f"secret of {name}", name),
         "created_at": 0}
        for name in names
    ]  # fmt: skip
    await db.write(lambda conn: conn.execute(sa.insert(o), values))


async def stored(db: Database) -> dict[str, str]:
    rows = await db.read(lambda conn: conn.execute(sa.select(o.c.username, o.c.totp_secret)))
    return {row.username: row.totp_secret for row in rows}


async def test_batches_go_on_where_the_last_one_ended(database: Database) -> None:
    """Each says how many it looked at and wrote; behind the last there is none, and again nothing is written."""
    names = [f"jeanne-{number}" for number in range(5)]
    await lay(database, names)
    one = rotating(NEW, OLD)
    assert await database.read(one.total) == 5
    for written in (5, 0):
        after, found = None, 0
        while batch := await database.write(lambda conn, a=after: one.batch(conn, a)):  # type: ignore[misc]
            after, found = batch.last, found + batch.written
        assert found == written
    newest = FieldCipher((NEW,), "totp")
    assert {name: newest.decrypt(text, name) for name, text in (await stored(database)).items()} == {
        name: f"secret of {name}" for name in names
    }


async def test_what_somebody_changes_meanwhile_is_theirs(database: Database) -> None:
    """The row was read, then written by its owner: the batch leaves it alone."""
    await lay(database, ["jeanne"])
    cipher, one = FieldCipher((NEW, OLD), "totp"), rotating(NEW, OLD)
    mine = cipher.encrypt("mine", "jeanne")
    columns = [EncryptedColumn("totp_secret", cipher, lambda row: row.username)]
    assert columns and rotation.AT_ONCE

    async def step(conn: object) -> object:
        select = conn.execute  # type: ignore[attr-defined]

        class Between:
            """A connection on which the owner writes between the look and the update."""

            async def execute(self, statement: object, *more: object) -> object:
                found = await select(statement, *more)
                if isinstance(statement, sa.Select):
                    await select(sa.update(o).values(totp_secret=mine))
                return found

        return await one.batch(Between(), None)  # type: ignore[arg-type]

    batch = await database.write(step)
    assert batch is not None and (await stored(database))["jeanne"] == mine
