"""The exempt streams over the API."""

from contextlib import aclosing

from foundation.sql.database import Database
from submission.exempt import claims
from submission.exempt.states import ExemptClaimAct
from tests.support.candidates.exempt import STREAM, decide, with_streams
from tests.support.candidates.files import ANSWERS, PASSWORD, RIGHT, file_place

ONE = f"/api/v1/streams/demo/{STREAM}"

SIGNATURE = {"declaration": True, "signature": {"capacity": "candidate"}}

BODY = SIGNATURE | {"password": PASSWORD, "answers": ANSWERS}


async def test_a_claim_and_a_submission(database: Database) -> None:
    """Claimed once, decided, submitted once; a repeat is 200 with the same receipt."""
    async with file_place(database) as place:
        with_streams(place)
        account = await place.person()
        async with aclosing(place.browser()) as browser:
            await browser.post("/connexion", data=RIGHT)
            made = await browser.put(f"{ONE}/claim", json={"proof": "VEO-2016-77"})
            assert (made.status_code, made.json()["state"]) == (201, "declared")
            twice = await browser.put(f"{ONE}/claim", json={"proof": "VEO-2016-78"})
            assert (twice.status_code, twice.json()["code"]) == (409, "claim_pending")
            early = await browser.post(f"{ONE}/submissions", json=BODY)
            assert (early.status_code, early.json()["code"]) == (409, "claim_not_accepted")
            (claim,) = await database.read(lambda conn: claims.of_account(conn, account))
            await decide(place.desk, claim, ExemptClaimAct.ACCEPT)
            (shown, *_) = [one for one in (await browser.get("/api/v1/streams")).json() if one["claim"]]
            assert (shown["stream"], shown["claim"]["state"]) == (STREAM, "accepted")
            done = await browser.post(f"{ONE}/submissions", json=BODY)
            assert (done.status_code, done.json()["rank"]) == (201, 1)
            again = await browser.post(f"{ONE}/submissions", json=BODY)
            assert (again.status_code, again.json()) == (200, done.json())


async def test_the_secrets_are_asked_for_again(database: Database) -> None:
    """A session alone signs nothing (AC-05); a wrong one is told as at a sign-in, and nothing is submitted."""
    async with file_place(database) as place:
        with_streams(place)
        account = await place.person()
        async with aclosing(place.browser()) as browser:
            await browser.post("/connexion", data=RIGHT)
            await browser.put(f"{ONE}/claim", json={"proof": "VEO-2016-77"})
            (claim,) = await database.read(lambda conn: claims.of_account(conn, account))
            await decide(place.desk, claim, ExemptClaimAct.ACCEPT)
            for change, code in (
                ({"password": "faux"}, "bad_credentials"),
                ({"answers": ["x", "y"]}, "bad_security_answers"),
            ):
                refused = await browser.post(f"{ONE}/submissions", json=BODY | change)
                assert (refused.status_code, refused.json()["code"]) == (401, code)
            assert (await browser.post(f"{ONE}/submissions", json=SIGNATURE)).status_code == 422


async def test_nobody_and_nothing(database: Database) -> None:
    """Without a session 401; programmes and streams that there are not are 404; nothing to withdraw is 404."""
    async with file_place(database) as place:
        with_streams(place)
        await place.person()
        async with aclosing(place.browser()) as browser:
            for method, path in (
                ("GET", "/api/v1/streams"),
                ("PUT", f"{ONE}/claim"),
                ("POST", f"{ONE}/submissions"),
            ):
                answer = await browser.request(method, path, json={})
                assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
            await browser.post("/connexion", data=RIGHT)
            for path in ("/api/v1/streams/demo/autre/claim", "/api/v1/streams/autre/autre/claim"):
                assert (await browser.put(path, json={"proof": "VEO-1"})).status_code == 404
            assert (await browser.delete(f"{ONE}/claim")).status_code == 404
            bad = await browser.put(f"{ONE}/claim", json={"proof": "x"})
            assert (bad.status_code, bad.json()["fields"][0]["name"]) == (422, "proof")
