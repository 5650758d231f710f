"""The queue of amendments: what no agent has done anything with."""

from console.amendments.desk import submission_of, waiting
from tests.integration.console.amendments.conftest import NUMBER, AmendedDesk


async def test_it_has_numbers_and_no_names(amended_desk: AmendedDesk) -> None:
    """And says which came late."""
    (one,) = await amended_desk.place.db.read(waiting)
    assert (one.number, one.title, one.is_late) == (NUMBER, "Changement d’adresse", True)
    assert submission_of(NUMBER) == 1
