"""A candidate names a representative, corrects what was typed, ends a power; the register has its say."""

import asyncio

import pytest
import sqlalchemy as sa

from accounts.representatives.declaration import declaring
from accounts.representatives.disclosure import may_see, may_sign, power_of
from accounts.representatives.powers import history
from accounts.representatives.register.standing import ConsultantStatus
from accounts.representatives.states import PowerMove, PowerState, RepresentativeKind
from accounts.representatives.store import representative
from foundation.clock import now_ms
from foundation.errors import Code, Refusal
from tests.integration.accounts.representatives.conftest import Represented
from tests.support.candidates.representing import (
    CONSULTANT,
    active,
    declared,
    received,
    register,
)
from tests.support.desks import REPRESENTATIVES


async def revoke(here: Represented) -> bool:
    return await here.db.write(lambda conn: declaring.revoke(conn, REPRESENTATIVES, here.account, now_ms()))


async def state(here: Represented) -> PowerState | None:
    power = await here.db.read(lambda conn: power_of(conn, here.account))
    return None if power is None else power.state


async def test_a_lawyer_declared_may_sign_and_is_told_nothing(here: Represented) -> None:
    """RP-01 and RP-02: the two answers of one declaration."""
    made = await declared(here.db, here.account)
    power = await here.db.read(lambda conn: power_of(conn, here.account))
    assert made.state is PowerState.DECLARED
    assert may_sign(power, RepresentativeKind.LAWYER, {"lawyer"}).flagged
    assert not may_see(power).allowed


async def test_the_same_again_changes_nothing_and_other_details_are_a_correction(here: Represented) -> None:
    """Before a procuration has come; each correction is a line."""
    made = await declared(here.db, here.account)
    assert await declared(here.db, here.account) == made
    corrected = await declared(here.db, here.account, telephone="+33 1 23 45 67 89", kind="notary")
    assert (corrected.id, corrected.reference) == (made.id, made.reference)
    assert corrected.kind is RepresentativeKind.NOTARY
    moves = [event.move for event in await here.db.read(lambda conn: history(conn, [made.id]))]
    assert moves == [PowerMove.DECLARE, PowerMove.CORRECT]


async def test_there_is_one_representative_at_a_time(here: Represented) -> None:
    """Once a procuration has come another one is refused until that power is ended; then both are in the store."""
    made = await declared(here.db, here.account)
    await received(here.db, made.reference)
    with pytest.raises(Refusal) as refused:
        await declared(here.db, here.account, family_name="Gagnon")
    assert refused.value.code == Code.REPRESENTATIVE_EXISTS
    assert refused.value.fields == {"state": PowerState.RECEIVED}
    assert await revoke(here)
    other = await declared(here.db, here.account, family_name="Gagnon")
    assert other.id != made.id and other.reference != made.reference
    rows = await here.db.read(lambda conn: conn.execute(sa.select(representative.c.state)))
    assert sorted(rows.scalars()) == [PowerState.DECLARED, PowerState.REVOKED]


async def test_two_declarations_at_once_make_one(here: Represented) -> None:
    """Two clicks, two tabs, two processes: one row, and nobody sees a fault."""
    outcomes = await asyncio.gather(
        *(declared(here.db, here.account, family_name=name) for name in ("Un", "Deux", "Trois")),
        return_exceptions=True,
    )
    wrong = [one for one in outcomes if isinstance(one, BaseException)]
    assert all(isinstance(one, Refusal) and one.code == Code.REPRESENTATIVE_EXISTS for one in wrong)
    rows = await here.db.read(lambda conn: conn.execute(sa.select(representative.c.id)))
    assert len(list(rows)) == 1


async def test_a_revocation_counts_at_once_and_for_good(here: Represented) -> None:
    """Also of a power in force; a second one finds nothing."""
    await active(here.db, here.account)
    assert await revoke(here)
    assert await state(here) is None
    assert not await revoke(here)


@pytest.mark.parametrize(
    ("values", "standing"),
    [({"status": ConsultantStatus.SUSPENDED}, "suspended"), ({"status": ConsultantStatus.REVOKED}, "revoked"),
     ({"valid_to": "2021-01-01"}, "expired"), ({"valid_from": "2999-01-01"}, "not_yet"), ({"number": "999"}, "unknown"),
     ({"name": "Gagnon Marie"}, "unknown")],
    ids=["suspended", "revoked", "expired", "not yet", "unknown", "another name"],
)  # fmt: skip
async def test_a_consultant_must_be_recognised(
    here: Represented, values: dict[str, str], standing: str
) -> None:
    """RP-05, at the declaration: each with the field to go back to; nothing is written."""
    await register(here.db, **values)
    with pytest.raises(Refusal) as refused:
        await declared(here.db, here.account, **CONSULTANT)
    assert refused.value.code == Code.CONSULTANT_NOT_RECOGNISED
    assert refused.value.fields["standing"] == standing
    assert [field["name"] for field in refused.value.fields["fields"]] == ["number"]
    assert await state(here) is None


async def test_a_recognised_consultant_is_declared_and_may_not_sign(here: Represented) -> None:
    """Only « l’avocat » by default; and the row leads to the register's."""
    number = await register(here.db)
    made = await declared(here.db, here.account, **CONSULTANT)
    assert made.consultant == number
    power = await here.db.read(lambda conn: power_of(conn, here.account))
    assert not may_sign(power, RepresentativeKind.CONSULTANT, {"lawyer"}).allowed


async def test_what_is_wrong_is_refused_by_field(here: Represented) -> None:
    """Without a value the declaration is an invalid body."""
    with pytest.raises(Refusal) as refused:
        await declared(here.db, here.account, kind="", email="anne@exemple.ca")
    assert refused.value.code == Code.INVALID
    assert [field["name"] for field in refused.value.fields["fields"]] == ["kind", "email"]


async def test_nobody_fills_a_mailbox_with_declarations(
    here: Represented, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After so many in a day nothing more is declared, and it is said when to come back; to revoke always works."""
    monkeypatch.setattr(declaring, "MOST_A_DAY", 3)
    for name in ("Un", "Deux", "Trois"):
        await declared(here.db, here.account, family_name=name)
    with pytest.raises(Refusal) as refused:
        await declared(here.db, here.account, family_name="Quatre")
    assert refused.value.code == Code.RATE_LIMITED
    assert 86_300 < refused.value.fields["retry_after"] <= 86_400
    await declared(here.db, here.account, family_name="Trois")  # the same again changes nothing
    assert await revoke(here)


async def test_without_the_limit_they_go_on(here: Represented, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin."""
    monkeypatch.setattr(declaring, "MOST_A_DAY", 1_000)
    for number in range(declaring.MOST_A_DAY // 40):
        await declared(here.db, here.account, telephone=f"+1 514 555-01{number:02d}")
