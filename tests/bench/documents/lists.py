"""« Consultation des documents » with 200 documents: how many such pages a second one web process answers.

`make bench` runs it. Everybody is signed in, as rows (`people.py`), and so are the documents. In each round everybody
looks at the list once, 64 connections at a time; an answer counts when it is 200. Before it, each list was looked at
once: what is measured is a list that did not change, which each time SQL is asked for. The bare counterpart is uvicorn
with an empty handler on the same core.
"""

import asyncio
import statistics
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.store import account as accounts
from casework.documents import DocumentKind
from casework.letters.store import document_file
from casework.store import document
from foundation.sql.database import LONG_SECONDS, Database
from loadtests.bench.__main__ import measure
from loadtests.bench.barrage import AGENT, Volley
from loadtests.bench.figures import Figure, Found
from loadtests.bench.servers import a_service, on_core, pinned
from loadtests.bench.submissions import a_postgresql, prepare
from tests.bench.drafts import DEMO, ROUNDS, empty, volley
from tests.bench.people import PREFIX

PEOPLE, DOCUMENTS, LOOKS = 60, 200, 20

T0 = 1_465_800_000_000


async def fill(conn: AsyncConnection) -> None:
    """Two hundred documents in each account."""
    found = await conn.execute(sa.select(accounts.c.id).where(accounts.c.username.like(f"{PREFIX}%")))
    for account in found.scalars().all():
        filed, kept = [], []
        for number in range(1, DOCUMENTS + 1):
            id = f"{account:08}-{number:013}"
            filed.append({
                "id": id, "account": account, "subject_kind": "bench", "subject_id": f"{account}",
                "kind": DocumentKind.FILE_OPENING, "serial": number, "title": f"Lettre {number}", "blocks": "[]",
                "created_at": T0 + number,
            })  # fmt: skip
            kept.append({"document": id, "account": account, "number": number, "size": 24_000})
        await conn.execute(sa.insert(document), filed)
        await conn.execute(sa.insert(document_file), kept)


def look(url: str, cookie: str) -> bytes:
    """The bytes of one look, by a browser that takes compressed pages, as all do."""
    head = (
        f"GET /documents HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nUser-Agent: {AGENT}\r\n"
        f"Accept-Encoding: gzip, deflate, br, zstd\r\nCookie: {cookie}\r\n\r\n"
    )
    return head.encode()


async def filled(url: str) -> None:
    db = Database(url)
    try:
        await db.write(fill, LONG_SECONDS)
    finally:
        await db.close()


def on_store(database_url: str | None, servers: set[int], generator: set[int]) -> list[Volley]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environ = {} if database_url is None else {"DATABASE_URL": database_url}
        with on_core(servers), a_service(folder, *DEMO, environ=environ) as ready:
            secret = (folder / "data" / "secret_key").read_text()
            people = prepare(ready["database_url"], PEOPLE, folder, secret)
            asyncio.run(filled(ready["database_url"]))
            asked = [look(ready["url"], one["cookie"]) for one in people]
            with on_core(generator):
                volley(ready["url"], asked)
                return [volley(ready["url"], asked * LOOKS) for _ in range(ROUNDS)]


def figure(store: str, bare: float, found: list[Volley]) -> Figure:
    rate = statistics.median(one.per_second for one in found)
    return Figure(
        what=f"lists of {DOCUMENTS} documents, {store}", value=rate, unit="/s", bare=bare, least=0.1
    )


def run() -> Found:
    """Both stores, one after the other."""
    servers, generator = pinned()
    bare = empty(servers, generator)
    found = [figure("SQLite", bare, on_store(None, servers, generator))]
    with on_core(servers), a_postgresql() as url:
        found.append(figure("PostgreSQL", bare, on_store(url, servers, generator)))
    return Found(found, {"rounds": f"{ROUNDS} of {PEOPLE * LOOKS} looks by {PEOPLE} people, medians"})


if __name__ == "__main__":
    sys.exit(measure({"document_lists": run}, sys.argv[1:]))
