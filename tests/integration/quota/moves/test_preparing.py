"""Drafts and announcements, on both stores: what they say is checked, frozen and on the record."""

import asyncio

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import audit
from foundation.errors import Refusal
from foundation.sql.database import Database
from quota import frozen_rules, ledger
from quota.moves import preparing
from quota.period_bounds import DraftChange
from quota.store import Period
from tests.integration.quota.moves.steps import (
    CLOSES,
    CUT_OFF,
    DEMO,
    EARLY,
    OPENS,
    audited,
    draft,
    refused,
    row,
)


async def test_a_draft_has_its_programmes_rules(database: Database) -> None:
    """A new period takes cap, pace, token and cut-off from its programme; what is given goes before."""
    period = await draft(database)
    assert (period.cap, period.calls_per_minute, period.most_live_tokens, period.token_seconds) == (
        5073,
        240,
        250,
        600,
    )
    assert period == await row(database, period.uid)

    async def other(conn: AsyncConnection) -> Period:
        return await preparing.create(
            conn, CUT_OFF, "juin", OPENS, CLOSES, 7, "agnes", 1, token_seconds=20, reason="essai"
        )

    june = await database.write(other)
    assert (june.cap, june.token_seconds, june.accounts_created_before) == (7, 20, 1_453_784_400_000)
    assert june == await row(database, june.uid)
    assert june.uid != period.uid
    assert june.person_key != period.person_key


async def test_periods_are_numbered_within_their_programme(database: Database) -> None:
    """Periods made at once get ordinals without holes or twins (QU-08)."""
    made = await asyncio.gather(*(draft(database, f"demo-{n}") for n in range(6)))
    assert sorted(period.ordinal for period in made) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("period_id", "opens_at", "closes_at", "cap", "field"),
    [
        ("", OPENS, CLOSES, 1, "id"),
        ("Démo", OPENS, CLOSES, 1, "id"),
        ("a" * 41, OPENS, CLOSES, 1, "id"),
        ("a/b", OPENS, CLOSES, 1, "id"),
        ("a", OPENS, OPENS, 1, "closes_at"),
        ("a", OPENS, 10**16, 1, "closes_at"),
        ("a", -1, CLOSES, 1, "opens_at"),
        ("a", OPENS, CLOSES, 0, "cap"),
        ("a", OPENS, CLOSES, 10**9, "cap"),
    ],
)
async def test_a_wrong_draft(
    sqlite_url: str, period_id: str, opens_at: int, closes_at: int, cap: int, field: str
) -> None:
    """A wrong value is refused with its field, and nothing is written."""
    db = Database(sqlite_url)
    with pytest.raises(Refusal) as refusal:
        await db.write(
            lambda conn: preparing.create(
                conn, DEMO, period_id, opens_at, closes_at, cap, "agnes", 1, reason="essai"
            )
        )
    assert refusal.value.code == "invalid"
    assert [wrong["name"] for wrong in refusal.value.fields["fields"]] == [field]
    assert await db.read(ledger.every) == []
    assert await audited(db) == []
    await db.close()


async def test_a_name_is_given_once(database: Database) -> None:
    """Of two drafts with one name made at once, one is refused."""
    made = await asyncio.gather(draft(database), draft(database), return_exceptions=True)
    refusals = [refusal for refusal in made if isinstance(refusal, Refusal)]
    assert [refusal.code for refusal in refusals] == ["invalid"]
    assert len(await database.read(ledger.every)) == 1


async def test_an_announcement_freezes_the_rules(database: Database) -> None:
    """The row has them with their digest, which the record has too; and the notice of the programme is kept."""
    made = await database.write(
        lambda conn: preparing.create(conn, CUT_OFF, "juin", OPENS, CLOSES, None, "agnes", 1)
    )
    late = await refused(database, lambda conn: preparing.announce(conn, made.uid, CUT_OFF, "agnes", EARLY))
    assert late.code == "move_not_allowed", "prtq-2016 is announced a day ahead"
    day_before = OPENS - 86_400_000
    period = await database.write(
        lambda conn: preparing.announce(conn, made.uid, CUT_OFF, "agnes", day_before)
    )
    assert period == await row(database, made.uid)
    assert period.rules is not None
    assert frozen_rules.read(period.rules) == frozen_rules.of_programme(CUT_OFF)
    assert frozen_rules.is_whole(period)
    line = sa.select(audit.audit.c.after).where(audit.audit.c.act == "announce")
    after = msgspec.json.decode((await database.read(lambda conn: conn.execute(line))).scalar_one())
    assert after == {"stand": "announced", "rules": period.rules_digest}


async def test_what_is_unusual_needs_a_reason_and_it_is_on_the_record(database: Database) -> None:
    """Without one no draft is made; with one it is, and so it can be announced."""
    sunday = OPENS - 86_400_000

    async def odd(conn: AsyncConnection, reason: str | None) -> Period:
        return await preparing.create(conn, DEMO, "essai", sunday, CLOSES, 7, "agnes", 1, reason=reason)

    for reason in (None, "", "   "):
        no = await refused(database, lambda conn, reason=reason: odd(conn, reason))  # type: ignore[misc]
        assert no.code == "invalid"
        assert {field["name"] for field in no.fields["fields"]} == {"opens_at", "cap"}
    made = await database.write(lambda conn: odd(conn, " essai de charge "))
    assert made.odd_reason == "essai de charge"
    line = sa.select(audit.audit.c.reason).where(audit.audit.c.act == "create")
    assert (await database.read(lambda conn: conn.execute(line))).scalar_one() == "essai de charge"
    assert (
        await database.write(lambda conn: preparing.announce(conn, made.uid, DEMO, "agnes", 2))
    ).announced_by


async def test_a_draft_is_corrected_and_removed_on_the_record(database: Database) -> None:
    """With what it said before and since; an oddity that had its reason needs none again; once announced, neither."""
    made = await database.write(
        lambda conn: preparing.create(conn, DEMO, "essai", OPENS, CLOSES, 7, "agnes", 1, reason="essai")
    )
    change = DraftChange(opens_at=OPENS + 86_400_000)
    fixed = await database.write(lambda conn: preparing.correct(conn, made.uid, DEMO, change, "boris", 2))
    assert fixed == await row(database, made.uid)
    assert (fixed.opens_at, fixed.cap, fixed.odd_reason) == (OPENS + 86_400_000, 7, "essai")
    wrong = DraftChange(token_seconds=1)
    no = await refused(database, lambda conn: preparing.correct(conn, made.uid, DEMO, wrong, "boris", 3))
    assert [field["name"] for field in no.fields["fields"]] == ["token_seconds"]
    plain = DraftChange(cap=DEMO.cap.total)
    assert (
        await database.write(lambda conn: preparing.correct(conn, made.uid, DEMO, plain, "boris", 4))
    ).odd_reason is None
    a = audit.audit.c
    lines = await database.read(
        lambda conn: conn.execute(sa.select(a.before, a.after).where(a.act == "correct").order_by(a.id))
    )
    assert [(msgspec.json.decode(line.before), msgspec.json.decode(line.after)) for line in lines] == [
        ({"opens_at": OPENS}, {"opens_at": OPENS + 86_400_000}),
        ({"cap": 7}, {"cap": DEMO.cap.total}),
    ]
    await database.write(lambda conn: preparing.remove(conn, made.uid, "boris", 5))
    assert await database.read(ledger.every) == []
    assert (await audited(database))[-1] == ("boris", "remove", made.uid)
    announced = await draft(database)
    await database.write(lambda conn: preparing.announce(conn, announced.uid, DEMO, "agnes", EARLY))
    for step in (
        lambda conn: preparing.correct(conn, announced.uid, DEMO, change, "boris", EARLY),
        lambda conn: preparing.remove(conn, announced.uid, "boris", EARLY),
    ):
        assert (await refused(database, step)).code == "move_not_allowed"
