"""`/api/v1/staff/proclaimed-days`."""

from console.proclaimed_days.api import ADDRESS
from tests.integration.console.proclaimed_days.conftest import DayPlace

NAME = "un jour de deuil national"


async def test_a_day_is_entered_looked_at_and_confirmed(days: DayPlace) -> None:
    """By two people; then it is a holiday, and taken back no more."""
    operator, one = days.place.operator, f"{ADDRESS}/{days.day}"
    entered = await operator.post(ADDRESS, json={"day": days.day.isoformat(), "name": NAME})
    assert (entered.status_code, entered.json()["waits"]) == (201, True)
    seen = (await days.approver.get(one)).json()
    assert seen["counted"] == {"payment": 2}
    assert seen["moves"][0]["from_day"] == days.day.isoformat() < seen["moves"][0]["to_day"]
    asked = {"asked_at": seen["asked_at"]}
    own = await operator.post(f"{one}/confirm", json=asked)
    assert (own.status_code, own.json()["code"]) == (409, "second_person_needed")
    done = await days.approver.post(f"{one}/confirm", json=asked)
    assert (done.status_code, done.json()["is_holiday"]) == (200, True)
    assert [day["approver"] for day in (await operator.get(ADDRESS)).json()] == ["alain"]
    assert (await operator.post(f"{one}/drop")).json()["code"] == "move_not_allowed"
