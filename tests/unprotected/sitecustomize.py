"""The service without one of its protections, for the twins in `tests/races/`: named by the variable WITHOUT.

Python imports this file at the start of every process that has its folder on the path; nothing else ever does.
"""

import os
from pathlib import Path
from typing import Any

import msgspec

without = os.environ.get("WITHOUT", "")

if without == "mark":  # a new epoch begins where nothing was ever given
    from waitingroom.line import epochs as restore

    begin = restore._next_epoch

    async def from_zero(*args: Any) -> Any:
        found = await begin(*args)
        return found and (msgspec.structs.replace(found[0], mark=0), *found[1:])

    vars(restore)["_next_epoch"] = from_zero

if without == "fence":  # no script looks whether the line is the one that its caller knows
    from waitingroom.line import store

    asked = Path.read_text
    compared = (
        "known[1] ~= ARGV[1] then return true",
        "return known[2] ~= replid(info) and not renamed(info, known[3])",
    )
    assert all(part in (store.LUA / "fence.lua").read_text() for part in compared)

    def unfenced(self: Path, *args: Any, **kwargs: Any) -> str:
        text = asked(self, *args, **kwargs)
        return text.replace(compared[0], "false then return true").replace(compared[1], "return false")

    Path.read_text = unfenced  # type: ignore[method-assign]

if without == "restore":  # a ticket that comes back is looked at and not put back
    from waitingroom.line.replies import SeenReply
    from waitingroom.line.store import Line

    async def looked_at(_line: Line, _uid: str, _epoch: int, tickets: Any) -> list[SeenReply]:
        return [SeenReply.WAITING] * len(tickets)

    Line.seen = looked_at  # type: ignore[method-assign, assignment]

if without == "standing clock":  # whatever time has passed was served
    from waitingroom import calls as caller

    vars(caller)["MOST_STEP_MS"] = 3_600_000

if without == "commit first":  # who saves a section is answered before it is on the disk
    import asyncio

    from foundation.sql.group_commit import GroupCommit

    run_step = GroupCommit._run

    async def told_at_once(self: GroupCommit, connection: Any, waiting: Any) -> None:
        await run_step(self, connection, waiting)
        if waiting.step.__qualname__.startswith("DraftSaves."):
            waiting.tell()
            await asyncio.sleep(0.2)  # some time in which a kill falls between the two

    GroupCommit._run = told_at_once  # type: ignore[method-assign]
