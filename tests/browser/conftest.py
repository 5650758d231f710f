"""What the tests of the room page stand on: the service behind a proxy that may do it harm."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, Page

from config.app import create_app
from config.settings import Settings
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.loops.ending import end
from foundation.sql.database import Database
from quota import store
from quota.store import Period
from tests.support.browsing import chromium, page_in
from tests.support.processes.serving import serving
from tests.support.proxies import FaultyProxy
from tests.support.rooms import KEYS, Hall, hall, make_period, set_period

HERE = "/periodes/essai"


class RoomStage:
    """The service behind a proxy that may do it harm, and a ticker on the same stores."""

    def __init__(self, proxy: FaultyProxy, made: Hall, browser: Browser) -> None:
        self.proxy, self.hall, self.browser = proxy, made, browser

    async def tick(self) -> None:
        """Until cancelled: calls, lapses and the service clock, as the ticker does."""
        while True:
            with contextlib.suppress(Refusal):  # no period yet
                await self.hall.turn()
            await asyncio.sleep(0.3)

    async def period(self, **values: Any) -> Period:
        return await make_period(self.hall.db, **({"ticked_at": now_ms(), "paused": True} | values))

    async def set(self, **values: Any) -> None:
        await set_period(self.hall.db, await self.hall.period(), **values)

    async def call(self) -> None:
        """The pause ends, and number 1 has its turn."""
        await self.set(paused=False, next_call=0)

    async def end(self, state: str) -> None:
        """The token of number 1 ended like this."""
        t = store.token
        await self.hall.db.write(lambda conn: conn.execute(sa.update(t).values(state=state)))

    @asynccontextmanager
    async def page(self, *scripts: str, **options: Any) -> AsyncIterator[Page]:
        """A page of a browser that was never here."""
        async with page_in(self.browser, self.proxy.url, **options) as page:
            for script in scripts:
                await page.add_init_script(script)
            yield page

    @asynccontextmanager
    async def waiting(self, *scripts: str, **options: Any) -> AsyncIterator[Page]:
        """A page that waits with number 1, in a pause."""
        await self.period()
        async with self.page(*scripts, **options) as page:
            await page.goto(HERE)
            await page.get_by_role("button", name="Se connecter").click()
            await page.wait_for_selector(".ticket__number")
            yield page

    async def until(self, true: Callable[[], object], seconds: float, what: str) -> None:
        """Poll with a deadline, and let the proxy work meanwhile."""
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, f"after {seconds:.0f} s still not so: {what}"
            await asyncio.sleep(0.05)


@pytest.fixture
async def stage(sqlite_url: str, redis_url: str) -> AsyncIterator[RoomStage]:
    db = Database(sqlite_url)
    settings = Settings(
        database_url=sqlite_url, redis_url=redis_url, queue_redis_url=redis_url, secret_keys=KEYS,
        public_url="http://guichet.test", demo=True, limits=False,
    )  # fmt: skip
    async with chromium() as browser, hall(db, redis_url) as made:
        with serving(create_app(settings), lifespan=True) as port:
            async with FaultyProxy(port) as proxy:
                staged = RoomStage(proxy, made, browser)
                ticker = asyncio.create_task(staged.tick())
                yield staged
                await end(ticker)
    await db.close()
