"""The rehearsal of the sign-in."""

from accounts.own_account import profile, rehearsal
from accounts.sessions import Session
from accounts.sign_in import Credentials
from accounts.states import SessionRole
from foundation.sql.database import Database
from tests.integration.accounts.second_factor.test_proof import code_now, with_factor
from tests.support.candidates.own_accounts import SECRETS, own_account
from tests.support.candidates.refusals import code_of
from tests.support.candidates.registering import ANSWERS, PASSWORD
from tests.support.desks import ANSWERS as DESK_ANSWERS
from tests.support.desks import PASSWORD as OF_DESKS
from tests.support.desks import PERSONAL, make_account, make_desk, visit

SESSION = Session(role=SessionRole.CANDIDATE, owner=1, username="eve-essai", expires_at=0)


async def test_a_rehearsal_marks_the_account_and_begins_no_session(database: Database) -> None:
    """Everything right marks it; the name of another account, or one wrong secret, marks nothing."""
    assert rehearsal.is_own_name(SESSION, " ÈVE-Essai ") and not rehearsal.is_own_name(SESSION, "eve")
    answers = [one["answer"] for one in ANSWERS]
    right = Credentials(username="Eve-Essai", password=PASSWORD, answers=answers)
    wrong = Credentials(username="eve-essai", password=PASSWORD, answers=["a", "b", "c"])
    stranger = Credentials(username="autre", password=PASSWORD, answers=answers)
    async with own_account(database) as (place, browser):
        accounts, came = place.desk.accounts, visit().came
        assert await code_of(rehearsal.rehearse(accounts, came, SESSION, wrong)) == "bad_security_answers"
        assert await code_of(rehearsal.rehearse(accounts, came, SESSION, stranger)) == "not_allowed"
        found = await database.read(lambda conn: profile.find(conn, PERSONAL, 1))
        assert found.rehearsed_at is None
        await rehearsal.rehearse(accounts, came, SESSION, right)
        found = await database.read(lambda conn: profile.find(conn, PERSONAL, 1))
        assert found.rehearsed_at is not None
        assert (await browser.get("/api/v1/session")).status_code == 200
    assert SECRETS["username"] == SESSION.username


async def test_the_second_factor_is_rehearsed_too(on_sqlite: Database) -> None:
    """Without its code, or with a code that has served, nothing is marked."""
    desk = make_desk(on_sqlite)
    account = await make_account(desk)
    secret, _ = await with_factor(desk)
    session = Session(role=SessionRole.CANDIDATE, owner=account, username="essai-00001", expires_at=0)
    came, code = visit().came, code_now(secret, 1)

    def typed(text: str) -> Credentials:
        return Credentials(username="essai-00001", password=OF_DESKS, answers=DESK_ANSWERS, code=text)

    assert await code_of(rehearsal.rehearse(desk.accounts, came, session, typed(""))) == "bad_code"
    await rehearsal.rehearse(desk.accounts, came, session, typed(code))
    assert await code_of(rehearsal.rehearse(desk.accounts, came, session, typed(code))) == "bad_code"
    desk.accounts.hasher.close()
