"""Who may sign for a candidate."""

from foundation.sql.database import Database
from submission.signing import signers
from tests.support.desks import make_account, make_desk


async def test_a_file_without_a_lawyer_has_nobody_who_signs_for_the_candidate(database: Database) -> None:
    """Nobody is on a file by saying so (RP-01)."""
    account = await make_account(make_desk(database))
    assert await database.read(lambda conn: signers.lawyers_on_file(conn, [account])) == {}
