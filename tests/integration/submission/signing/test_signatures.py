"""Signatures on both stores: in the transaction of the submission, sealed, and read again."""

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from foundation.errors import Unavailable
from foundation.sql.database import Database
from submission import store
from submission.signing import declaration, frozen, signatures
from submission.states import Capacity
from tests.support.desks import call, make_account, make_desk, sign_in, signed
from tests.support.rooms import KEYS, make_period


async def submitted(db: Database) -> str:
    """One accepted submission; its receipt."""
    desk = make_desk(db)
    period = await make_period(db)
    await make_account(desk)
    called = await call(desk, period, 1)
    accepted = await desk.submit(called.visit(await sign_in(desk, called)), "essai", signed(called))
    return accepted.receipt


async def test_a_submission_is_frozen_and_signed(database: Database) -> None:
    """Who signed, in which words, when, and the digest of the answers, which are nowhere in the clear (P11)."""
    receipt = await submitted(database)
    seals = frozen.cipher(KEYS)
    found = await database.read(lambda conn: signatures.find(conn, receipt, "demo", seals))
    assert found.signature is not None
    assert (found.signature.capacity, found.signature.representative) == (Capacity.CANDIDATE, None)
    assert found.signature.declaration_digest == declaration.digest(Capacity.CANDIDATE)
    assert found.signature.content_digest == frozen.digest(frozen.canonical(found.answers))
    assert found.answers.content()["training"]["diploma"] == "Master"
    s = store.submission.c
    at, content = (await database.read(lambda conn: conn.execute(sa.select(s.submitted_at, s.content)))).one()
    assert (found.signature.signed_at, content) == (at, signatures.ELSEWHERE)
    sealed = (
        await database.read(lambda conn: conn.execute(sa.select(store.signature.c.sealed)))
    ).scalar_one()
    assert "Master" not in sealed


async def test_what_an_earlier_release_took_is_still_read(database: Database) -> None:
    """Its answers are plain JSON without labels, and nobody's signature is made up for it."""
    receipt = await submitted(database)
    text = msgspec.json.encode({"training": {"diploma": "Maîtrise"}}).decode()

    async def as_it_was(conn: AsyncConnection) -> None:
        await conn.execute(sa.delete(store.signature))
        await conn.execute(sa.update(store.submission).values(content=text))

    await database.write(as_it_was)
    found = await database.read(lambda conn: signatures.find(conn, receipt, "demo", frozen.cipher(KEYS)))
    assert found.signature is None
    assert found.answers.content() == {"training": {"diploma": "Maîtrise"}}
    assert found.answers.sections[0].members[0].answers[0].label == "Diplôme"


async def test_answers_that_no_key_opens_are_not_shown_as_empty(database: Database) -> None:
    """Fails closed: a lost key is said, and nothing is shown in place of what was signed."""
    receipt = await submitted(database)
    other = frozen.cipher(["another key, as long as keys are"])
    with pytest.raises(Unavailable):
        await database.read(lambda conn: signatures.find(conn, receipt, "demo", other))
