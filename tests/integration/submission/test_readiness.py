"""How many people are ready: nobody is counted who could not submit on the day."""

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from config.bulk_import import add_candidates, ciphers_of
from config.demo.people import invented
from config.settings import PROGRAMMES
from foundation.sql.database import Database
from quota.programmes import DraftRules, load_all
from submission import readiness
from submission.drafts import repository, store
from submission.forms.files import load_forms
from submission.readiness import ReadyCandidates
from tests.support.desks import days_ago
from tests.support.rooms import KEYS, make_period

CIPHERS = ciphers_of(KEYS)

FORMS = load_forms(PROGRAMMES / "forms", load_all(PROGRAMMES))

RULES = DraftRules(days=90, sections=("identity", "training"))


async def test_who_is_ready_is_counted_at_the_opening(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Complete, still kept at the opening, of an account that is old enough, for this programme; over several reads."""
    monkeypatch.setattr(readiness, "AT_ONCE", 2)
    now = 1_465_819_200_000  # June 2016
    people = invented("demo-", range(1, 8), "mot de passe", ["a", "b"], ["A ?", "B ?"])

    async def lay(conn: AsyncConnection) -> None:
        await add_candidates(conn, CIPHERS, people[:4], "demo", now, made_at=1)
        await add_candidates(conn, CIPHERS, people[4:5], "demo", now, made_at=now)  # too recent
        await add_candidates(conn, CIPHERS, people[5:6], "demo", days_ago(91, now), made_at=1)  # expired
        await add_candidates(conn, CIPHERS, people[6:], "prtq-2016", now, made_at=1)  # of another programme
        section, training = store.draft_section, {"diploma": "\N{ZERO WIDTH SPACE}"}
        first = (await conn.execute(sa.select(sa.func.min(store.draft.c.id)))).scalar_one()
        changed = repository.section_row(CIPHERS.drafts, first, "training", training, 2, now)
        theirs = (section.c.draft == first, section.c.section == "training")
        await conn.execute(sa.update(section).where(*theirs).values(changed))

    await database.write(lay)
    period = await make_period(database, opens_at=now, accounts_created_before=now)
    found = await database.read(lambda conn: readiness.of_period(conn, CIPHERS.drafts, FORMS, period, RULES))
    assert found == ReadyCandidates(accounts=7, too_recent=1, drafts=6, complete=5, expired=1, ready=3)
