"""The task that answers a request for a lost secret: it writes to the owner of the address, if there is one.

A link that was mailed a moment ago stands for the next request too: whoever asks again and again, the owner has a good
link in the mailbox and no more than a few mails. So a stranger who asks in an owner's name takes nothing from them.
"""

import secrets
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from accounts import store
from accounts.acts import AccountAct
from accounts.events.events import Origin, note
from accounts.events.states import AccountEventKind
from accounts.personal_data.fields import EMAIL, PersonalFields
from accounts.recovery import mails
from accounts.recovery.asking import LASTS_MS, MOST_WRONG
from accounts.recovery.services import tokens_of
from accounts.recovery.states import LostSecret
from accounts.recovery.store import recovery
from accounts.registration.states import AccountState
from accounts.store import ACCOUNT
from foundation import audit
from foundation.encryption.blind_index import BlindIndex
from foundation.mail.outgoing import post
from foundation.outbox import Effect
from foundation.subjects import Subject

ANEW_MS = LASTS_MS // 2
"""No second link for the same secret within half the life of the first: there is always a good one in the mailbox, and
never more than 48 mails a day."""

r, a = recovery, store.account


def answering(secret_keys: Sequence[str], public_url: str) -> Effect:
    """What the task does."""
    personal, tokens = PersonalFields(secret_keys), tokens_of(secret_keys)

    async def answer(conn: AsyncConnection, subject: Subject, now: int) -> None:
        asked = (await conn.execute(sa.select(r).where(r.c.id == subject.number))).one_or_none()
        if asked is None:
            return
        of_address = (a.c.email_key.in_(asked.email_keys.split()), a.c.state == AccountState.ACTIVE)
        columns = (a.c.id, a.c.username, a.c.email)
        account = (await conn.execute(sa.select(*columns).where(*of_address))).one_or_none()
        if account is None or await _has_good_link(conn, account.id, asked.what, now):
            return
        token = await _make_link(conn, tokens, subject.number, account.id, now)
        to = personal.opened(account.username, EMAIL, account.email)
        what = LostSecret(asked.what)
        mail = mails.link(to, what, token, public_url, LASTS_MS // 60_000)
        about = Subject.row(ACCOUNT, account.id)
        await post(conn, mail, about, now, key=f"recovery:{subject.id}")
        origin = Origin(asked.network, asked.browser)
        await note(conn, account.id, AccountEventKind.RECOVERY_ASKED, now, origin)
        await audit.record(
            conn, audit.SERVICE, AccountAct.RECOVERY_LINK, about, now, what=what, recovery=subject.number
        )

    return answer


async def _has_good_link(conn: AsyncConnection, account: int, what: str, now: int) -> bool:
    """Whether a link was mailed lately that nobody has used."""
    good = (
        r.c.account == account,
        r.c.what == what,
        r.c.token_key.is_not(None),
        r.c.used_at.is_(None),
        r.c.wrong < MOST_WRONG,
        r.c.kept_until > now + LASTS_MS - ANEW_MS,
    )
    return (await conn.execute(sa.select(r.c.id).where(*good).limit(1))).first() is not None


async def _make_link(conn: AsyncConnection, tokens: BlindIndex, id: int, account: int, now: int) -> str:
    """The token of a new link, good from now on."""
    token = secrets.token_urlsafe(32)
    made = {"account": account, "token_key": tokens.stored(token), "kept_until": now + LASTS_MS}
    await conn.execute(sa.update(r).where(r.c.id == id).values(made))
    return token
