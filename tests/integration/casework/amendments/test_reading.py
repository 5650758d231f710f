"""A file as amendments see it: what stands now, what can be added, since when."""

from casework.amendments import amending, reading
from casework.amendments.states import AmendmentGround
from foundation.audit import Actor
from foundation.clock import now_ms
from submission.forms.model import AmendmentKind
from tests.integration.casework.amendments.conftest import AmendedPlace
from tests.integration.casework.amendments.test_amending import sent


async def test_the_view_is_frozen_answers_with_amendments(amended: AmendedPlace) -> None:
    """What was signed stays beside it; a kind that the form does not ask is not there."""
    one = sent()
    await amended.db.write(
        lambda conn: amending.amend(conn, amended.services, 1, Actor("anne", "candidate"), 1, one, now_ms())
    )
    file = await amended.db.read(lambda conn: reading.look(conn, amended.services, 1, now_ms()))
    assert file.version == 1 and file.now_is["contact"]["address"] == "4, quai Sud"
    assert file.frozen_answers["contact"]["address"] != "4, quai Sud"
    assert file.now_is["contact"]["email"] == file.frozen_answers["contact"]["email"]
    assert file.ground(AmendmentKind.STATUS) is AmendmentGround.NOT_ASKED
    assert file.ground(AmendmentKind.ADDRESS) is None and file.opens_at(AmendmentKind.ADDRESS) is None
    (read,) = file.amendments
    assert (read.title, read.standing, read.reviews) == ("Changement d’adresse", "Transmise", [])
