"""What the timeline knows, on real stores: the account, its drafts, its submissions, its documents."""

from contextlib import aclosing

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.representatives.states import MOVES_TOLD, PowerMove
from casework.files import events
from casework.files.states import EVENTS, FileEventKind
from casework.timeline import sources, timeline
from foundation.audit import SERVICE
from foundation.clock import now_ms
from foundation.sql.database import Database
from submission import store
from tests.support.candidates.files import file_place
from tests.support.candidates.representing import active
from tests.support.tasks import KNOWN, confirm, submitted


async def test_each_step_of_a_file_is_an_event(database: Database) -> None:
    """Account, draft, submission and its confirmation; and of somebody else's nothing."""
    async with file_place(database) as place:
        browser, receipt = await place.submitted()
        async with aclosing(browser):
            s = store.submission.c
            made = (await place.db.read(lambda conn: conn.execute(sa.select(s.id, s.account)))).one()
            await place.db.write(lambda conn: confirm(conn, made.id, now_ms()))
        await place.person("xavier")
        known = sources.sources(place.desk.programmes)
        events = await place.db.read(lambda conn: timeline.of_account(conn, known, made.account))
        whats = [event.what for event in events]
        assert {"Compte créé", "Brouillon commencé", "Document déposé"} <= set(whats)
        submitted = [event for event in events if event.href == receipt]
        assert submitted and all(receipt.removeprefix("/recus/") in event.detail for event in submitted)
        (draft,) = [event for event in events if event.what == "Brouillon commencé"]
        assert "n’est pas une demande soumise" in draft.detail
        others = await place.db.read(lambda conn: timeline.of_account(conn, known, made.account + 1))
        assert {event.what for event in others} == {"Compte créé", "Brouillon commencé"}


async def test_what_became_of_a_representative_is_in_the_timeline(database: Database) -> None:
    """Each move in the words of its page; another account's are not there."""
    async with file_place(database) as place:
        anne, xavier = await place.person("anne"), await place.person("xavier")
        await active(place.db, anne)
        known = sources.sources(place.desk.programmes)
        events = await place.db.read(lambda conn: timeline.of_account(conn, known, anne))
        told = [event.detail for event in events if event.what == "Représentant"]
        assert set(told) == {
            MOVES_TOLD[move] for move in (PowerMove.DECLARE, PowerMove.RECEIVE, PowerMove.ACTIVATE)
        }
        others = await place.db.read(lambda conn: timeline.of_account(conn, known, xavier))
        assert "Représentant" not in {event.what for event in others}


async def test_each_event_of_a_file_is_in_the_timeline(database: Database) -> None:
    """In its words, with the number of the file and its page; another account's are not there."""
    await submitted(database, 2)

    async def pay(conn: AsyncConnection) -> None:
        await events.record(conn, await events.history(conn, 1, lock=True), FileEventKind.PAID, SERVICE, 5)

    await database.write(pay)
    known = sources.files(KNOWN)
    (event,) = await database.read(lambda conn: known(conn, 1))
    none = await database.read(lambda conn: known(conn, 2))
    assert (event.at, event.what, event.href) == (5, EVENTS[FileEventKind.PAID], "/dossiers/D-0000001-95")
    assert event.detail == "Programme de démonstration, dossier D-0000001-95"
    assert none == []
