"""What an account added to its submissions, for its export; kept with them."""

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.own_data.held import HeldRecords
from accounts.personal_data.fields import PersonalFields
from casework.amendments import reading
from casework.amendments import store as amendments_store
from casework.amendments.sealing import AmendmentCipher
from casework.files.numbers import file_number
from submission import store as submission_store

WITHOUT = ("key", "id", "reviews", "supplement")
"""What says nothing to the owner, is about staff, or has records of its own."""


def amended(personal: PersonalFields) -> HeldRecords:
    """Each amendment with what it says, and what was asked about it; never by whom."""
    s, cipher = submission_store.submission, AmendmentCipher(personal.amendments)

    async def read(conn: AsyncConnection, account: int) -> list[dict[str, Any]]:
        numbers = (
            await conn.execute(sa.select(s.c.id).where(s.c.account == account).order_by(s.c.id))
        ).scalars()
        found = []
        for number in numbers.all():
            for one in await reading.of_file(conn, cipher, number):
                values = {
                    name: value for name, value in msgspec.to_builtins(one).items() if name not in WITHOUT
                }
                asked = [
                    {"act": review.act, "at": review.at, "question": review.question}
                    for review in one.reviews
                ]
                found.append({"file": file_number(number)} | values | {"reviews": asked})
        return found

    tables = frozenset({amendments_store.amendment.name, amendments_store.amendment_review.name})
    return HeldRecords(
        name="amendments", title="Les modifications de vos demandes", tables=tables, read=read,
        kept_because="conservées avec la demande",
    )  # fmt: skip
