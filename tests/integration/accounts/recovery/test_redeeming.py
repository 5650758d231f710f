"""A link replaces what was lost, once, for an hour, by who knows the other secret; and the owner is told."""

from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa

from accounts import sessions
from accounts.events.events import events_of
from accounts.recovery import redeeming
from accounts.recovery.asking import MOST_WRONG
from accounts.recovery.states import LostSecret
from accounts.recovery.store import recovery
from accounts.store import attempt
from foundation.audit import audit
from foundation.clock import now_ms
from foundation.sql.database import Database
from tests.support.candidates.refusals import code_of
from tests.support.desks import ANSWERS, PASSWORD, Desk, credentials, make_desk, sign_in, visit
from tests.support.people.mailboxes import posted, with_address
from tests.support.people.recoveries import asked, services_of
from tests.support.tasks import rows

NEW = "quatre girafes sous un parapluie vert"

PAIRS = [("Quel mot vous faisait rire ?", "saperlipopette"), ("Quelle odeur ?", "la craie"), ("", "")]


def renewing(desk: Desk, token: str, answers: list[str], password: str = NEW) -> Awaitable[None]:
    return redeeming.renew_password(services_of(desk), visit().came, token, answers, password)


async def test_a_user_name_is_shown_behind_the_button(database: Database) -> None:
    """A look shows nothing and changes nothing; pressed twice at once it is shown twice, later no more."""
    desk = make_desk(database)
    account = await with_address(desk)
    token = await asked(desk, LostSecret.USERNAME)
    for _ in range(3):
        assert (await redeeming.look(services_of(desk), token)).what is LostSecret.USERNAME
    shown = [await redeeming.show_username(services_of(desk), visit().came, token) for _ in range(2)]
    assert shown == ["essai-00001", "essai-00001"]
    kinds = [event.kind for event in await database.read(lambda conn: events_of(conn, {account}))]
    assert kinds == ["recovery_asked", "username_shown"]
    assert [letter.kind for letter in await posted(database)] == ["recovery_link", "secret_renewed"]
    used = now_ms() - redeeming.SHOWN_AGAIN_MS - 1
    await database.write(lambda conn: conn.execute(sa.update(recovery).values(used_at=used)))
    assert await code_of(redeeming.look(services_of(desk), token)) == "link_expired"


async def test_a_lost_password_is_replaced_by_who_knows_the_answers(database: Database) -> None:
    """The old one and every session end with it; the link serves once; the owner is told, and it is on record."""
    desk = make_desk(database)
    account = await with_address(desk)
    signed_in = await sign_in(desk)
    token = await asked(desk, LostSecret.PASSWORD)
    await renewing(desk, token, ["erable", "le grand chien", "quebec"])
    assert await sessions.current(desk.accounts, visit(None, signed_in)) is None
    assert await code_of(desk.sign_in(visit(), credentials())) == "bad_credentials"
    await desk.sign_in(visit(), credentials(password=NEW))
    assert await code_of(renewing(desk, token, ANSWERS)) == "link_expired"
    assert [letter.kind for letter in await posted(database)] == ["recovery_link", "secret_renewed"]
    events = await database.read(lambda conn: events_of(conn, {account}))
    kinds = [event.kind for event in events if event.kind != "sign_in"]
    assert kinds == ["recovery_asked", "password_renewed"]
    assert ("secret_renewed", "candidate") in await rows(database, audit.c.act, audit.c.role)


async def test_lost_answers_are_replaced_by_who_knows_the_password(database: Database) -> None:
    """With new questions; those of the old ones are wrong from then on."""
    desk = make_desk(database)
    await with_address(desk)
    token = await asked(desk, LostSecret.ANSWERS)
    services, came = services_of(desk), visit().came
    assert await code_of(redeeming.renew_answers(services, came, token, "faux", PAIRS)) == "bad_credentials"
    assert await code_of(redeeming.renew_answers(services, came, token, PASSWORD, PAIRS[:1])) == "invalid"
    await redeeming.renew_answers(services, came, token, PASSWORD, PAIRS)
    assert await code_of(desk.sign_in(visit(), credentials())) == "bad_security_answers"
    await desk.sign_in(visit(), credentials(answers=["Saperlipopette", "la  craie"]))


async def test_a_link_takes_so_many_wrong_tries(database: Database) -> None:
    """Then it is past. Between them one waits, over all links; a weak password costs none."""
    desk = make_desk(database)
    await with_address(desk)
    token = await asked(desk, LostSecret.PASSWORD)
    assert await code_of(renewing(desk, token, ANSWERS, "123")) == "password_weak"
    assert await code_of(renewing(desk, token, ANSWERS, "essai-00001 essai-00001")) == "password_weak"
    found = []
    for _ in range(MOST_WRONG + 1):
        await database.write(lambda conn: conn.execute(sa.update(attempt).values(last_at=0)))
        found.append(await code_of(renewing(desk, token, ["faux"])))
    assert found == ["bad_security_answers"] * MOST_WRONG + ["link_expired"]
    another = await asked(desk, LostSecret.PASSWORD)
    waiting = {"wrong": 9, "last_at": now_ms()}
    await database.write(lambda conn: conn.execute(sa.update(attempt).values(waiting)))
    assert await code_of(renewing(desk, another, ANSWERS)) == "rate_limited"


async def test_without_the_count_guesses_would_go_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twin: with no bound the eleventh wrong try is looked at too."""
    monkeypatch.setattr(redeeming, "MOST_WRONG", 1_000)
    desk = make_desk(database)
    await with_address(desk)
    token = await asked(desk, LostSecret.PASSWORD)
    for _ in range(MOST_WRONG + 1):
        await database.write(lambda conn: conn.execute(sa.update(attempt).values(last_at=0)))
        assert await code_of(renewing(desk, token, ["faux"])) == "bad_security_answers"


async def test_a_link_is_good_for_an_hour_and_for_what_it_says(database: Database) -> None:
    """Nobody's token, one that is past, and one for something else are all the same."""
    desk = make_desk(database)
    await with_address(desk)
    token = await asked(desk, LostSecret.USERNAME)
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: renewing(desk, token, ANSWERS),
        lambda: redeeming.look(services_of(desk), "x" * 43),
        lambda: redeeming.look(services_of(desk), ""),
    ]
    assert [await code_of(call()) for call in calls] == ["link_expired"] * 3
    await database.write(lambda conn: conn.execute(sa.update(recovery).values(kept_until=now_ms())))
    assert await code_of(redeeming.look(services_of(desk), token)) == "link_expired"


async def test_what_was_changed_meanwhile_is_not_overwritten(database: Database) -> None:
    """Two links at once, for both secrets: the second one was proved with what no longer is, and is past."""
    desk = make_desk(database)
    await with_address(desk)
    first, second = await asked(desk, LostSecret.PASSWORD), await asked(desk, LostSecret.ANSWERS)
    await renewing(desk, first, ANSWERS)
    services, came = services_of(desk), visit().came
    assert await code_of(redeeming.renew_answers(services, came, second, PASSWORD, PAIRS)) == "link_expired"
