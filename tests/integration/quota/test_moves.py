"""The moves in SQL, on both stores: each is locked, versioned and audited, and the schedule opens and closes."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation import audit
from foundation.errors import Refusal
from foundation.sql.database import Database
from foundation.subjects import Subject
from quota import frozen_rules, ledger, moves, store
from quota.pace import due_calls
from quota.period_bounds import DraftChange
from quota.periods import flags_of, move
from quota.programmes import load
from quota.states import Action
from quota.store import PERIOD, Period, period_of
from tests.support.places import ROOT

DEMO = load(ROOT / "config" / "programmes" / "demo.toml")

CUT_OFF = load(ROOT / "config" / "programmes" / "prtq-2016.toml")

OPENS, CLOSES = 1_465_821_000_000, 1_466_481_540_000  # 13 June 2016 8:30, 20 June 23:59, in Montréal

EARLY, DURING = OPENS - 60_000, OPENS + 60_000


async def draft(db: Database, period_id: str = "demo") -> Period:
    return await db.write(lambda conn: moves.create(conn, DEMO, period_id, OPENS, CLOSES, None, "agnes", 1))


def retyped(period: Period) -> moves.Retyped:
    """What a second person types again, without a mistake."""
    return moves.Retyped(period.cap, period.opens_at)


async def opened(db: Database) -> Period:
    """A period that the schedule opened."""
    period = await draft(db)
    await db.write(lambda conn: moves.announce(conn, period.uid, DEMO, "agnes", EARLY))
    await db.write(lambda conn: moves.arm(conn, period.uid, retyped(period), "boris", EARLY))
    (period,) = await moves.open_due(db, OPENS)
    return period


async def row(db: Database, uid: str) -> Period:
    return await db.read(lambda conn: ledger.lock(conn, uid))


async def audited(db: Database) -> list[tuple[str, str, str | None]]:
    async def look(conn: AsyncConnection) -> list[tuple[str, str, str | None]]:
        lines = await conn.execute(sa.select(audit.audit).order_by(audit.audit.c.id))
        return [(line.actor, line.act, line.subject_id) for line in lines]

    return await db.read(look)


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
        return await moves.create(
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
            lambda conn: moves.create(
                conn, DEMO, period_id, opens_at, closes_at, cap, "agnes", 1, reason="essai"
            )
        )
    assert refusal.value.code == "invalid"
    assert [wrong["name"] for wrong in refusal.value.fields["fields"]] == [field]
    assert await db.read(moves.every) == []
    assert await audited(db) == []
    await db.close()


async def test_a_name_is_given_once(database: Database) -> None:
    """Of two drafts with one name made at once, one is refused."""
    made = await asyncio.gather(draft(database), draft(database), return_exceptions=True)
    refusals = [refusal for refusal in made if isinstance(refusal, Refusal)]
    assert [refusal.code for refusal in refusals] == ["invalid"]
    assert len(await database.read(moves.every)) == 1


async def test_a_whole_day(database: Database) -> None:
    """From draft to closed, each move is in the row and in the audit, with who did it; the version goes up by one."""
    period = await opened(database)
    assert (period.state, period.version) == ("open", 4)
    uid = period.uid
    for step in (moves.pause, moves.suspend, moves.resume, moves.close):
        period = await database.write(lambda conn, step=step: step(conn, uid, "boris", DURING))  # type: ignore[misc]
    assert period == await row(database, period.uid)
    assert (flags_of(period).stand, period.ended_at, period.version) == ("closed", DURING, 9)
    assert await audited(database) == [
        ("agnes", "create", period.uid),
        ("agnes", "announce", period.uid),
        ("boris", "arm", period.uid),
        ("service", "open", period.uid),
        ("boris", "pause", period.uid),
        ("boris", "suspend", period.uid),
        ("boris", "resume", period.uid),
        ("boris", "notice", period.uid),
        ("boris", "close", period.uid),
    ]


async def test_a_refused_move_leaves_nothing(database: Database) -> None:
    """A move that is not allowed writes neither the row nor an audit line."""
    period = await draft(database)
    with pytest.raises(Refusal, match="move_not_allowed"):
        await database.write(lambda conn: moves.pause(conn, period.uid, "agnes", DURING))
    assert await row(database, period.uid) == period
    assert await audited(database) == [("agnes", "create", period.uid)]


async def test_arming_too_late(database: Database) -> None:
    """At the opening it is too late to arm, and what was not armed does not open (P10)."""
    period = await draft(database)
    await database.write(lambda conn: moves.announce(conn, period.uid, DEMO, "agnes", EARLY))
    with pytest.raises(Refusal, match="move_not_allowed"):
        await database.write(lambda conn: moves.arm(conn, period.uid, retyped(period), "boris", OPENS))
    assert await moves.open_due(database, DURING) == []
    assert (await row(database, period.uid)).state == "announced"


async def test_the_schedule_opens_at_the_instant(database: Database) -> None:
    """Nothing opens a millisecond early; at the instant it does, once, whoever else ticks (WR-02, P10)."""
    period = await draft(database)
    await database.write(lambda conn: moves.announce(conn, period.uid, DEMO, "agnes", EARLY))
    await database.write(lambda conn: moves.arm(conn, period.uid, retyped(period), "boris", EARLY))
    assert await moves.open_due(database, OPENS - 1) == []
    tickers = await asyncio.gather(*(moves.open_due(database, OPENS) for _ in range(4)))
    assert sum(len(moved) for moved in tickers) == 1
    assert [action for _, action, _ in await audited(database)].count("open") == 1


@pytest.mark.parametrize("step", [moves.pause, moves.suspend])
async def test_a_pause_across_the_end(database: Database, step: type(moves.pause)) -> None:  # type: ignore[valid-type]
    """A paused or suspended period closes at its end too. That clears a pause; a suspension only an operator lifts, who
    then lets live tokens finish."""
    period = await opened(database)
    await database.write(lambda conn: step(conn, period.uid, "boris", CLOSES - 1))
    assert await moves.open_due(database, CLOSES - 1) == []
    (closed,) = await moves.open_due(database, CLOSES)
    suspended = step is moves.suspend
    assert (closed.state, closed.paused, closed.suspended) == ("closed", False, suspended)
    assert closed.paused_at == (CLOSES - 1 if suspended else None)
    assert (await audited(database))[-1] == ("service", "close", period.uid)
    if suspended:
        resumed = await database.write(lambda conn: moves.resume(conn, period.uid, "boris", CLOSES + 5))
        assert (resumed.state, resumed.suspended, resumed.ended_at) == ("closed", False, CLOSES)
        assert resumed.notice is not None


async def test_a_ticker_that_slept_through_it(database: Database) -> None:
    """An armed period whose whole window passed without a tick is opened and closed, both on the record."""
    period = await draft(database)
    await database.write(lambda conn: moves.announce(conn, period.uid, DEMO, "agnes", EARLY))
    await database.write(lambda conn: moves.arm(conn, period.uid, retyped(period), "boris", EARLY))
    (closed,) = await moves.open_due(database, CLOSES + 1)
    assert closed.state == "closed"
    assert [action for _, action, _ in await audited(database)][-2:] == ["open", "close"]


async def test_pausing_without_a_ticker(database: Database) -> None:
    """An operator can pause a period whose opening no tick has written yet; the opening is the service's."""
    period = await draft(database)
    await database.write(lambda conn: moves.announce(conn, period.uid, DEMO, "agnes", EARLY))
    await database.write(lambda conn: moves.arm(conn, period.uid, retyped(period), "boris", EARLY))
    paused = await database.write(lambda conn: moves.pause(conn, period.uid, "boris", DURING))
    assert flags_of(paused).stand == "paused"
    assert [(actor, action) for actor, action, _ in await audited(database)][-2:] == [
        ("service", "open"), ("boris", "pause"),
    ]  # fmt: skip


async def test_two_operators_press_at_once(database: Database) -> None:
    """Of two pauses at once one is made and one refused: the row is locked before it is looked at."""
    period = await opened(database)
    both = await asyncio.gather(
        *(database.write(lambda conn: moves.pause(conn, period.uid, "boris", DURING)) for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in both) == ["Period", "Refusal"]
    assert (await row(database, period.uid)).version == period.version + 1


async def test_without_the_lock_both_pauses_are_made(postgresql_url: str) -> None:
    """The twin: where the row is looked at without its lock, both pauses are made and both are on the record."""
    db = Database(postgresql_url)
    period = await opened(db)
    both_looked = asyncio.Barrier(2)

    async def unlocked(conn: AsyncConnection) -> None:
        seen = period_of((await conn.execute(sa.select(store.period))).one())
        await both_looked.wait()
        flags = move(flags_of(seen), Action.PAUSE, DURING, OPENS)
        await ledger.update(conn, seen.uid, **msgspec.structs.asdict(flags))
        await audit.record(conn, "boris", "pause", Subject(PERIOD, seen.uid), DURING)

    await asyncio.gather(db.write(unlocked), db.write(unlocked))
    assert [action for _, action, _ in await audited(db)].count("pause") == 2
    assert (await row(db, period.uid)).version == period.version + 2
    await db.close()


async def test_a_faster_pace_is_in_force_at_once(database: Database) -> None:
    """From one call a minute to 240, the next call is a quarter of a second away; the other number stays as it was."""
    period = await opened(database)
    await database.write(lambda conn: ledger.update(conn, period.uid, clock=100_000, next_call=160_000))
    paced = await database.write(lambda conn: moves.set_pace(conn, period.uid, 240, None, "boris", DURING))
    assert paced == await row(database, period.uid)
    assert (paced.calls_per_minute, paced.most_live_tokens, paced.next_call) == (240, 250, 100_250)
    assert due_calls(100_250, paced.next_call, 240)[0] == 1
    slow = await database.write(lambda conn: moves.set_pace(conn, period.uid, 0, 5, "boris", DURING))
    assert (slow.calls_per_minute, slow.most_live_tokens, slow.next_call) == (0, 5, 100_250)


@pytest.mark.parametrize(("calls", "live"), [(-1, None), (10**9, None), (None, 0), (None, -5)])
async def test_a_wrong_pace(sqlite_url: str, calls: int | None, live: int | None) -> None:
    """A pace that cannot be is refused with its field."""
    db = Database(sqlite_url)
    period = await draft(db)
    with pytest.raises(Refusal, match="invalid"):
        await db.write(lambda conn: moves.set_pace(conn, period.uid, calls, live, "boris", DURING))
    assert await row(db, period.uid) == period
    await db.close()


async def test_notices(database: Database) -> None:
    """A notice is put up and taken down, both audited with the text; an empty or endless one is refused."""
    period = await draft(database)
    told = await database.write(lambda conn: moves.set_notice(conn, period.uid, "  Patience.  ", "boris", 5))
    assert told.notice == (await row(database, period.uid)).notice == "Patience."
    for text in ("", "   ", "x" * 501, "a\0b"):
        with pytest.raises(Refusal, match="invalid"):
            await database.write(lambda conn, text=text: moves.set_notice(conn, period.uid, text, "b", 5))  # type: ignore[misc]
    await database.write(lambda conn: moves.clear_notice(conn, period.uid, "boris", 6))
    assert (await row(database, period.uid)).notice is None

    async def detail(conn: AsyncConnection) -> object:
        line = await conn.execute(sa.select(audit.audit).where(audit.audit.c.act == "notice"))
        return msgspec.json.decode(line.one().after)

    assert await database.read(detail) == {"text": "Patience."}


async def test_an_unknown_period(database: Database) -> None:
    """A move of nothing is not_found."""
    for step in (moves.disarm, moves.pause, moves.resume, moves.close, moves.clear_notice):
        with pytest.raises(Refusal, match="not_found"):
            await database.write(lambda conn, step=step: step(conn, "nobody", "boris", DURING))  # type: ignore[misc]


async def refused(db: Database, step: Callable[[AsyncConnection], Awaitable[object]]) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        await db.write(step)
    return refusal.value


async def test_it_takes_two_people_to_arm(database: Database) -> None:
    """Whoever announced it is refused, however they spell themselves; another arms it, and a row has both (P17)."""
    made = await draft(database)
    period = await database.write(lambda conn: moves.announce(conn, made.uid, DEMO, "agnes", EARLY))
    for name in ("agnes", " Agnes"):
        no = await refused(
            database,
            lambda conn, name=name: moves.arm(conn, made.uid, retyped(made), name, EARLY),  # type: ignore[misc]
        )
        assert (no.code, no.fields["author"]) == ("second_person_needed", "agnes")
    assert await row(database, made.uid) == period
    armed = await database.write(lambda conn: moves.arm(conn, made.uid, retyped(made), "boris", EARLY))
    assert armed.state == "armed"
    a = store.approval.c
    found = await database.read(lambda conn: conn.execute(sa.select(a.act, a.author, a.approver)))
    assert [tuple(one) for one in found] == [("arm", "agnes", "boris")]


async def test_the_table_keeps_one_person_from_being_two(database: Database) -> None:
    """Whatever the code above it does: an approval by its author is no row."""
    values = {"subject_kind": "period", "subject_id": "x", "act": "arm", "author": "agnes", "asked_at": 1}
    wrong = sa.insert(store.approval).values(values | {"approver": "agnes"})
    with pytest.raises(sa.exc.IntegrityError):
        await database.write(lambda conn: conn.execute(wrong))


@pytest.mark.parametrize(
    ("cap", "opens_at", "fields"),
    [(5072, OPENS, ["cap"]), (5073, OPENS + 1, ["opens_at"]), (None, None, ["cap", "opens_at"])],
)
async def test_what_is_retyped_otherwise_arms_nothing(
    database: Database, cap: int | None, opens_at: int | None, fields: list[str]
) -> None:
    """The fields that differ are named, and nothing moves."""
    made = await draft(database)
    period = await database.write(lambda conn: moves.announce(conn, made.uid, DEMO, "agnes", EARLY))
    typed = moves.Retyped(cap, opens_at)
    no = await refused(database, lambda conn: moves.arm(conn, made.uid, typed, "boris", EARLY))
    assert no.code == "retyped_differently"
    assert [field["name"] for field in no.fields["fields"]] == fields
    assert await row(database, made.uid) == period


async def test_disarming_goes_back_to_the_announcement(database: Database) -> None:
    """Then the schedule opens nothing, until it is armed again; at the opening it is too late to disarm."""
    made = await draft(database)
    await database.write(lambda conn: moves.announce(conn, made.uid, DEMO, "agnes", EARLY))
    await database.write(lambda conn: moves.arm(conn, made.uid, retyped(made), "boris", EARLY))
    disarmed = await database.write(lambda conn: moves.disarm(conn, made.uid, "agnes", EARLY))
    assert (disarmed.state, disarmed.announced_by) == ("announced", "agnes")
    assert await moves.open_due(database, OPENS) == []
    await database.write(lambda conn: moves.arm(conn, made.uid, retyped(made), "boris", EARLY))
    no = await refused(database, lambda conn: moves.disarm(conn, made.uid, "agnes", OPENS))
    assert no.code == "move_not_allowed"


async def test_an_announcement_freezes_the_rules(database: Database) -> None:
    """The row has them with their digest, which the record has too; and the notice of the programme is kept."""
    made = await database.write(
        lambda conn: moves.create(conn, CUT_OFF, "juin", OPENS, CLOSES, None, "agnes", 1)
    )
    late = await refused(database, lambda conn: moves.announce(conn, made.uid, CUT_OFF, "agnes", EARLY))
    assert late.code == "move_not_allowed", "prtq-2016 is announced a day ahead"
    day_before = OPENS - 86_400_000
    period = await database.write(lambda conn: moves.announce(conn, made.uid, CUT_OFF, "agnes", day_before))
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
        return await moves.create(conn, DEMO, "essai", sunday, CLOSES, 7, "agnes", 1, reason=reason)

    for reason in (None, "", "   "):
        no = await refused(database, lambda conn, reason=reason: odd(conn, reason))  # type: ignore[misc]
        assert no.code == "invalid"
        assert {field["name"] for field in no.fields["fields"]} == {"opens_at", "cap"}
    made = await database.write(lambda conn: odd(conn, " essai de charge "))
    assert made.odd_reason == "essai de charge"
    line = sa.select(audit.audit.c.reason).where(audit.audit.c.act == "create")
    assert (await database.read(lambda conn: conn.execute(line))).scalar_one() == "essai de charge"
    assert (await database.write(lambda conn: moves.announce(conn, made.uid, DEMO, "agnes", 2))).announced_by


async def test_a_draft_is_corrected_and_removed_on_the_record(database: Database) -> None:
    """With what it said before and since; an oddity that had its reason needs none again; once announced, neither."""
    made = await database.write(
        lambda conn: moves.create(conn, DEMO, "essai", OPENS, CLOSES, 7, "agnes", 1, reason="essai")
    )
    change = DraftChange(opens_at=OPENS + 86_400_000)
    fixed = await database.write(lambda conn: moves.correct(conn, made.uid, DEMO, change, "boris", 2))
    assert fixed == await row(database, made.uid)
    assert (fixed.opens_at, fixed.cap, fixed.odd_reason) == (OPENS + 86_400_000, 7, "essai")
    wrong = DraftChange(token_seconds=1)
    no = await refused(database, lambda conn: moves.correct(conn, made.uid, DEMO, wrong, "boris", 3))
    assert [field["name"] for field in no.fields["fields"]] == ["token_seconds"]
    plain = DraftChange(cap=DEMO.cap.total)
    assert (
        await database.write(lambda conn: moves.correct(conn, made.uid, DEMO, plain, "boris", 4))
    ).odd_reason is None
    a = audit.audit.c
    lines = await database.read(
        lambda conn: conn.execute(sa.select(a.before, a.after).where(a.act == "correct").order_by(a.id))
    )
    assert [(msgspec.json.decode(line.before), msgspec.json.decode(line.after)) for line in lines] == [
        ({"opens_at": OPENS}, {"opens_at": OPENS + 86_400_000}),
        ({"cap": 7}, {"cap": DEMO.cap.total}),
    ]
    await database.write(lambda conn: moves.remove(conn, made.uid, "boris", 5))
    assert await database.read(moves.every) == []
    assert (await audited(database))[-1] == ("boris", "remove", made.uid)
    announced = await draft(database)
    await database.write(lambda conn: moves.announce(conn, announced.uid, DEMO, "agnes", EARLY))
    for step in (
        lambda conn: moves.correct(conn, announced.uid, DEMO, change, "boris", EARLY),
        lambda conn: moves.remove(conn, announced.uid, "boris", EARLY),
    ):
        assert (await refused(database, step)).code == "move_not_allowed"


async def test_a_stale_edit_is_refused(database: Database) -> None:
    """Only operators' acts move the version: not the opening, not a tick. Who saw an older one overwrites nothing."""
    period = await opened(database)
    assert period.edit_version == 3, "created, announced, armed; the schedule's opening does not count"
    await database.write(lambda conn: ledger.update(conn, period.uid, clock=5, held=1))
    seen = (await row(database, period.uid)).edit_version
    paced = await database.write(
        lambda conn: moves.set_pace(conn, period.uid, 4, None, "agnes", DURING, seen)
    )
    assert paced.edit_version == seen + 1
    stale: list[Callable[[AsyncConnection], Awaitable[object]]] = [
        lambda conn: moves.set_pace(conn, period.uid, 240, None, "boris", DURING, seen),
        lambda conn: moves.set_notice(conn, period.uid, "Patience.", "boris", DURING, seen),
        lambda conn: moves.clear_notice(conn, period.uid, "boris", DURING, seen),
        lambda conn: moves.set_proof(conn, period.uid, True, "boris", DURING, seen),
    ]
    for step in stale:
        no = await refused(database, step)
        assert (no.code, no.fields["current"]["version"]) == ("changed_meanwhile", seen + 1)
    assert (await row(database, period.uid)).calls_per_minute == 4


async def test_without_its_version_an_edit_overwrites(database: Database) -> None:
    """The twin: two edits that do not say what they saw are both made, and the first is lost."""
    period = await opened(database)
    for pace in (4, 240):
        await database.write(
            lambda conn, pace=pace: moves.set_pace(conn, period.uid, pace, None, "agnes", DURING)  # type: ignore[misc]
        )
    assert (await row(database, period.uid)).calls_per_minute == 240


@pytest.mark.parametrize("said", [None, "La panne est réparée."])
async def test_a_suspension_ends_with_a_notice(database: Database, said: str | None) -> None:
    """The operator's words or a standard sentence, on the record; a notice that was put up since it began stays."""
    period = await opened(database)
    await database.write(lambda conn: moves.set_notice(conn, period.uid, "Avant.", "agnes", DURING))
    await database.write(lambda conn: moves.suspend(conn, period.uid, "agnes", DURING + 1))
    resumed = await database.write(lambda conn: moves.resume(conn, period.uid, "agnes", DURING + 2, said))
    assert resumed == await row(database, period.uid)
    assert resumed.notice == said if said else "a repris le lundi 13 juin 2016" in (resumed.notice or "")
    assert [act for _, act, _ in await audited(database)][-2:] == ["resume", "notice"]
    await database.write(lambda conn: moves.suspend(conn, period.uid, "agnes", DURING + 3))
    await database.write(lambda conn: moves.set_notice(conn, period.uid, "Bientôt.", "agnes", DURING + 4))
    again = await database.write(lambda conn: moves.resume(conn, period.uid, "agnes", DURING + 5))
    assert (again.notice, [act for _, act, _ in await audited(database)][-1]) == ("Bientôt.", "resume")


async def test_a_pause_ends_without_a_word(database: Database) -> None:
    """Nothing was stopped that people must be told of."""
    period = await opened(database)
    await database.write(lambda conn: moves.pause(conn, period.uid, "agnes", DURING))
    assert (await database.write(lambda conn: moves.resume(conn, period.uid, "agnes", DURING))).notice is None
