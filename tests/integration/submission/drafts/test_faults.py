"""What fails in the middle of a save: the text is on the screen, and nothing is half-written (P12)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import asyncpg
import httpx
import pytest

from config.migrations import migrate
from foundation.sql.database import Database
from submission.drafts import store, writing
from tests.support.candidates.drafting import (
    CALLS,
    DEMO,
    MASTER,
    DraftingPlace,
    drafting_place,
    form_of,
    put,
    rows,
)
from tests.support.candidates.page_checks import text_of
from tests.support.outages import sql_away
from tests.support.processes.postgres import PostgresServer

PAGE = f"{DEMO}/training"


async def whole(place: DraftingPlace) -> None:
    """One draft, whose section is as it was saved last, at its version."""
    (draft,) = await rows(place, store.draft)
    (section,) = await rows(place, store.draft_section)
    assert (draft.revision, section.version) == (1, 1)
    async with place.browser(session=await place.session(1)) as browser:
        assert (await browser.get(CALLS)).json()["sections"]["training"]["answers"] == MASTER


async def test_a_full_disk_costs_nothing_that_was_typed(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Full behind the section's row: 503 with the form as it was filled in, nothing written; with room it saves."""
    db, sections = Database(sqlite_url), writing._on_store

    async def until_full(conn: Any, *more: Any) -> set[int]:
        written = await sections(conn, *more)
        pages = (await conn.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await conn.exec_driver_sql(f"PRAGMA max_page_count={pages + 1}")
        try:
            for n in range(100):
                values = (f"{n}", "training", 1, "k", b"x" * 1000, 1)
                statement = "insert into draft_past (uid, draft, section, version, key, answers, at)"
                await conn.exec_driver_sql(f"{statement} values (?, 1, ?, ?, ?, ?, ?)", values)
        finally:
            await conn.exec_driver_sql("PRAGMA max_page_count=1000000")
        return written

    async with drafting_place(db) as place, await place.signed_in() as browser:
        await put(browser, 0, MASTER)
        fields = form_of(await browser.get(PAGE)) | {"training.school": "Laval"}
        with monkeypatch.context() as full:
            full.setattr(writing, "_on_store", until_full)
            page = await browser.post(PAGE, data=fields)
        assert page.status_code == 503 and "Rien n’a été enregistré" in text_of(page)
        assert form_of(page)["training.school"] == "Laval"
        await whole(place)
        assert (await browser.post(PAGE, data=form_of(page))).status_code == 303
    await db.close()


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    made = PostgresServer()
    made.start()
    yield made
    made.remove()


@pytest.fixture
async def on_postgresql(server: PostgresServer) -> AsyncIterator[Database]:
    await migrate(server.url)
    db = Database(server.url)
    yield db
    await db.close()


@contextlib.asynccontextmanager
async def in_its_statement(
    server: PostgresServer, browser: httpx.AsyncClient, fields: Mapping[str, str]
) -> AsyncIterator[None]:
    """A save has been sent whose statement has begun, and waits for the draft, which somebody else holds."""
    other = await asyncpg.connect(server.url)
    await other.execute("begin; select id from draft for update")
    pressed = asyncio.create_task(browser.post(PAGE, data=fields))
    try:
        async with asyncio.timeout(10):
            while not await other.fetchval("select count(*) from pg_locks where not granted"):
                await asyncio.sleep(0.01)
        yield
    finally:
        pressed.cancel()
        other.terminate()


@pytest.mark.slow
async def test_a_postgresql_that_restarts_in_mid_save_costs_nothing(
    on_postgresql: Database, server: PostgresServer
) -> None:
    """Stopped as in a crash in the middle of its statement: 503, the text on the screen, the section as it was; then
    saved."""
    async with drafting_place(on_postgresql) as place, await place.signed_in() as browser:
        await put(browser, 0, MASTER)
        fields = form_of(await browser.get(PAGE)) | {"training.school": "Laval"}
        async with in_its_statement(server, browser, fields):
            with sql_away(server, "stopped"):
                page = await browser.post(PAGE, data=fields)
                assert page.status_code == 503 and form_of(page)["training.school"] == "Laval"
        await whole(place)
        assert (await browser.post(PAGE, data=form_of(page))).status_code == 303


@pytest.mark.slow
async def test_one_that_was_written_and_never_told_is_no_conflict(
    on_postgresql: Database, server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped between the statement, which is committed by itself, and the answer: sent again, it stands as saved."""
    async with drafting_place(on_postgresql) as place, await place.signed_in() as browser:
        await put(browser, 0, MASTER)
        fields = form_of(await browser.get(PAGE)) | {"training.school": "Laval"}
        sections, stopped = writing._on_store, asyncio.Event()

        async def interrupted(*args: Any) -> set[int]:
            written = await sections(*args)
            stopped.set()
            await asyncio.sleep(30)  # until the server is gone
            return written

        with monkeypatch.context() as broken:
            broken.setattr(writing, "_on_store", interrupted)
            pressed = asyncio.create_task(browser.post(PAGE, data=fields))
            await stopped.wait()
            with sql_away(server, "stopped"):
                pressed.cancel()
        assert (await browser.post(PAGE, data=fields)).status_code == 303
        (section,) = await rows(place, store.draft_section)
        assert section.version == 2
        assert (await browser.get(CALLS)).json()["sections"]["training"]["answers"]["school"] == "Laval"
