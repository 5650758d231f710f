"""What staff see of payments by card: each look is on the record, each day stands beside the provider's books."""

import sqlalchemy as sa

from casework.payments.card.reconciliation import daily
from casework.payments.card.services import CardTask
from foundation import outbox
from foundation.audit import audit
from foundation.calendar.days import day_of
from foundation.clock import now_ms
from foundation.subjects import Subject
from tests.integration.console.card.conftest import CardPlace
from tests.support.candidates.page_checks import assert_clean, text_of
from tests.support.processes.card_providers import performed

PAGE = "/personnel/paiements"


async def test_a_look_at_a_file_is_on_the_record(desk: CardPlace) -> None:
    await desk.auditor.get(PAGE, params={"dossier": desk.number})
    looks = sa.select(audit.c.actor, audit.c.subject_kind, audit.c.subject_id).where(
        audit.c.stream == "looks"
    )
    found = [tuple(row) for row in await desk.place.db.read(lambda conn: conn.execute(looks))]
    assert ("vera", "submission", "1") in found


async def test_each_day_is_shown_beside_the_providers(desk: CardPlace) -> None:
    """Ours, theirs, the difference; a day that differs says so."""
    assert "Aucun jour n’a encore été comparé" in text_of(await desk.auditor.get(f"{PAGE}/rapprochement"))
    db, day = desk.place.db, day_of(now_ms()).isoformat()
    await db.write(lambda conn: outbox.stage(conn, CardTask.COMPARE, Subject("card_day", day), 1))
    await performed(db, desk.card.services)
    page = await desk.auditor.get(f"{PAGE}/rapprochement")
    assert_clean(page)
    seen = text_of(page)
    assert "Paiement par carte 1 · 822,00 $ 1 · 822,00 $ 0,00 $" in seen
    assert "Remboursement 0 · 0,00 $ 0 · 0,00 $ 0,00 $" in seen
    assert (
        "concorde" in seen
        and "ne concorde pas" not in seen.partition("Comparé le")[0].rpartition("semaine")[2]
    )
    assert len(await db.read(daily.compared_days)) == 1
