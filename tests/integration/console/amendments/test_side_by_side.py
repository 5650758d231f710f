"""What was signed and what stands now, in rows."""

from casework.amendments import reading
from console.amendments.side_by_side import rows_of
from foundation.clock import now_ms
from tests.integration.console.amendments.conftest import AmendedDesk


async def test_each_question_that_reads_differently(amended_desk: AmendedDesk) -> None:
    """With both texts and the amendment that touched it; what stayed is not there."""
    services = amended_desk.services
    file = await amended_desk.place.db.read(lambda conn: reading.look(conn, services, 1, now_ms()))
    found = {row.label: row for row in rows_of(file)}
    address = found["Coordonnées, Adresse"]
    assert address.now == "4, quai Sud" and address.signed not in ("", address.now) and address.serials == [1]
    assert not any("Courriel" in label for label in found)
