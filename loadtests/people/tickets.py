"""Many people who joined, for benchmarks that need a full room: their signed tickets, in the order of their numbers."""

import asyncio
import re
from typing import Final
from urllib.parse import urlsplit

from loadtests.bench.barrage import CONNECTIONS, Barrage, BarrageConnection, requests

JOIN_SECONDS: Final = 300.0

_TICKET: Final = re.compile(rb'"ticket":"([^"]+)"')

_NUMBER: Final = re.compile(rb'"number":(\d+)')


class JoinedTickets(Barrage):
    """A barrage that ends with so many answers, and keeps them."""

    def __init__(self, url: str, path: str, many: int) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port or 80
        super().__init__(requests(self.host, self.port, path))
        self.left, self.found = many, dict[int, str]()

    def answered(self, connection: BarrageConnection, answer: bytes) -> None:
        number, ticket = _NUMBER.search(answer), _TICKET.search(answer)
        if number and ticket:
            self.found[int(number[1])] = ticket[1].decode()
        else:
            self._wrong(answer)
        self.ask(connection)

    def ask(self, connection: BarrageConnection) -> None:
        if self.left and not self.wrong:
            self.left -= 1
            connection.transport.write(next(self.waiting))
        else:
            self._end(connection)


async def tickets(url: str, path: str, many: int) -> list[str]:
    """Join so many times. Raises SystemExit when anything but a ticket comes back."""
    joins, loop = JoinedTickets(url, path, many), asyncio.get_running_loop()
    for _ in range(CONNECTIONS):
        _, line = await loop.create_connection(lambda: BarrageConnection(joins), joins.host, joins.port)
        joins.open.add(line)
    for line in list(joins.open):
        joins.ask(line)
    async with asyncio.timeout(JOIN_SECONDS):
        await joins.done.wait()
    if joins.wrong or len(joins.found) != many:
        raise SystemExit(
            f"{len(joins.found)} of {many} got a ticket; first wrong answer: {joins.first_wrong!r}"
        )
    return [joins.found[number] for number in sorted(joins.found)]
