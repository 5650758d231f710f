"""The call that gives an amendment up: once, by the account of the file alone, and never what is paid."""

from casework.files.numbers import file_number
from casework.payments.supplements import rows
from foundation.clock import now_ms
from tests.integration.casework.amendments.conftest import AmendedPlace, with_fee
from tests.support.candidates.files import RIGHT
from tests.support.casework.supplements import supplements_of

LISTED = f"/api/v1/account/files/{file_number(1)}/amendments"

PATH = f"{LISTED}/1/give-up"


async def test_given_up_by_a_call_and_again(amended: AmendedPlace) -> None:
    await with_fee(amended)
    first, again = [await amended.browser.post(PATH) for _ in range(2)]
    assert (first.status_code, first.json()["supplement"]["state"]) == (200, "given_up")
    assert again.json() == first.json()
    (listed,) = (await amended.browser.get(LISTED)).json()["amendments"]
    assert listed == first.json()


async def test_what_is_paid_stays(amended: AmendedPlace) -> None:
    await with_fee(amended)
    (one,) = await supplements_of(amended.db)
    await amended.db.write(lambda conn: rows.mark(conn, one, paid_at=now_ms()))
    no = await amended.browser.post(PATH)
    assert (no.status_code, no.json()["code"]) == (409, "already_paid")


async def test_of_nothing_and_nobody_else(amended: AmendedPlace) -> None:
    """What is no amendment, costs nothing, or is of another file is 404; without a session it is 401."""
    for path in (PATH, f"{LISTED}/2/give-up", f"{LISTED}/-1/give-up", f"{LISTED}/{'9' * 40}/give-up"):
        assert (await amended.browser.post(path)).status_code == 404
    await with_fee(amended)
    await amended.place.person("xavier")
    async with amended.place.browser() as other:
        assert (await other.post(PATH)).status_code == 401
        assert (await other.post("/connexion", data=RIGHT | {"username": "xavier"})).status_code == 303
        assert (await other.post(PATH)).status_code == 404
    assert [one.state for one in await supplements_of(amended.db)] == ["awaited"]
