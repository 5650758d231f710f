"""Letters of the exempt streams: one a decision, in its words; one confirmation a submission."""

from casework import documents
from casework.documents import DocumentKind
from casework.exempt_letters import SAID, confirming_exempt, file_decision
from config.settings import PROGRAMMES
from foundation.clock import now_ms
from foundation.sql.database import Database
from foundation.subjects import Subject
from quota.programmes import load_all
from submission.exempt.states import BY_AGENTS, ExemptClaimAct
from tests.support.candidates.exempt import accepted_claim, decide, submit_outside
from tests.support.casework.messages import MAILBOX
from tests.support.desks import make_account, make_desk, sign_in

KNOWN = load_all(PROGRAMMES)


def test_every_decision_has_its_words() -> None:
    """What a letter says first depends on the decision alone."""
    assert set(SAID) == set(BY_AGENTS)


async def test_each_decision_has_its_letter(database: Database) -> None:
    """Numbered, with its reason, never changed by the next."""
    desk = make_desk(database)
    account = await make_account(desk)
    claim = await accepted_claim(desk, account)
    await database.write(
        lambda conn: file_decision(conn, KNOWN, MAILBOX, claim, ExemptClaimAct.ACCEPT, now_ms())
    )
    refused = await decide(desk, claim, ExemptClaimAct.REFUSE)
    await database.write(
        lambda conn: file_decision(conn, KNOWN, MAILBOX, refused, ExemptClaimAct.REFUSE, now_ms())
    )
    filed = await database.read(lambda conn: documents.of_account(conn, account))
    assert [one.kind for one in filed] == [DocumentKind.EXEMPT_DECISION] * 2

    async def text_of(id: str) -> str:
        return str((await database.read(lambda conn: documents.find(conn, id, account))).blocks)

    texts = [await text_of(one.id) for one in filed]
    assert sum("Votre preuve est acceptée" in text for text in texts) == 1
    assert all("Preuve vérifiée." in text and "Offre d’emploi validée" in text for text in texts)


async def test_a_submission_is_confirmed(database: Database) -> None:
    """Whose it is, which stream, its rank outside the quota; from one row."""
    desk = make_desk(database)
    account = await make_account(desk)
    await accepted_claim(desk, account)
    accepted = await submit_outside(desk, await sign_in(desk))
    await database.write(
        lambda conn: confirming_exempt(KNOWN, MAILBOX)(conn, Subject.row("submission", 1), now_ms())
    )
    (filed,) = await database.read(lambda conn: documents.of_account(conn, account))
    opened = await database.read(lambda conn: documents.find(conn, filed.id, account))
    text = str(opened.blocks)
    assert accepted.receipt in text and "Rang hors période" in text and "aucune place d’un quota" in text
