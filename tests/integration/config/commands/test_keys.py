"""`guichet keys rotate`: everything at rest under the newest key, and what no key opens."""

import sqlalchemy as sa

from accounts.store import account
from foundation.audit import audit
from foundation.sql.database import Database
from submission.drafts.store import draft_section
from tests.conftest import apart
from tests.integration.config.commands.shell import GOOD_KEY, guichet, one_sentence, rows
from tests.support.drafts import draft_at

NEW_KEY = "zyxwvutsrqponmlkjihgfedcba9876543210"

DEMO = ("--programme", "demo")


def rotated(url: str, *keys: str) -> str:
    found = guichet("keys", "rotate", url=url, SECRET_KEYS=",".join(keys))
    assert found.exit_code == 0, found.stderr
    return found.stderr


def test_nothing_at_rest_needs_the_old_key_afterwards(database_url: str) -> None:
    """Drafts and identities open with the new key alone; a second run finds nothing to do."""
    guichet("accounts", "synthetic", "add", "3", *DEMO, url=database_url)
    first = rows(database_url, account)[0]
    before = draft_at(database_url, GOOD_KEY, first.id)
    stderr = rotated(database_url, NEW_KEY, GOOD_KEY)
    assert "0 rows" not in stderr and "nothing at rest needs the other keys" in stderr
    assert draft_at(database_url, NEW_KEY, first.id) == before
    assert len({row.key for row in rows(database_url, draft_section)}) == 1
    assert "0 rows were encrypted anew" in rotated(database_url, NEW_KEY)
    acts = [(line.act, line.actor) for line in rows(database_url, audit)]
    assert acts.count(("keys_rotate", "command-line")) == 2


def test_what_no_key_opens_is_counted_and_stays(database_url: str) -> None:
    """With exit status 1 and what to do; the rest is done."""
    guichet("accounts", "synthetic", "add", "2", *DEMO, url=database_url)

    async def spoil() -> None:
        database = Database(database_url)
        try:
            s = draft_section
            theirs = (
                sa.update(s)
                .where(s.c.draft == 1, s.c.section == "identity")
                .values(answers=b"\x81\xa1a\xc4\x01x")
            )
            await database.write(lambda conn: conn.execute(theirs))
        finally:
            await database.close()

    apart(spoil())
    found = guichet("keys", "rotate", url=database_url, SECRET_KEYS=f"{NEW_KEY},{GOOD_KEY}")
    assert found.exit_code == 1 and "1 open with none of SECRET_KEYS" in found.stderr
    left = [row for row in rows(database_url, draft_section) if row.draft == 1 and row.section == "identity"]
    assert left[0].answers == b"\x81\xa1a\xc4\x01x"


def test_it_needs_good_keys(sqlite_url: str) -> None:
    """And says so in a sentence."""
    one_sentence(guichet("keys", "rotate", url=sqlite_url), "SECRET_KEYS")
