"""A clerk in a process of its own, who enters the fee of one file after another until it is killed or done."""

import asyncio
import sys

from foundation.mail import sealing
from foundation.sql.database import Database
from tests.support.casework.mail import entered, payment
from tests.support.rooms import KEYS


def key_of(number: int) -> str:
    """The form of this file: sent again, it is the same entry."""
    return f"fee-of-file-number-{number}"


async def enter_all(url: str, many: int) -> None:
    """Enter each fee, and say so once it is answered."""
    db = Database(url)
    for number in range(1, many + 1):
        entry = await payment(db, number, reason="encore")
        await entered(db, entry, key=key_of(number))
        print(number, flush=True)
    await db.close()


if __name__ == "__main__":
    sealing.seal_with(KEYS)
    asyncio.run(enter_all(sys.argv[1], int(sys.argv[2])))
