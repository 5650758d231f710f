"""A database of release 0.1.0, with a small intake in it, is brought to the newest step: nothing of it is lost.

`tests/data/previous/make_previous.py` says how the record was made and what is in it.
"""

import base64
import io
import json
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from accounts import roles
from accounts import store as accounts_store
from accounts.roles import HolderKind, Role
from casework import documents, receipts
from casework.blocks import Facts
from casework.confirmation import Confirmation, blocks_of
from config.assets import renderer
from config.migrations import configuration, engine_for, migrate
from evidence import verify_audit, verify_draw
from evidence.verify import read as books_of
from evidence.verify import verify
from foundation import audit, outbox
from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.subjects import Subject
from quota import store as quota_store
from server.rendering.templating import instant, number
from submission import store as submission_store
from tests.support.desks import PERSONAL
from tests.support.places import ROOT
from tests.support.tasks import perform

FOLDER = ROOT / "tests" / "data" / "previous"

RECORD: dict[str, Any] = json.loads((FOLDER / "0.1.0.json").read_text(encoding="utf-8"))

TABLES: dict[str, list[dict[str, Any]]] = RECORD["tables"]


@pytest.fixture(params=["sqlite", "postgresql"])
async def previous_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The database as release 0.1.0 left it, and as no newer program has seen it."""
    url: str = f"sqlite:///{tmp_path / 'previous.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("empty_postgresql_url")
    engine = engine_for(url)
    async with engine.begin() as connection:
        await connection.run_sync(lay_tables)
        await connection.run_sync(fill)
    await engine.dispose()
    return url


@pytest.fixture
async def carried(previous_url: str) -> AsyncIterator[Database]:
    """The same at the newest step."""
    await migrate(previous_url)
    database = Database(previous_url)
    yield database
    await database.close()


def lay_tables(connection: sa.Connection) -> None:
    """The tables as they were: the steps up to the record's."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, RECORD["alembic_version"])


def fill(connection: sa.Connection) -> None:
    """Every row of the record, under its own id."""
    before = sa.MetaData()
    before.reflect(connection)
    for name, rows in TABLES.items():
        table = before.tables[name]
        connection.execute(sa.insert(table), [{key: value(one) for key, one in row.items()} for row in rows])
        if connection.dialect.name == "postgresql" and counts(table):
            sequence = f"pg_get_serial_sequence('\"{name}\"', 'id')"
            connection.execute(sa.text(f'select setval({sequence}, max(id)) from "{name}"'))


def value(one: Any) -> Any:
    return base64.b64decode(one["base64"]) if isinstance(one, dict) else one


def counts(table: sa.Table) -> bool:
    return "id" in table.c and isinstance(table.c.id.type, sa.BigInteger)


async def rows_of(db: Database, table: sa.Table) -> list[Any]:
    async def look(conn: AsyncConnection) -> list[Any]:
        return list(await conn.execute(sa.select(table).order_by(*table.primary_key.columns)))

    return await db.read(look)


def test_the_record_is_of_the_step_before_and_has_everything() -> None:
    """What the tests below look for is there to be found: tasks in each state, documents, lines of each kind."""
    assert RECORD["alembic_version"] == "0005"
    assert [len(TABLES[name]) for name in ("job", "document", "submission", "audit")] == [18, 8, 9, 44]
    assert {row["state"] for row in TABLES["job"]} == {"done", "staged", "set_aside"}


async def test_every_other_table_is_as_it_was(carried: Database) -> None:
    """Accounts, sessions, periods, tokens, submissions and all others: row by row, column by column."""

    async def look(conn: AsyncConnection) -> dict[str, Any]:
        metadata = sa.MetaData()
        await conn.run_sync(metadata.reflect)
        found = {}
        for name in TABLES.keys() - {"job", "document", "audit"}:
            # What a table has besides by now is said by the step that put it there.
            before = [column for column in metadata.tables[name].c if column.name in TABLES[name][0]]
            rows = await conn.execute(sa.select(*before))
            found[name] = sorted(json.dumps(shown(row._mapping), sort_keys=True) for row in rows)
        return found

    wanted = {name: sorted(json.dumps(row, sort_keys=True) for row in rows) for name, rows in TABLES.items()}
    for name, rows in (await carried.read(look)).items():
        assert rows == wanted[name], name


def shown(row: Any) -> dict[str, Any]:
    return {
        str(name): {"base64": base64.b64encode(one).decode()} if isinstance(one, bytes) else one
        for name, one in row.items()
    }


async def test_every_period_says_who_announced_it(carried: Database) -> None:
    """As the record has it, so that somebody else arms it; nothing of them is frozen, unusual or void."""
    announced = {
        line["period"]: line["actor"]
        for line in TABLES["audit"]
        if line["action"] == "announce" and line["period"]
    }
    rows = await rows_of(carried, quota_store.period)
    assert {row.uid: row.announced_by for row in rows} == {row.uid: announced.get(row.uid) for row in rows}
    assert any(announced.values())
    assert {(row.edit_version, row.rules, row.voided, row.annulled_at) for row in rows} == {
        (1, None, 0, None)
    }


async def test_every_job_is_a_task_with_its_state_and_its_fence(carried: Database) -> None:
    """The same ids and attempts: a ring that was under way while the database was migrated still finds its row."""
    same = ("id", "kind", "state", "attempt", "failures", "staged_at", "rung_at", "leased_until", "done_at")
    before = {row["id"] for row in TABLES["job"]}
    found = [row for row in await rows_of(carried, outbox.task) if row.id in before]
    assert [{name: getattr(row, name) for name in same} for row in found] == [
        {name: row[name] for name in same} for row in TABLES["job"]
    ]
    for row, job in zip(found, TABLES["job"], strict=True):
        assert (row.subject_kind, row.subject_id, row.due_at) == ("submission", str(job["submission"]), 0)
        assert row.key == f"{job['kind']}:submission:{job['submission']}"


async def test_every_line_of_the_audit_is_there_in_a_whole_chain(carried: Database) -> None:
    """Who, what, when and about which period; and what was said in `detail`, wherever it stands now."""
    found = await rows_of(carried, audit.audit)
    assert [(row.id, row.at, row.actor, row.act) for row in found] == [
        (line["id"], line["at"], line["actor"], line["action"]) for line in TABLES["audit"]
    ]
    for row, line in zip(found, TABLES["audit"], strict=True):
        if line["period"] is not None:
            assert (row.subject_kind, row.subject_id) == ("period", line["period"])
        for said in json.loads(line["detail"]).values():
            assert json.dumps(said, ensure_ascii=False) in everything_in(row), (row, said)
    acts, looks = await carried.read(verify_audit.read_chains)
    assert (acts.breaks, acts.lines, looks.breaks, looks.lines) == ([], 41, [], 3)


def everything_in(row: Any) -> str:
    """All that a line says besides who, what and when."""
    return " ".join(text for text in (row.before, row.after, row.detail, row.subject_id) if text)


async def test_every_receipt_and_document_is_found_by_its_account(carried: Database) -> None:
    """A page of a document says word for word what it said, from its blocks alone."""
    submissions = {row["id"]: row for row in TABLES["submission"]}
    for row in submissions.values():
        receipt, account = row["receipt"], row["account"]
        found = await carried.read(lambda conn, r=receipt, a=account: receipts.find(conn, PERSONAL, r, a))  # type: ignore[misc]
        mine = [one["id"] for one in TABLES["document"] if one["submission"] == row["id"]]
        assert [document.id for document in found.documents] == mine
    for row in TABLES["document"]:
        id, account = row["id"], row["account"]
        opened = await carried.read(lambda conn, i=id, a=account: documents.find(conn, i, a))  # type: ignore[misc]
        assert opened.document.created_at == row["created_at"]
        assert texts_of(page(opened)) == texts_before(row)


def page(opened: documents.OpenedDocument) -> str:
    """The article of the document's page."""
    request = Request({"type": "http", "method": "GET", "path": "/documents/x", "headers": []})
    shown: dict[str, Any] = {
        "session": {"username": "x"},
        "document": opened.document,
        "blocks": opened.blocks,
    }
    answer = renderer()(request, "document.html", **shown)
    html = bytes(answer.body).decode()
    return html[html.index("<article") : html.index("</article>")]


class Texts(HTMLParser):
    """The texts of a page, with the element that each is in, as far as it means something."""

    PLAIN = frozenset({"span", "wbr"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.PLAIN:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.PLAIN:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append((self.open[-1], data))


def texts_of(html: str) -> list[tuple[str, str]]:
    texts = Texts()
    texts.feed(html)
    return texts.found


def texts_before(row: dict[str, Any]) -> list[tuple[str, str]]:
    """What the page of release 0.1.0 showed of this document, in which elements."""
    said = json.loads(row["body"])
    return [
        ("h1", row["title"]),
        ("p", "Nous confirmons que la demande désignée ci-dessous a été soumise pendant la période de réception et "
              "admise dans le quota."),
        ("dt", "Programme"), ("dd", "Programme de démonstration"),
        ("dt", "Période de réception"), ("dd", str(said["ordinal"])), ("sup", "re" if said["ordinal"] == 1 else "e"),
        ("dt", "Accusé de réception"), ("strong", said["receipt"]),
        ("dt", "Rang"), ("strong", number(said["rank"])),
        ("dt", "Numéro d’attente"), ("dd", number(said["number"])),
        ("dt", "Date et heure de la soumission"), ("dd", instant(said["submitted_at"])),
        ("dt", "À payer au plus tard le"), ("dd", instant(said["pay_by"])),
        ("p", f"Document déposé le {instant(row['created_at'])}."),
    ]  # fmt: skip


async def test_a_document_that_was_carried_over_is_as_one_that_is_made_now(carried: Database) -> None:
    """Its blocks are those that the task would file, but for the name and the account, which it did not say:
    the step wrote out what the code of its day did, and what is filed never changes."""
    for row in TABLES["document"]:
        id, account, said = row["id"], row["account"], json.loads(row["body"])
        said.pop("period_id")
        opened = await carried.read(lambda conn, i=id, a=account: documents.find(conn, i, a))  # type: ignore[misc]
        said |= {"name": "", "username": ""}
        made = blocks_of(Confirmation(**said), "Programme de démonstration", row["created_at"])
        title, sentence, facts, note = made
        assert isinstance(facts, Facts) and [fact.label for fact in facts.facts[:2]] == ["Nom", "Compte"]
        assert opened.blocks == [title, sentence, Facts(facts.facts[2:]), note]


async def test_verify_finds_what_it_found_before(previous_url: str) -> None:
    """`demo` and `tirage` hold; `demo-2` has one job set aside and two that wait: P3 is broken, and nothing else."""
    await migrate(previous_url)
    outcome = {}
    for period in ("demo", "demo-2", "tirage"):
        out = io.StringIO()
        code = await verify(previous_url, period, out=out)
        outcome[period] = code, [line[:3].strip() for line in out.getvalue().splitlines() if "BROKEN" in line]
        if period == "demo-2":
            said = [
                line.strip() for line in out.getvalue().splitlines() if line.strip().startswith("TaskRow")
            ]
            assert [line.partition("id=")[2].partition(",")[0] for line in said] == ["2", "3", "4"]
    assert outcome == {"demo": (0, []), "demo-2": (1, ["P3"]), "tirage": (0, [])}
    assert await verify_draw.verify_books(previous_url, "tirage") == 0


async def test_accommodations_of_before_are_found(carried: Database) -> None:
    """A factor that was granted stands in the books: `verify` asks the audit which one there was until then."""
    (line,) = [line for line in TABLES["audit"] if line["action"] == "grant"]
    books = await books_of(carried, "demo")
    said = json.loads(line["detail"])
    assert books.grants == [(line["at"], said["account"], said["before"])]


async def test_what_was_staged_before_is_done_now(carried: Database) -> None:
    """The new worker does the two tasks that wait, each once, and leaves alone what was done or set aside."""
    waiting = {row["id"]: row["attempt"] for row in TABLES["job"] if row["state"] == "staged"}
    rings = await outbox.due(carried, now_ms() + outbox.RING_AGAIN_MS)
    assert {ring.id: ring.attempt for ring in rings if ring.id in waiting} == waiting
    for row in TABLES["job"]:
        assert await perform(carried, row["id"], row["attempt"]) == (row["state"] == "staged")
    before = {row["id"] for row in TABLES["job"]}
    of_before = [row for row in await rows_of(carried, outbox.task) if row.id in before]
    assert {row.state for row in of_before} == {"done", "set_aside"}
    (late,) = [row for row in TABLES["submission"] if row["id"] == 2]
    found = await carried.read(lambda conn: receipts.find(conn, PERSONAL, late["receipt"], late["account"]))
    assert [document.kind for document in found.documents] == ["confirmation"]
    traces = await rows_of(carried, submission_store.trace)
    assert {row.submission for row in traces} >= {late["id"]}


async def test_new_rows_follow_the_old_ones(carried: Database) -> None:
    """Ids go on where they were; a task that was staged before is not staged again."""
    subject = Subject("submission", "1")

    async def stage(conn: AsyncConnection) -> list[bool]:
        return [await outbox.stage(conn, kind, subject, 1) for kind in ("confirmation", "reminder")]

    assert await carried.write(stage) == [False, True]
    await carried.write(lambda conn: audit.record(conn, "agnes", "pause", None, 1))
    for table, last in ((outbox.task, 18), (audit.audit, 44)):
        ids = [row.id for row in await rows_of(carried, table)]
        assert ids[:last] == list(range(1, last + 1))
        assert ids[-1] > last
    assert [one.breaks for one in await carried.read(verify_audit.read_chains)] == [[], []]


async def test_every_operator_may_go_on(carried: Database) -> None:
    """Each holds the role from the day the account was made, and before that did not."""
    for operator in TABLES["operator"]:
        who = operator["id"]
        grants = await carried.read(lambda conn, who=who: roles.grants_of(conn, HolderKind.OPERATOR, who))  # type: ignore[misc]
        assert roles.holds(grants, Role.OPERATOR, now_ms())
        assert not roles.holds(grants, Role.OPERATOR, operator["created_at"] - 1)


async def test_secrets_of_before_are_marked_as_such(carried: Database) -> None:
    """Their hashes are of the texts as they came: a sign-in tries those forms, until it succeeds once."""
    assert {row.secrets_form for row in await rows_of(carried, accounts_store.account)} == {1}


async def test_migrating_again_changes_nothing(previous_url: str) -> None:
    """Run twice, the step is taken once."""
    await migrate(previous_url)
    database = Database(previous_url)
    before = await rows_of(database, audit.audit)
    await migrate(previous_url)
    assert await rows_of(database, audit.audit) == before
    await database.close()
