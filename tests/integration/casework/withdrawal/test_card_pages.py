"""The page of a card is closed once; a provider that is away is asked again."""

from casework.payments.card.port import ProviderAway
from casework.withdrawal import card_pages
from foundation.clock import now_ms
from foundation.errors import Unavailable
from foundation.sql.database import Database
from tests.support.tasks import about


async def test_it_asks_until_somebody_answers(database: Database) -> None:
    asked: list[int] = []
    answers: list[Exception | None] = [ProviderAway("away"), Unavailable("card"), None]

    async def ask(_db: Database, number: int) -> bool:
        asked.append(number)
        if (no := answers.pop(0)) is not None:
            raise no
        return False

    now = now_ms()
    task = card_pages.closing(ask, 1_000)
    outcomes = [await task.call(database, about(7), now) for _ in range(3)]
    for outcome in outcomes:
        await database.write(lambda conn, outcome=outcome: outcome.record(conn, about(7), now))  # type: ignore[misc]
    later = now + card_pages.AWAY_AGAIN_MS
    assert [one.again_at for one in outcomes] == [later, later, None]
    assert asked == [7, 7, 7]
