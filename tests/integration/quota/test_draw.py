"""The seed of a draw: made and kept apart at the announcement, revealed once all is there."""

from foundation.sql.database import Database
from quota import draw
from quota.draw import wrong_rule
from quota.draw_order import commitment
from quota.states import Mode
from tests.support.rooms import make_period


async def test_what_is_published_is_the_hash_of_what_is_kept(database: Database) -> None:
    """The commitment says nothing of the seed, and the seed cannot be another one afterwards."""
    period = await make_period(database, mode="draw", state="announced")
    published = await database.write(lambda conn: draw.commit(conn, period.uid))
    seed = (await database.read(lambda conn: conn.exec_driver_sql("select seed from draw_seed"))).scalar_one()
    assert published == commitment(seed)
    assert seed not in published


async def test_a_period_that_draws_nothing_names_nothing_of_a_draw(database: Database) -> None:
    """Instants and values of a draw are refused in mode fifo, and an unknown mode altogether."""
    import msgspec

    period = await make_period(database)
    assert wrong_rule(period) == {}
    assert set(wrong_rule(msgspec.structs.replace(period, entries_from=1, value_is="x"))) == {
        "entries_from",
        "value_is",
    }
    assert set(wrong_rule(msgspec.structs.replace(period, mode=Mode.DRAW))) >= {"entries_from", "value_is"}
