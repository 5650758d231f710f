"""The tables of representatives, and the one reader of powers, on both stores."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from accounts.representatives.disclosure import Power, may_see, power_of, powers_of
from accounts.representatives.states import PowerState, RepresentativeKind
from accounts.representatives.store import representative
from foundation.sql.database import Database
from tests.support.desks import make_account, make_desk


def row(account: int, name: str, state: PowerState) -> dict[str, object]:
    return {
        "id": name, "account": account, "reference": name, "kind": RepresentativeKind.LAWYER, "state": state,
        "details": "", "declared_at": 0,
    }  # fmt: skip


async def add(db: Database, *rows: dict[str, object]) -> None:
    for one in rows:
        await db.write(lambda conn, one=one: conn.execute(sa.insert(representative).values(one)))  # type: ignore[misc]


async def test_an_account_has_one_live_representative(database: Database) -> None:
    """Whoever clicks twice: the index lets one in, and any number that are over."""
    desk = make_desk(database)
    anne = await make_account(desk, 1)
    await add(database, row(anne, "a", PowerState.REVOKED), row(anne, "b", PowerState.REVOKED))
    await add(database, row(anne, "c", PowerState.DECLARED))
    for state in (PowerState.DECLARED, PowerState.ACTIVE, PowerState.FROZEN):
        with pytest.raises(IntegrityError):
            await add(database, row(anne, f"d{state}", state))
    assert await database.read(lambda conn: power_of(conn, anne)) == Power(
        "c", anne, RepresentativeKind.LAWYER, PowerState.DECLARED
    )
    desk.accounts.hasher.close()


async def test_powers_are_read_for_many_at_once(database: Database) -> None:
    """Each account's own; one without a representative, or with one that is over, has none."""
    desk = make_desk(database)
    people = [await make_account(desk, number) for number in (1, 2, 3)]
    await add(database, row(people[0], "a", PowerState.ACTIVE), row(people[1], "b", PowerState.REVOKED))
    found = await database.read(lambda conn: powers_of(conn, people))
    assert set(found) == {people[0]}
    assert may_see(found[people[0]]).allowed
    assert await database.read(lambda conn: powers_of(conn, [])) == {}
    assert await database.read(lambda conn: power_of(conn, people[2])) is None
    desk.accounts.hasher.close()
