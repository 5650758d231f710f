"""The calls of a candidate's own second factor: the whole way there and back, and what is refused on it."""

from contextlib import aclosing
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from accounts.second_factor import api, pending
from accounts.second_factor.api import OWN_FACTOR, SecondFactorApi
from config.assets import renderer
from foundation.sql.database import Database
from server.problems import Problems
from tests.integration.accounts.second_factor.test_proof import code_now, typed
from tests.support.candidates.refusals import code_of
from tests.support.desks import PASSWORD, Desk, make_account, make_desk, sign_in, visit

URL = "http://guichet.test"


def client(desk: Desk, cookies: dict[str, str]) -> httpx.AsyncClient:
    problems = Problems(URL, renderer(), desk.events)
    routes = SecondFactorApi(desk.accounts, "Guichet d’essai").routes()
    app = Starlette(routes=routes, exception_handlers=problems.handlers())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL, cookies=cookies)


async def told(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


async def test_the_way_there_and_back(database: Database) -> None:
    """Password, secret, first code, recovery codes; each step and each recovery code once; then there is none again."""
    desk = make_desk(database)
    await make_account(desk)
    none = {"is_set": False, "begun": False, "recovery_codes_left": 0, "may_remove": False}
    async with client(desk, {"session": (await sign_in(desk)).secret}) as program:
        assert (await program.get(OWN_FACTOR)).json() == none
        wrong = await program.post(OWN_FACTOR, json={"password": "faux"})
        assert await told(wrong) == (401, "bad_credentials")
        begun = await program.post(OWN_FACTOR, json={"password": PASSWORD})
        assert begun.status_code == 201 and begun.json()["confirm_within_seconds"] == 900
        secret = begun.json()["secret"]
        assert begun.json()["uri"].startswith("otpauth://totp/Guichet%20d")
        assert f"secret={secret}&" in begun.json()["uri"]
        assert (await program.get(OWN_FACTOR)).json() == none | {"begun": True}
        early = await program.request("DELETE", OWN_FACTOR, json={"password": PASSWORD, "code": ""})
        assert early.status_code == 204 and (await program.get(OWN_FACTOR)).json()["begun"]
        bad = await program.post(f"{OWN_FACTOR}/confirm", json={"code": "12"})
        assert await told(bad) == (401, "bad_code") and secret not in bad.text
        first = code_now(secret)
        made = await program.post(f"{OWN_FACTOR}/confirm", json={"code": first})
        codes = made.json()["recovery_codes"]
        assert made.status_code == 200 and len(set(codes)) == 8
        set_up = {"is_set": True, "begun": False, "recovery_codes_left": 8, "may_remove": True}
        assert (await program.get(OWN_FACTOR)).json() == set_up
        again = await program.post(OWN_FACTOR, json={"password": PASSWORD})
        assert await told(again) == (409, "changed_meanwhile")
        assert await code_of(desk.sign_in(visit(), typed(first))) == "bad_code"
        await desk.sign_in(visit(), typed(codes[0]))
        assert (await program.get(OWN_FACTOR)).json() == set_up | {"recovery_codes_left": 7}
        used = await program.request("DELETE", OWN_FACTOR, json={"password": PASSWORD, "code": codes[0]})
        assert await told(used) == (401, "bad_code")
        gone = await program.request("DELETE", OWN_FACTOR, json={"password": PASSWORD, "code": codes[1]})
        assert gone.status_code == 204
        assert (await program.get(OWN_FACTOR)).json() == none
    await desk.sign_in(visit(), typed(""))


async def test_a_secret_that_nobody_confirmed_is_none_in_a_while(
    on_sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on the page. The twin is the way there, where it is confirmed in time."""
    desk = make_desk(on_sqlite)
    await make_account(desk)
    async with client(desk, {"session": (await sign_in(desk)).secret}) as program:
        secret = (await program.post(OWN_FACTOR, json={"password": PASSWORD})).json()["secret"]
        monkeypatch.setattr(pending, "LASTS_MS", 0)
        late = await program.post(f"{OWN_FACTOR}/confirm", json={"code": code_now(secret)})
        assert await told(late) == (401, "bad_code")
        assert (await program.get(OWN_FACTOR)).json()["begun"] is False


async def test_guessing_a_password_or_a_code_is_slowed(on_sqlite: Database) -> None:
    """With the budgets of a sign-in, for who found a browser that stands open."""
    desk = make_desk(on_sqlite)
    await make_account(desk)
    async with client(desk, {"session": (await sign_in(desk)).secret}) as program:
        tried = [await program.post(OWN_FACTOR, json={"password": f"essai {n}"}) for n in range(6)]
        firsts = [await program.post(f"{OWN_FACTOR}/confirm", json={"code": f"{n}"}) for n in range(6)]
    for answers in (tried, firsts):
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        assert (
            await told(answers[-1]) == (429, "rate_limited") and int(answers[-1].headers["Retry-After"]) >= 1
        )


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "CONFIRM"])
async def test_nobody_else_is_let_in(on_sqlite: Database, method: str) -> None:
    """Whoever is not signed in is told so, whatever they send."""
    address = f"{OWN_FACTOR}/confirm" if method == "CONFIRM" else OWN_FACTOR
    desk = make_desk(on_sqlite)
    body: dict[str, Any] = {"password": PASSWORD, "code": "000000"}
    async with aclosing(client(desk, {})) as program:
        answer = await program.request(method.replace("CONFIRM", "POST"), address, json=body)
    assert await told(answer) == (401, "not_signed_in")


def test_recovery_codes_are_shown_as_on_paper() -> None:
    """In two groups, as the page has them."""
    assert api.codes_shown(["ABCDEFGHJK"]) == {"recovery_codes": ["ABCDE-FGHJK"]}
