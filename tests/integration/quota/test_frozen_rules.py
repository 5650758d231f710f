"""Frozen rules on real stores: what an earlier release announced gets them, and a sign-in needs no file any more."""

import msgspec
import sqlalchemy as sa

from config.settings import PROGRAMMES
from foundation import audit
from foundation.clock import now_ms
from foundation.sql.database import Database
from quota import frozen_rules
from quota.frozen_rules import of_programme
from quota.programmes import load_all
from tests.support.candidates.refusals import code_of
from tests.support.desks import call, make_account, make_desk, sign_in, signed
from tests.support.rooms import make_period, read_period, set_period

KNOWN = load_all(PROGRAMMES)


async def test_what_was_announced_before_is_frozen_where_its_file_is_known(database: Database) -> None:
    """Periods in force, once, on the record; others are named, and wait for a process that knows them."""
    period = await make_period(database)
    draft = await make_period(database, id="brouillon", state="draft", ordinal=2)
    closed = await make_period(database, id="fermee", state="closed", ordinal=3)
    await make_period(database, id="autre", programme="inconnu", ordinal=4)
    for expected in ((["essai"], ["autre"]), ([], ["autre"])):
        found = await database.write(lambda conn: frozen_rules.freeze_missing(conn, KNOWN, now_ms()))
        assert found == expected
    after = await read_period(database, period)
    assert after.rules is not None and frozen_rules.is_whole(after)
    assert frozen_rules.read(after.rules) == of_programme(KNOWN["demo"])
    assert after.edit_version == period.edit_version, "no operator did it"
    assert [(await read_period(database, one)).rules for one in (draft, closed)] == [None, None]
    acts = await database.read(lambda conn: conn.execute(sa.select(audit.audit.c.actor, audit.audit.c.act)))
    assert [tuple(act) for act in acts] == [("service", "freeze_rules")]


async def test_a_process_without_the_file_goes_by_the_frozen_rules(database: Database) -> None:
    """Sign-in and submission work as announced; where nothing was frozen they answer 503, and never fail."""
    desk = make_desk(database)
    without = msgspec.structs.replace(desk, programmes={})
    period = await make_period(database)
    await make_account(desk)
    called = await call(desk, period, 1)
    assert await code_of(sign_in(without, called)) == "unavailable"
    text, digest = frozen_rules.written(of_programme(KNOWN["demo"]))
    await set_period(database, period, rules=text, rules_digest=digest)
    session = await sign_in(without, called)
    assert (await without.submit(called.visit(session), "essai", signed(called))).rank == 1


async def test_the_frozen_devices_are_the_ones_that_count(database: Database) -> None:
    """A file that was changed since lets nobody in and keeps nobody out."""
    desk = make_desk(database)
    await make_account(desk)
    narrow = of_programme(KNOWN["demo"])
    narrow = msgspec.structs.replace(
        narrow, device=msgspec.structs.replace(narrow.device, allow=frozenset({"macos"}))
    )
    text, digest = frozen_rules.written(narrow)
    called = await call(desk, await make_period(database, rules=text, rules_digest=digest), 1)
    assert await code_of(sign_in(desk, called)) == "device_refused"
