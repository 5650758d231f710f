"""Submit: exactly the cap, one receipt whatever is repeated, refusals that cost nothing. Protections have twins."""

import asyncio
import re
import time
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import identities
from accounts.sessions import SignedIn
from casework import receipts
from config.demo.people import invented_content
from foundation import outbox
from foundation.clock import now_ms
from foundation.errors import Refusal, Unavailable
from foundation.sql.database import Database
from quota import ledger
from quota import store as quota_store
from quota.ledger import Token
from quota.store import Period
from submission import duplicates
from submission import store as submission_store
from submission.drafts import store as drafts_store
from submission.follow_up import FollowUp
from submission.forms.answers import Answers
from submission.states import Capacity, capacity_of
from submission.submit import Accepted
from tests.support.desks import (
    PERSONAL,
    PHONE,
    CalledPerson,
    Desk,
    call,
    days_ago,
    make_account,
    make_desk,
    sign_in,
    signed,
    visit,
)
from tests.support.drafts import rewrite
from tests.support.rooms import KEYS, make_period, read_period, set_period


async def refusal_of(work: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await work
    return refused.value


async def code_of(work: Any) -> str:
    return (await refusal_of(work)).code


async def token_row(desk: Desk, called: CalledPerson) -> Token:
    token = await desk.db.read(lambda conn: ledger.find(conn, called.period.uid, called.number))
    assert token is not None
    return token


async def count(db: Database, table: sa.Table) -> int:
    rows = await db.read(lambda conn: conn.execute(sa.select(sa.func.count()).select_from(table)))
    return rows.scalar_one()


async def ready(desk: Desk, number: int = 1, **values: Any) -> tuple[CalledPerson, Any]:
    """A browser that was called and signed in, with a complete draft: only the signature is missing."""
    period = await make_period(desk.db, **values)
    await make_account(desk, number)
    called = await call(desk, period, number)
    return called, await sign_in(desk, called, number)


async def test_a_submission_takes_a_place_and_leaves_everything_written(database: Database) -> None:
    """One transaction makes the submission, its history and its jobs, uses the token and counts the place."""
    desk = make_desk(database)
    called, signed_in = await ready(desk)
    before = now_ms()
    accepted = await desk.submit(called.visit(signed_in), "essai", signed(called))
    assert (accepted.rank, accepted.repeated) == (1, False)
    assert re.fullmatch(r"MPQ(-[0-9A-HJKMNP-TV-Z]{5}){4}", accepted.receipt)
    assert before - 1_000 <= accepted.submitted_at <= now_ms()
    token = await token_row(desk, called)
    assert (token.state, token.receipt) == ("used", accepted.receipt)
    period = await read_period(database, called.period)
    assert (period.accepted, period.held, period.state) == (1, 1, "open")
    found = await database.read(
        lambda conn: receipts.find(conn, PERSONAL, accepted.receipt, signed_in.session.owner)
    )
    assert (found.rank, found.number, found.status, found.capacity) == (1, 1, "submitted", "candidate")
    assert [(change.status, change.at) for change in found.history] == [("submitted", accepted.submitted_at)]
    assert await count(database, outbox.task) == len(FollowUp)
    assert (
        await code_of(database.read(lambda conn: receipts.find(conn, PERSONAL, accepted.receipt, 999)))
        == "not_found"
    )
    row = await database.read(lambda conn: conn.execute(sa.select(submission_store.submission.c.device)))
    assert '"rule_version":"1"' in row.scalar_one()


async def test_nobody_signs_as_a_lawyer_who_is_none_on_the_file(database: Database) -> None:
    """The refusal costs nothing: the same token submits when the candidate signs (RP-01)."""
    desk = make_desk(database)
    called, signed_in = await ready(desk)
    lawyer = desk.submit(called.visit(signed_in), "essai", signed(called, capacity=Capacity.LAWYER))
    assert await code_of(lawyer) == "representative_not_recognised"
    assert (await desk.submit(called.visit(signed_in), "essai", signed(called))).rank == 1


@pytest.mark.parametrize(
    "later",
    [
        {},
        {"state": "closed", "ended_at": 1},
        {"state": "cap_reached"},
        {"suspended": True},
        {"paused": True},
        {"clock": 10**9},
    ],
)
async def test_a_repeat_gets_its_receipt_whatever_happened_since(
    database: Database, later: dict[str, Any]
) -> None:
    """Also after the end, suspended, without a token, a signature or a computer: ticket and account are enough (P3)."""
    desk = make_desk(database)
    called, signed_in = await ready(desk)
    first = await desk.submit(called.visit(signed_in), "essai", signed(called))
    await set_period(database, called.period, **later)
    repeats = [
        (called.visit(signed_in), signed(called)),
        (called.visit(signed_in), signed(None, declaration=False, capacity=None)),
        (called.visit(signed_in, verdict=PHONE), signed(called, token="forged")),
    ]
    for at, signing in repeats:
        again = await desk.submit(at, "essai", signing)
        assert again == Accepted(**{**fields(first), "repeated": True})
    assert (await read_period(database, called.period)).accepted == 1


def fields(accepted: Accepted) -> dict[str, Any]:
    return {name: getattr(accepted, name) for name in Accepted.__struct_fields__}


async def outcomes(work: list[Any]) -> Counter[str]:
    """How the submissions of a race ended: `new`, `repeat`, a refusal's code, or an error's name."""
    answers = await asyncio.gather(*work, return_exceptions=True)
    return Counter(
        answer.code if isinstance(answer, Refusal)
        else type(answer).__name__ if isinstance(answer, BaseException)
        else "repeat" if answer.repeated else "new"
        for answer in answers
    )  # fmt: skip


async def sixty_for_fifty(desk: Desk) -> tuple[Period, list[Any]]:
    """Forty live tokens, and twenty that lapsed after their owners had sent: sixty submissions for fifty places.

    They come to three processes, as far as the store can see.
    """
    period = await make_period(desk.db, cap=50)
    work, desks = [], [desk, make_desk(desk.db), make_desk(desk.db)]
    for number in range(1, 61):
        await make_account(desk, number)
        called = await call(desk, period, number, state="live" if number <= 40 else "lapsed")
        work.append(insist(desks[number % 3], called, await sign_in(desk, None, number)))
    return period, work


async def insist(desk: Desk, called: CalledPerson, signed_in: SignedIn) -> Accepted:
    """Submit, and again when a busy store says so: nothing was lost, and the same request may be repeated."""
    while True:
        try:
            return await desk.submit(called.visit(signed_in), "essai", signed(called))
        except Unavailable:
            await asyncio.sleep(0.05)


async def test_sixty_in_time_for_fifty_places_make_exactly_fifty(database: Database) -> None:
    """The cap is reached exactly, ranks are 1 to 50 without a gap, and the last one closes the period (P2)."""
    desk = make_desk(database)
    period, work = await sixty_for_fifty(desk)
    found = await outcomes(work)
    assert found.pop("new") == 50
    assert found.keys() <= {"token_expired", "quota_reached"}
    period = await read_period(database, period)
    assert (period.accepted, period.held, period.state) == (50, 50, "cap_reached")
    ranks = await database.read(lambda conn: conn.execute(sa.select(submission_store.submission.c.rank)))
    assert sorted(ranks.scalars()) == list(range(1, 51))


async def unlocked(conn: AsyncConnection, uid: str) -> Period:
    """`ledger.lock` without the lock; what was read stands for a moment, as it does on a busy machine."""
    row = await conn.execute(sa.select(quota_store.period).where(quota_store.period.c.uid == uid))
    await asyncio.sleep(0.05)
    return quota_store.period_of(row.one())


async def test_without_the_periods_lock_two_would_be_given_one_rank(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: on PostgreSQL, submissions that do not lock the period's row collide on a rank."""
    database = Database(postgresql_url)
    desk = make_desk(database)
    _, work = await sixty_for_fifty(desk)
    monkeypatch.setattr(ledger, "lock", unlocked)
    found = await outcomes(work)
    await database.close()
    assert found["new"] < 50
    assert found["IntegrityError"] > 0


async def twenty_browsers(desk: Desk) -> list[Any]:
    """One account signed in from twenty browsers that were all called, each submitting."""
    period = await make_period(desk.db)
    await make_account(desk)
    work = []
    for number in range(1, 21):
        called = await call(desk, period, number)
        work.append(insist(desk, called, await sign_in(desk)))
    return work


async def test_one_account_from_twenty_browsers_gets_one_receipt(database: Database) -> None:
    """Whoever is first submits; the others are told that this account has (P4)."""
    desk = make_desk(database)
    found = await outcomes(await twenty_browsers(desk))
    assert found == {"new": 1, "duplicate_account": 19}
    assert await count(database, submission_store.submission) == 1


async def test_without_the_look_at_earlier_ones_only_the_table_would_stop_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: nobody asks what the account submitted before; the table's own rule is what is left, and it is an error."""
    monkeypatch.setattr(duplicates.EarlierSubmissions, "find", nothing)
    desk = make_desk(database)
    found = await outcomes(await twenty_browsers(desk))
    assert found == {"new": 1, "IntegrityError": 19}


def nothing(*_: object) -> None:
    return None


async def test_a_hundred_replays_of_one_token_are_one_submission(database: Database) -> None:
    """Sent a hundred times at once: accepted once, and ninety-nine times the same receipt (P3, P5)."""
    desk = make_desk(database)
    called, signed_in = await ready(desk)
    found = await outcomes([insist(desk, called, signed_in) for _ in range(100)])
    assert found == {"new": 1, "repeat": 99}
    assert (await read_period(database, called.period)).accepted == 1
    assert await count(database, submission_store.submission) == 1


async def test_without_the_look_at_earlier_ones_a_repeat_would_lose_its_receipt(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: the token alone still lets one through, but the other ninety-nine are refused their receipt."""
    monkeypatch.setattr(duplicates.EarlierSubmissions, "find", nothing)
    desk = make_desk(database)
    called, signed_in = await ready(desk)
    found = await outcomes([insist(desk, called, signed_in) for _ in range(100)])
    assert found == {"new": 1, "token_used": 99}


@pytest.mark.parametrize(("late_by", "code"), [(-1, None), (0, None), (1, "token_expired")])
async def test_the_last_millisecond_counts_and_the_next_does_not(
    database: Database, late_by: int, code: str | None
) -> None:
    """A token works up to and including its end on the service clock (SW-02)."""
    desk = make_desk(database)
    called, signed_in = await ready(desk)
    ends = (await token_row(desk, called)).ends
    assert ends is not None
    await set_period(database, called.period, clock=ends + late_by)
    work = desk.submit(called.visit(signed_in, arrived=time.monotonic() + 60), "essai", signed(called))
    if code is None:
        assert (await work).rank == 1
    else:
        assert await code_of(work) == code
        assert (await read_period(database, called.period)).held == 1


@pytest.mark.parametrize(
    ("state", "full", "code"),
    [("live", False, None), ("lapsed", False, None), ("lapsed", True, "token_expired")],
)
async def test_when_it_arrived_decides_not_when_we_got_round_to_it(
    database: Database, state: str, full: bool, code: str | None
) -> None:
    """A request that waited for us keeps its time; if its place has gone on, it takes another if there is one."""
    desk = make_desk(database)
    called, signed_in = await ready(desk, cap=1)
    ends = (await token_row(desk, called)).ends
    assert ends is not None
    if state == "lapsed":
        late = {"state": "lapsed"}
        await database.write(lambda conn: conn.execute(sa.update(quota_store.token).values(late)))
        await set_period(database, called.period, held=1 if full else 0)
    await set_period(database, called.period, clock=ends + 3_000)
    work = desk.submit(called.visit(signed_in, arrived=time.monotonic() - 5), "essai", signed(called))
    assert (await code_of(work) if code else (await work).rank) == (code or 1)


async def test_without_the_age_of_the_request_it_would_be_late(database: Database) -> None:
    """Twin: the same request, judged by the clock when we got round to it, is refused."""
    desk = make_desk(database)
    called, signed_in = await ready(desk)
    ends = (await token_row(desk, called)).ends
    assert ends is not None
    await set_period(database, called.period, clock=ends + 3_000)
    assert await code_of(desk.submit(called.visit(signed_in), "essai", signed(called))) == "token_expired"


async def test_what_is_not_ready_costs_nothing(database: Database) -> None:
    """Device, draft and signature are refused with place and token untouched; put right, the same token submits."""
    desk = make_desk(database)
    called, signed_in = await ready(desk)
    content, d = invented_content("essai", 1), drafts_store.draft
    account = (await database.read(lambda conn: conn.execute(sa.select(d.c.account)))).scalar_one()

    async def keep(**values: Any) -> None:
        await database.write(lambda conn: conn.execute(sa.update(d).values(values)))

    async def refused(**values: Any) -> Refusal:
        at = called.visit(signed_in, **({"verdict": PHONE} if values.pop("phone", False) else {}))
        refusal = await refusal_of(desk.submit(at, "essai", signed(called, **values)))
        assert (await token_row(desk, called)).state == "live"
        assert (await read_period(database, called.period)).accepted == 0
        return refusal

    assert (await refused(phone=True)).code == "device_refused"
    gaps: Answers = content | {
        "training": content["training"] | {"diploma": " "}, "contact": content["contact"] | {"telephone": ""}
    }  # fmt: skip
    await rewrite(database, desk.drafts, account, gaps)
    incomplete = await refused()
    assert (incomplete.code, incomplete.fields) == ("draft_incomplete", {"missing": ["training.diploma"]})
    await rewrite(database, desk.drafts, account, content)
    await keep(begun_at=days_ago(91))
    assert (await refused()).code == "draft_expired"
    await keep(begun_at=days_ago(89))
    for unsigned in (
        {"declaration": False},
        {"capacity": capacity_of("")},
        {"capacity": capacity_of("consultant")},
    ):
        assert (await refused(**unsigned)).code == "signature_missing"
    assert (await desk.submit(called.visit(signed_in), "essai", signed(called))).rank == 1
    assert await count(database, outbox.task) == len(FollowUp)


async def test_an_account_without_a_draft_is_told_what_is_missing(database: Database) -> None:
    """No draft at all is an incomplete one: everything required is listed, in the form's order."""
    desk = make_desk(database)
    await make_account(desk, draft=False)
    called = await call(desk, await make_period(database), 1)
    refused = await refusal_of(desk.submit(called.visit(await sign_in(desk)), "essai", signed(called)))
    assert (refused.code, refused.fields["missing"][0]) == ("draft_incomplete", "identity.family_name")


async def test_a_submission_binds_a_token_that_no_sign_in_has(database: Database) -> None:
    """Somebody signed in beforehand submits at once: the token is bound by the same rules, and a refusal unbinds it."""
    desk = make_desk(database)
    account = await make_account(desk)
    period = await make_period(database)
    called = await call(desk, period, 1)
    signed_in = await sign_in(desk)
    assert (
        await code_of(desk.submit(called.visit(signed_in), "essai", signed(called, capacity=None)))
        == "signature_missing"
    )
    assert (await token_row(desk, called)).account is None
    await set_period(database, period, accounts_created_before=1_000)
    assert (
        await code_of(desk.submit(called.visit(signed_in), "essai", signed(called))) == "account_too_recent"
    )
    await set_period(database, period, accounts_created_before=None)
    await desk.submit(called.visit(signed_in), "essai", signed(called))
    assert (await token_row(desk, called)).account == account


async def test_an_overdue_token_of_the_account_gives_its_place_back_first(database: Database) -> None:
    """Binding ends the account's own overdue token; the places still add up afterwards (P6)."""
    desk = make_desk(database)
    await make_account(desk)
    period = await make_period(database)
    first = await call(desk, period, 1, ends=10_000)
    await sign_in(desk, first)
    second = await call(desk, period, 2)
    await set_period(database, period, clock=60_000)
    await desk.submit(second.visit(await sign_in(desk)), "essai", signed(second))
    period = await read_period(database, period)
    assert (period.accepted, period.held) == (1, 1)
    assert (await token_row(desk, first)).state == "lapsed"


async def test_each_refusal_has_its_code(database: Database) -> None:
    """Session, ticket, token, person and state: each is refused by its own code, and takes no place."""
    desk = make_desk(database)
    called, signed_in = await ready(desk)
    period = called.period
    await make_account(desk, 2)
    second = await sign_in(desk, None, 2)
    other = await call(desk, period, 2)

    async def code(at: Any, *, token: str = called.token, to: str = "essai") -> str:
        return await code_of(desk.submit(at, to, signed(called, token=token)))

    assert await code(called.visit()) == "not_signed_in"
    assert await code(called.visit(signed_in), to="nowhere") == "not_found"
    assert await code(called.visit(signed_in), token="") == "no_token"
    assert await code(called.visit(signed_in), token=called.token[:-3] + "abc") == "no_token"
    assert await code(visit(None, signed_in)) == "token_other_browser"
    assert await code(other.visit(signed_in)) == "token_other_browser"
    assert await code(called.visit(second)) == "token_used"
    await set_period(database, period, suspended=True)
    assert await code(called.visit(signed_in)) == "suspended"
    await set_period(database, period, suspended=False)
    await desk.submit(called.visit(signed_in), "essai", signed(called))
    assert await code(called.visit(second)) == "token_used"
    assert await code(other.visit(signed_in), token=other.token) == "duplicate_account"
    spelled = identities.Identity(
        family_name="TREMBLAY", given_name="KARIM", birth_date="1971 02 02", passport="es-0000001"
    )
    await make_account(desk, 3, identity=spelled)
    assert await code(other.visit(await sign_in(desk, None, 3)), token=other.token) == "duplicate_person"
    assert (await read_period(database, period)).accepted == 1


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("cap_reached", "quota_reached"),
        ("closed", "period_closed"),
        ("draft", "not_found"),
        ("armed", "no_token"),
    ],
)
async def test_without_a_live_token_the_state_is_what_is_said(
    database: Database, state: str, code: str
) -> None:
    """Whoever was never called is told that the period is over, rather than that they have no token."""
    desk = make_desk(database)
    await make_account(desk)
    await make_period(database, state=state)
    assert await code_of(desk.submit(visit(None, await sign_in(desk)), "essai", signed(None))) == code


async def test_live_tokens_finish_after_a_close(database: Database) -> None:
    """Closing calls nobody any more, but who was called may submit."""
    desk = make_desk(database)
    called, signed_in = await ready(desk)
    await set_period(database, called.period, state="closed", ended_at=now_ms())
    assert (await desk.submit(called.visit(signed_in), "essai", signed(called))).rank == 1
    assert (await read_period(database, called.period)).state == "closed"


async def test_a_person_is_one_person_while_secrets_rotate(database: Database) -> None:
    """The key for persons belongs to the period: a new SECRET_KEYS between two submissions changes nothing."""
    desk = make_desk(database)
    called, signed_in = await ready(desk)
    await desk.submit(called.visit(signed_in), "essai", signed(called))
    spelled = identities.Identity(
        family_name="TREMBLAY", given_name="KARIM", birth_date="1971 02 02", passport="es-0000001"
    )
    rotated = make_desk(database, ("a new first key, long enough to sign", *KEYS))
    await make_account(rotated, 2, identity=spelled)
    other = await call(rotated, called.period, 2)
    assert (
        await code_of(rotated.submit(other.visit(await sign_in(rotated, None, 2)), "essai", signed(other)))
        == "duplicate_person"
    )
    again = await rotated.submit(called.visit(await sign_in(rotated)), "essai", signed(called))
    assert again.repeated


async def test_a_commit_whose_answer_is_lost_is_there_at_the_next_try(database: Database) -> None:
    """A caller who goes away in the middle has either submitted or not; asking again tells, and never twice (P3)."""
    desk = make_desk(database)
    called, signed_in = await ready(desk)
    for turns in range(0, 60, 3):
        task = asyncio.create_task(desk.submit(called.visit(signed_in), "essai", signed(called)))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert (await desk.submit(called.visit(signed_in), "essai", signed(called))).rank == 1
    assert await count(database, submission_store.submission) == 1
    assert (await read_period(database, called.period)).accepted == 1
