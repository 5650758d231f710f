"""A decision, its letter and its mail are written together, or not at all."""

import pytest
import sqlalchemy as sa

from accounts import staff
from accounts.personal_data.fields import EMAIL
from accounts.roles import Role
from accounts.sessions import Session
from accounts.states import SessionRole
from casework import exempt_letters
from casework.store import document
from console.agents import claim_decisions
from console.staff.desk import StaffMemberHere
from foundation.clock import now_ms
from foundation.mail.store import mail
from submission.exempt import claims
from submission.exempt.states import ExemptClaimAct
from tests.integration.console.conftest import SECRET, ConsolePlace
from tests.support.candidates.exempt import declare
from tests.support.desks import PERSONAL, make_account


async def a_member(place: ConsolePlace) -> StaffMemberHere:
    await place.db.write(
        lambda conn: staff.add_operator(conn, "lucie", SECRET, now_ms(), granted=(Role.AGENT,))
    )
    row = await place.db.read(lambda conn: staff.existing(conn, "lucie"))
    session = Session(role=SessionRole.OPERATOR, owner=row.id, username="lucie", expires_at=now_ms() + 60_000)
    return StaffMemberHere(session=session, held=(Role.AGENT,), role=Role.AGENT)


async def counts(place: ConsolePlace) -> tuple[int, int]:
    """Letters and mails."""
    letters, mails = (sa.select(sa.func.count()).select_from(table) for table in (document, mail))
    filed = (await place.db.read(lambda conn: conn.execute(letters))).scalar_one()
    return filed, (await place.db.read(lambda conn: conn.execute(mails))).scalar_one()


async def test_whoever_has_no_address_gets_the_letter_alone(place: ConsolePlace) -> None:
    """The letter is in the account; there is nowhere to write to."""
    claim = await declare(place.desk, await make_account(place.desk))
    member = await a_member(place)
    await claim_decisions.decide(place.agents, member, claim.id, ExemptClaimAct.ACCEPT, "Vérifié.", 1)
    assert await counts(place) == (1, 0)


async def test_without_its_letter_nothing_is_decided(
    place: ConsolePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails on the way undoes the decision, the mail and the line of the audit."""
    address = PERSONAL.seal("essai-00001", EMAIL, "anne@exemple.invalid")
    claim = await declare(place.desk, await make_account(place.desk, email=address))
    member = await a_member(place)

    async def broken(*_: object) -> str:
        raise RuntimeError("the letter")

    monkeypatch.setattr(exempt_letters, "file_decision", broken)
    with pytest.raises(RuntimeError, match="the letter"):
        await claim_decisions.decide(place.agents, member, claim.id, ExemptClaimAct.ACCEPT, "Vérifié.", 1)
    assert await counts(place) == (0, 0)
    assert (await place.db.read(lambda conn: claims.find(conn, claim.id))).state == "declared"
    assert "claim_accept" not in [act for _, act, _ in await place.audit()]
