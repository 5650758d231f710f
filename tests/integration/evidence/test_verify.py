"""`guichet verify` on both stores, with rows that the ledger itself wrote."""

import io
from collections.abc import Sequence
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store as accounts_store
from casework import store as casework_store
from evidence.verify import MAKES, read, verify
from foundation import audit, outbox
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.sql import tables
from foundation.sql.database import Database
from quota import ledger
from quota import store as quota_store
from quota.unit_of_work import open_unit
from submission import store as submission_store
from submission.forms.evaluation import evaluate
from submission.signing import frozen, signatures
from submission.signing.frozen import FrozenAnswers
from submission.states import Capacity
from submission.store import SUBMISSION
from tests.support.forms.filled import DEMO_FORM
from tests.support.rooms import KEYS
from tests.unit.evidence.sound_books import T0, a_period
from waitingroom.line.journal import journal
from waitingroom.line.snapshot import bitmap

# On both stores, with rows that the ledger itself wrote


def signed_answers(diploma: str) -> FrozenAnswers:
    """What somebody with this diploma has signed."""
    found = evaluate(DEMO_FORM, {"training": {"diploma": diploma}}, date(2016, 6, 13))
    return frozen.freeze("demo", DEMO_FORM, found)


async def lay_books(conn: AsyncConnection) -> None:
    """Five people join; 1 leaves, 2 is called and submits, 3 is called and lapses, 4 is parked, 5 is called."""
    period = a_period(cap=2, held=0, accepted=0, clock=0, epoch=1)
    await conn.execute(
        sa.insert(quota_store.period).values({f: getattr(period, f) for f in period.__struct_fields__})
    )
    await conn.execute(
        sa.insert(accounts_store.account),
        [
            {"id": n, "username": f"u{n}", "password_hash": "x", "answers_hash": "x", "questions": "[]",
             "created_at": T0, "identity": "{}", "accommodation": 1.5}
            for n in (102, 105)
        ],
    )  # fmt: skip
    await conn.execute(
        sa.insert(journal).values(
            period="u1", epoch=1, stream_id=f"{now_ms() - 5_000}-0", kind="join", first=1, last=5
        )
    )
    await ledger.leave_waiting(conn, [("u1", 1)])
    await call(conn, [2])
    await call(conn, [3])
    await conn.execute(
        sa.update(quota_store.token)
        .where(quota_store.token.c.number == 3)
        .values(state="lapsed", ended_at=now_ms())
    )
    await ledger.update(conn, "u1", held=1)
    sheet = await open_unit(conn, "u1", [2], [102])
    sheet.bind(2, 102, factor=1.5)
    rank = sheet.take(2, 102, 0, "R-1")
    await sheet.write(conn)
    row = {
        "id": 21, "receipt": "R-1", "period": "u1", "rank": rank, "number": 2, "account": 102, "person": "p",
        "submitted_at": T0, "pay_by": T0, "capacity": "candidate", "device": "{}", "content": "{}",
        "status": "submitted",
    }  # fmt: skip
    await conn.execute(sa.insert(submission_store.submission).values(row))
    answers = signed_answers("Maîtrise")
    mark = signatures.row_of(
        "R-1", frozen.frozen_text(answers), Capacity.CANDIDATE, None, T0, frozen.cipher(KEYS)
    )
    await conn.execute(sa.insert(submission_store.signature).values(mark))
    for kind in MAKES:
        await conn.execute(
            sa.insert(outbox.task).values(
                subject_kind=SUBMISSION,
                subject_id="21",
                key=f"{kind}:submission:21",
                kind=kind,
                state="done",
                staged_at=now_ms() - 120_000,
            )
        )
    paper = {"id": "d", "subject_kind": SUBMISSION, "subject_id": "21", "account": 102, "kind": "confirmation",
             "serial": 1, "title": "t", "blocks": "[]"}  # fmt: skip
    await conn.execute(sa.insert(casework_store.document).values(paper | {"created_at": T0}))
    await call(conn, [5], parked=[4])


async def call(conn: AsyncConnection, numbers: list[int], parked: list[int] | None = None) -> None:
    await ledger.update(conn, "u1", next_call=0)
    done = await ledger.call(
        conn,
        "u1",
        epoch=1,
        candidates=numbers,
        passed_over=bitmap(parked or []),
        listed_at=now_ms(),
        age_ms=0,
    )
    assert done.numbers == numbers


async def verified(
    url: str, *, late_is_broken: bool = True, secret_keys: Sequence[str] = ()
) -> tuple[int, str]:
    out = io.StringIO()
    code = await verify(url, "demo", late_is_broken=late_is_broken, secret_keys=secret_keys, out=out)
    return code, out.getvalue()


async def test_what_the_ledger_wrote_is_found_right(database: Database, database_url: str) -> None:
    """Books laid by the ledger's own steps hold every promise, on both stores; an unknown period is refused."""
    await database.write(lay_books)
    assert (await read(database, "demo")).calls[-1].passed_over is not None
    code, text = await verified(database_url)
    assert "BROKEN" not in text
    assert code == 0
    with pytest.raises(Refusal, match="not_found"):
        await verify(database_url, "nobody")


async def test_what_is_sealed_is_held_against_what_was_signed(database: Database, database_url: str) -> None:
    """Without the keys it is said that nobody looked; with them, other answers under the same signature are found, and
    so are keys that open nothing."""
    await database.write(lay_books)
    assert "answers were not opened" in (await verified(database_url))[1]
    assert (await verified(database_url, secret_keys=KEYS))[0] == 0
    code, text = await verified(database_url, secret_keys=["another key that is long enough to be one"])
    assert code == 1 and "with none of the keys" in text
    other = frozen.canonical(signed_answers("Doctorat"))
    sealed = frozen.cipher(KEYS).encrypt(other.decode(), frozen.place("R-1"))
    spoil = sa.update(submission_store.signature).values(sealed=sealed)
    await database.write(lambda conn: conn.execute(spoil))
    code, text = await verified(database_url, secret_keys=KEYS)
    assert code == 1 and "P3 BROKEN" in text and "not those that were signed" in text


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ("delete from signature", "a submission has no signature"),
        ("update signature set capacity = 'lawyer'", "in another capacity"),
        ("update signature set declaration_digest = 'x'", "under a text that nobody was shown"),
    ],
)
async def test_a_signature_that_is_not_there_or_another_is_found(
    database: Database, database_url: str, spoil: str, sentence: str
) -> None:
    """Each submission has its own, in its capacity, under a text that there was: `verify` counts them (SW-03)."""
    await database.write(lay_books)
    await database.write(lambda conn: conn.execute(sa.text(spoil)))
    code, text = await verified(database_url)
    assert code == 1 and "P3 BROKEN" in text and sentence in text


SPOILED = {
    "P1": "update period set mark = 2",
    "P2": "update submission set rank = 2",
    "P3": "delete from document",
    "P5": "update token set jti = 'one' where state <> 'left'",
    "P7": "update call set passed_over = null",
}


@pytest.mark.parametrize("promise", list(SPOILED))
async def test_rows_spoiled_behind_the_ledgers_back_are_found(
    database: Database, database_url: str, promise: str
) -> None:
    """One statement against the store, and `verify` exits 1 and says which promise it broke, and only that one."""
    await database.write(lay_books)
    await database.write(lambda conn: conn.execute(sa.text(SPOILED[promise])))
    code, text = await verified(database_url)
    assert code == 1
    assert [line[:2] for line in text.splitlines() if "BROKEN" in line] == [promise]


async def test_near_persons_are_a_remark_and_no_breach(database: Database, database_url: str) -> None:
    """Two submissions of one passport are shown by their receipts, beneath a promise that holds."""
    await database.write(lay_books)

    async def lay_another(conn: AsyncConnection) -> None:
        await ledger.update(conn, "u1", cap=3)
        sheet = await open_unit(conn, "u1", [5], [105])
        sheet.bind(5, 105)
        rank = sheet.take(5, 105, 0, "R-2")
        await sheet.write(conn)
        s = submission_store.submission
        first = tables.plain_row((await conn.execute(sa.select(s))).one())
        changes = {"id": 22, "receipt": "R-2", "rank": rank, "number": 5, "account": 105, "person": "q"}
        await conn.execute(sa.insert(s).values(first | changes))
        traces = [
            {"submission": id, "kind": "passport", "period": "u1", "digest": "same", "at": T0}
            for id in (21, 22)
        ]
        await conn.execute(sa.insert(submission_store.trace), traces)

    await database.write(lay_another)
    _, text = await verified(database_url)
    lines = text.splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("P4 holds"))
    assert lines[place + 1].endswith("1 pair of submissions may be of one person:")
    assert lines[place + 2].strip() == "R-1 and R-2: the same passport"


async def test_a_late_task_can_be_said_without_breaking(database: Database, database_url: str) -> None:
    """While workers are stopped on purpose, a late job is shown and does not count."""
    await database.write(lay_books)
    await database.write(
        lambda conn: conn.execute(sa.text("update task set state = 'staged' where kind <> 'confirmation'"))
    )
    assert (await verified(database_url))[0] == 1
    code, text = await verified(database_url, late_is_broken=False)
    assert code == 0
    assert "has been waiting" in text


async def test_an_audit_that_was_changed_breaks_the_recount(database: Database, database_url: str) -> None:
    """The audit is read with each period: who pressed the button is part of what held (P16)."""
    await database.write(lay_books)
    await database.write(lambda conn: audit.record(conn, "agnes", "pause", None, T0))
    code, text = await verified(database_url)
    assert (code, "P16 holds" in text) == (0, True)
    await database.write(lambda conn: conn.execute(sa.text("update audit set actor = 'boris'")))
    code, text = await verified(database_url)
    assert code == 1
    assert [line[:3] for line in text.splitlines() if "BROKEN" in line] == ["P16"]
    assert "line 1: altered" in text
