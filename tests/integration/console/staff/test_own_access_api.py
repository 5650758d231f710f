"""`/api/v1/staff/second-factor`: the way to a second factor and back for a program of a member of staff."""

import httpx
import msgspec
from starlette.applications import Starlette

from accounts.roles import Role
from accounts.second_factor import totp
from accounts.states import StaffTotp
from config.assets import renderer
from console.staff.desk import StaffDesk
from console.staff.own_access_api import STAFF_FACTOR, OwnAccessApi
from foundation.clock import now_ms
from server.problems import Problems
from tests.integration.console.conftest import SECRET, ConsolePlace

CONFIRM = f"{STAFF_FACTOR}/confirm"


def code_of(secret: str, steps: int = 0) -> str:
    return totp.code_at(secret, now_ms() // 1000 // totp.STEP_SECONDS + steps)


async def test_the_way_there_and_back(place: ConsolePlace) -> None:
    """Password, secret, first code, recovery codes; another secret asks for a code; refusals are on the record."""
    lucie = await place.staff("lucie", Role.CLERK)
    none = {"is_set": False, "begun": False, "recovery_codes_left": 0, "may_remove": False}
    assert (await lucie.get(STAFF_FACTOR)).json() == none
    wrong = await lucie.post(STAFF_FACTOR, json={"password": "faux"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "bad_credentials")
    begun = await lucie.post(STAFF_FACTOR, json={"password": SECRET})
    secret = begun.json()["secret"]
    assert begun.status_code == 201 and begun.json()["uri"].startswith("otpauth://totp/Guichet:lucie?")
    bad = await lucie.post(CONFIRM, json={"code": "12"})
    assert (bad.status_code, bad.json()["code"]) == (401, "bad_code")
    codes = (await lucie.post(CONFIRM, json={"code": code_of(secret, -1)})).json()["recovery_codes"]
    assert len(codes) == 8
    is_set = {"is_set": True, "begun": False, "recovery_codes_left": 8, "may_remove": True}
    assert (await lucie.get(STAFF_FACTOR)).json() == is_set
    assert (await lucie.post(STAFF_FACTOR, json={"password": SECRET})).json()["code"] == "bad_code"
    other = await lucie.post(STAFF_FACTOR, json={"password": SECRET, "code": codes[0]})
    assert other.status_code == 201 and other.json()["secret"] != secret
    assert (await lucie.get(STAFF_FACTOR)).json() == is_set | {"begun": True, "recovery_codes_left": 7}
    gone = await lucie.request("DELETE", STAFF_FACTOR, json={"password": SECRET, "code": codes[1]})
    assert gone.status_code == 204
    acts = [act for actor, act, _ in await place.audit() if actor == "lucie"]
    assert acts.count("operator_totp") == 2 and acts.count("refused") == 3
    await lucie.aclose()


async def test_who_owes_a_second_factor_sets_it_up_here(place: ConsolePlace) -> None:
    """With the code that was handed over they reach this and nothing else, until the first code of their own."""
    ada, lucie = await place.staff("ada", Role.ADMINISTRATOR), await place.staff("lucie", Role.CLERK)
    members = (await ada.get("/api/v1/staff/members")).json()["members"]
    hers = next(one["id"] for one in members if one["username"] == "lucie")
    reset = await ada.post(f"/api/v1/staff/members/{hers}/reset", json={"reason": "téléphone perdu"})
    entry = {"username": "lucie", "password": SECRET, "code": reset.json()["code"]}
    assert (await lucie.post("/api/v1/staff/session", json=entry)).status_code == 200
    assert (await lucie.get("/api/v1/staff/session")).json()["code"] == "second_factor_missing"
    begun = await lucie.post(STAFF_FACTOR, json={"password": SECRET})
    assert begun.status_code == 201, begun.text
    done = await lucie.post(CONFIRM, json={"code": code_of(begun.json()["secret"])})
    assert done.status_code == 200, done.text
    assert (await lucie.get("/api/v1/staff/session")).status_code == 200
    await ada.aclose()
    await lucie.aclose()


async def test_nobody_else_is_let_in(place: ConsolePlace) -> None:
    """Who is not signed in is told so; where an installation asks it of all, nobody takes theirs away."""
    for method, address in (
        ("GET", STAFF_FACTOR),
        ("POST", STAFF_FACTOR),
        ("POST", CONFIRM),
        ("DELETE", STAFF_FACTOR),
    ):
        answer = await place.nobody.request(method, address, json={"password": SECRET, "code": "1"})
        assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    body = {"password": SECRET, "code": "000000"}
    strict = msgspec.structs.replace(place.desk.accounts, staff_totp=StaffTotp.REQUIRED)
    problems = Problems("http://guichet.test", renderer())
    routes = OwnAccessApi(StaffDesk(strict), "Guichet").routes()
    app = Starlette(routes=routes, exception_handlers=problems.handlers())
    transport, cookies = httpx.ASGITransport(app), dict(place.operator.cookies)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://guichet.test", cookies=cookies
    ) as there:
        answer = await there.request("DELETE", STAFF_FACTOR, json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    # Where it is left to them, it is the password that counts, and there is nothing to take away.
    assert (await place.operator.request("DELETE", STAFF_FACTOR, json=body)).status_code == 204
