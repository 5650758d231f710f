"""What is still to be filled in before the day (WR-15): the forms that an account has begun."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.own_account.pages import FormStanding, FormStandings
from foundation.clock import now_ms
from quota.programmes import Programme
from submission.drafts import repository
from submission.drafts.encryption import DraftCiphers
from submission.drafts.evaluated import evaluated
from submission.drafts.pages import DRAFT
from submission.forms.files import Forms


def form_standings(programmes: Mapping[str, Programme], forms: Forms, ciphers: DraftCiphers) -> FormStandings:
    """Where the drafts of an account stand, one a programme."""

    async def find(conn: AsyncConnection, account: int) -> list[FormStanding]:
        drafts = await repository.of_accounts(conn, ciphers, [account])
        standings = []
        for (_, id), draft in drafts.items():
            programme = programmes.get(id)
            if programme is not None:
                found = evaluated(forms, id, programme.draft, draft, now_ms()).found
                standings.append(FormStanding(programme.name, len(found.to_mend), DRAFT.format(programme=id)))
        return sorted(standings)

    return find
