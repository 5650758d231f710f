"""What is still to be filled in, by the forms of an account."""

from casework.form_standings import form_standings
from foundation.sql.database import Database
from tests.support.desks import make_account, make_desk


async def test_forms_that_were_begun_stand_with_what_is_missing(database: Database) -> None:
    """A complete draft has nothing missing; an account without one has no form yet."""
    desk = make_desk(database)
    find = form_standings(desk.programmes, desk.forms, desk.drafts)
    begun, none = await make_account(desk, 1), await make_account(desk, 2, draft=False)
    (standing,) = await database.read(lambda conn: find(conn, begun))
    assert (standing.programme, standing.missing) == (desk.programmes["demo"].name, 0)
    assert standing.href == "/demande/demo"
    assert await database.read(lambda conn: find(conn, none)) == []
    desk.accounts.hasher.close()
