"""Whose turn it is, of many who ask together."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from accounts import store as accounts_store
from accounts.sessions import SignedIn
from foundation.clock import now_ms
from foundation.errors import Unavailable
from foundation.sql.database import Database
from server.requests import Incoming
from submission.turns import turn as turn_module
from submission.turns.turn import CandidateTurn, Turns
from tests.support.candidates.refusals import code_of
from tests.support.desks import CalledPerson, Desk, call, make_account, make_desk, sign_in, visit
from tests.support.drafts import draft_of
from tests.support.rooms import make_period

PEOPLE = range(1, 13)


class CalledCrowd(msgspec.Struct):
    """People who were called, each signed in with a draft of their own; `accounts` by number."""

    desk: Desk
    called: dict[int, CalledPerson]
    signed_in: dict[int, SignedIn]
    accounts: dict[int, int]

    def came(self, number: int, session: int | None = None, **values: Any) -> Incoming:
        """A request of this number's browser, with its own session or another one's."""
        return asking(self.called[number].visit(self.signed_in[session or number], **values).came)


def asking(came: Incoming, period: str = "essai") -> Incoming:
    came.parameters = {"id": period}
    return came


@pytest.fixture
async def crowd(database: Database) -> AsyncIterator[CalledCrowd]:
    desk = make_desk(database, limited=False)
    period = await make_period(database, ticked_at=now_ms(), cap=500)
    accounts = {number: await make_account(desk, number) for number in PEOPLE}
    called = {number: await call(desk, period, number) for number in PEOPLE}
    signed_in = {number: await sign_in(desk, called[number], number) for number in PEOPLE}
    yield CalledCrowd(desk, called, signed_in, accounts)
    desk.accounts.hasher.close()


async def asked(turns: Turns, came: Incoming, with_draft: bool = True) -> Any:
    heard: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    turns.ask(came, heard.set_result, with_draft=with_draft)
    return await heard


async def strangers(crowd: CalledCrowd) -> list[int]:
    """The numbers among a crowd who all ask at once to whom somebody else's turn was told."""
    turns, wrong = Turns(crowd.desk), []
    told = await asyncio.gather(*(asked(turns, crowd.came(number)) for number in PEOPLE))
    for number, turn in zip(PEOPLE, told, strict=True):
        assert isinstance(turn, CandidateTurn) and turn.token and turn.session
        draft = await draft_of(crowd.desk.db, crowd.desk.drafts, crowd.accounts[number])
        theirs = draft is not None and turn.draft == draft
        if not (theirs and turn.token.number == number and turn.session.username == f"essai-{number:05d}"):
            wrong.append(number)
    return wrong


async def test_each_of_many_is_told_their_own_turn(crowd: CalledCrowd) -> None:
    """Number, account and draft are those of the ticket and the session that each of them showed."""
    assert await strangers(crowd) == []


async def test_a_turn_told_to_the_next_in_line_would_be_seen(
    crowd: CalledCrowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: with the answers of one look moved by one, everybody has somebody else's."""
    together = turn_module._together

    async def moved(conn: Any, ciphers: Any, some: Any) -> Any:
        found = await together(conn, ciphers, some)
        return [*found[1:], found[0]]

    monkeypatch.setattr(turn_module, "_together", moved)
    assert await strangers(crowd) == list(PEOPLE)


async def test_those_who_ask_together_cost_one_look(crowd: CalledCrowd) -> None:
    """However many they are."""
    looks = 0
    read = crowd.desk.db.read

    async def counted(work: Any) -> Any:
        nonlocal looks
        looks += 1
        return await read(work)

    crowd.desk.db.read = counted  # type: ignore[method-assign]
    turns = Turns(crowd.desk)
    await asyncio.gather(*(asked(turns, crowd.came(number)) for number in PEOPLE))
    assert looks == 1


async def test_what_is_wrong_with_one_is_nothing_to_the_others(crowd: CalledCrowd) -> None:
    """Unknown and unannounced periods, tickets of another one, sessions that ended or are another's, in one look."""
    desk = crowd.desk
    await make_period(desk.db, id="brouillon", state="draft")
    other = await make_period(desk.db, id="autre")
    called = await call(desk, other, 1)
    s = accounts_store.session
    over = sa.update(s).where(s.c.owner == crowd.accounts[2]).values(expires_at=now_ms())
    await desk.db.write(lambda conn: conn.execute(over))
    turns = Turns(desk)
    bare = visit().came
    foreign = visit({"ticket-essai": called.ticket}, crowd.signed_in[4]).came
    found = await asyncio.gather(
        asked(turns, crowd.came(1)),
        asked(turns, asking(crowd.came(1), "rien")),
        asked(turns, asking(crowd.came(1), "brouillon")),
        asked(turns, crowd.came(2)),
        asked(turns, crowd.came(3, session=4)),
        asked(turns, asking(bare)),
        asked(turns, asking(foreign)),
        asked(turns, asking(visit(bearer=called.ticket).came, "autre")),
        asked(turns, crowd.came(5), with_draft=False),
    )
    first, unknown, unannounced, ended, another, nobody, other_ticket, program, without = found
    assert first.is_theirs and first.is_live and first.draft
    assert (unknown.code, unannounced.code) == ("not_found", "not_found")
    assert (ended.session, ended.draft, ended.token.number, ended.is_theirs) == (None, None, 2, False)
    assert another.session.username == "essai-00004" and not another.is_theirs
    assert another.other_session is another.session and another.token.number == 3
    assert (nobody.token, nobody.session, nobody.has_ticket) == (None, None, False)
    assert nobody.standing == "/periodes/essai?retour=1"
    assert (other_ticket.token, other_ticket.has_ticket) == (None, False)
    assert other_ticket.session.username == "essai-00004"
    assert (program.period.id, program.token.number, program.standing) == ("autre", 1, "/periodes/autre")
    assert without.draft is None and without.is_theirs


async def test_a_turn_that_is_waited_for_refuses_what_is_no_period(crowd: CalledCrowd) -> None:
    """As everything else that waits."""
    turns = Turns(crowd.desk)
    assert (await turns.turn(crowd.came(7))).is_theirs
    assert await code_of(turns.turn(asking(crowd.came(7), "rien"))) == "not_found"


async def test_all_who_ask_hear_that_sql_is_away(crowd: CalledCrowd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for nothing, and the next who asks is read again."""
    turns = Turns(crowd.desk)

    async def away(conn: Any, ciphers: Any, some: Any) -> Any:
        raise Unavailable("sql")

    with monkeypatch.context() as broken:
        broken.setattr(turn_module, "_together", away)
        told = await asyncio.gather(*(asked(turns, crowd.came(number)) for number in PEOPLE))
    assert all(isinstance(one, Unavailable) for one in told)
    assert (await asked(turns, crowd.came(1))).is_theirs
