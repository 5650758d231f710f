"""Replies of the draw's scripts, on a real server."""

from foundation.sql.database import Database
from tests.integration.waitingroom.draw.test_entries import make_draw
from tests.support.rooms import Hall, hall
from waitingroom.draw import scripts
from waitingroom.line.replies import EnteredReply, EnterReply
from waitingroom.line.snapshot import members
from waitingroom.line.states import JoinTerms, OwedProof
from waitingroom.line.store import Join, Seen


async def stands(h: Hall) -> list[int]:
    """The entries that would be drawn now; those whose people are here are the same."""
    uid = (await h.period()).uid
    found = await h.room.epochs.fenced(uid, lambda epoch: scripts.lots(h.room.line, uid, epoch))
    assert list(members(found.here)) == list(members(found.entered))
    return list(members(found.entered))


async def test_the_line_keeps_an_entry_that_owes_and_does_not_draw_it(
    database: Database, redis_url: str
) -> None:
    """Every reply about a proof: given, asked for again, shown, proved; and none of it counts after the opening by
    the clock, or once the last entry is said."""
    period = await make_draw(database, entry_mark=20)
    async with hall(database, redis_url) as h:
        line, uid = h.room.line, period.uid
        epoch = await h.room.epochs.current(uid)
        await h.redis.hset(f"wr1:{{{uid}}}:state", mapping={"entry_epoch": epoch, "entry_seq": 0})
        ends = 10**15

        async def ask(*terms: tuple[str, str]) -> list[tuple[EnterReply, int]]:
            joins = [Join((name,), (), JoinTerms(term)) for name, term in terms]
            return await scripts.enter(line, uid, epoch, 0, ends, joins)

        async def show(*tickets: Seen) -> list[EnteredReply]:
            return await scripts.entered(line, uid, epoch, ends, tickets)

        assert await ask(("a", "none")) == [("PROOF", 0)]
        given = await ask(
            ("a", "owes"), ("b", ""), ("a", ""), ("c", "proved"), ("d", "owes"), ("d", "proved")
        )
        assert given == [("NEW", 1), ("NEW", 2), ("OWES", 1), ("NEW", 3), ("NEW", 4), ("SAME", 4)]
        assert await stands(h) == [2, 3, 4]
        assert await ask(("a", "none"), ("b", "owes")) == [("OWES", 1), ("SAME", 2)]
        owing = [Seen(entry, name, OwedProof.OWES) for entry, name in ((1, "a"), (9, "i"), (21, "u"))]
        assert await show(*owing) == ["OWES", "OWES", "RAISE"]
        assert await stands(h) == [2, 3, 4]
        assert await ask(("i", "")) == [("OWES", 9)]
        assert await show(Seen(1, "a", OwedProof.PROVED), Seen(8, "h", OwedProof.PROVED)) == [
            "ENTERED",
            "RESTORED",
        ]
        assert await stands(h) == [1, 2, 3, 4, 8]
        assert await ask(("a", "none")) == [("SAME", 1)]
        ends = 0
        assert await show(Seen(9, "i", OwedProof.OWES), Seen(9, "i", OwedProof.PROVED)) == ["LATE", "LATE"]
        ends = 10**15
        assert await show(Seen(9, "i", OwedProof.OWES)) == ["OWES"]
        await scripts.freeze(line, uid, epoch, 0)
        assert await show(Seen(9, "i", OwedProof.OWES), Seen(9, "i", OwedProof.PROVED)) == ["LATE", "LATE"]
        assert await show(Seen(1, "a", OwedProof.OWES), Seen(2, "b")) == ["ENTERED", "ENTERED"]
        assert await ask(("i", ""), ("i", "proved"), ("new", "none")) == [("LATE", 0)] * 3
        assert await stands(h) == [1, 2, 3, 4, 8]
