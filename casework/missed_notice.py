"""The notice of wrong tries at signing in, filed in the account they were made at (ADR 0021).

It says how many and since when, never from where: an address is somebody's too.
"""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from accounts.attempts import missed
from accounts.attempts.missed import MissedAttempts
from accounts.states import SessionRole
from casework import documents
from casework.blocks import Block, Fact, Facts, Heading, Note, Paragraph, plain, strong
from casework.documents import DocumentKind, UnfiledDocument
from casework.letters.letterhead import account_letterhead
from casework.letters.whose import whose
from casework.mailbox.filed import file_and_announce
from casework.mailbox.services import MailboxServices
from foundation.outbox import Effect
from foundation.subjects import Subject
from quota.programmes import Programme
from server.rendering.templating import instant, number

TITLE = "Essais de connexion à votre compte"


def blocks_of(said: MissedAttempts, now: int) -> list[Block]:
    """The notice as it is filed at the instant `now`. Pure."""
    knew = [
        Paragraph(
            plain(
                "Des essais ont été faits avec votre mot de passe, mais sans les bonnes réponses de sécurité : une "
                "autre personne connaît peut-être ce mot de passe. Si ce n’était pas vous, appelez le Centre de "
                "contacts."
            )
        )
    ]
    return [
        Heading(TITLE, level=1),
        Paragraph(
            plain(
                "Quelqu’un a essayé plusieurs fois de se connecter à votre compte sans y parvenir. Personne n’est "
                "entré, et rien n’a été changé. Votre compte n’est pas bloqué : dans un navigateur où vous vous êtes "
                "déjà connecté, ces essais ne vous retardent pas."
            )
        ),
        Facts(
            [
                Fact("Essais manqués", strong(number(said.tries))),
                Fact("Dont avec le bon mot de passe", plain(number(said.knew_password))),
                Fact("Depuis le", plain(instant(said.since))),
            ]
        ),
        *(knew if said.knew_password else []),
        Note(plain(f"Document déposé le {instant(now)}.")),
    ]


def filing(programmes: Mapping[str, Programme], mailbox: MailboxServices) -> Effect:
    """The effect of the task. Its owner has a mail too: at most one a day, as of the notice."""

    async def file(conn: AsyncConnection, subject: Subject, now: int) -> None:
        """File what was counted so far; nothing where the owner has signed in meanwhile, and was told then."""
        said = await missed.of(conn, SessionRole.CANDIDATE, subject.number)
        if said is None:
            return
        kind = DocumentKind.MISSED_NOTICE
        serial = await documents.next_serial(conn, subject, kind)
        name, address = await whose(conn, mailbox.personal, subject.number)
        content = [account_letterhead(programmes, name, address, now), *blocks_of(said, now)]
        letter = UnfiledDocument(subject.number, subject, kind, TITLE, content, now, serial)
        await file_and_announce(conn, mailbox, letter)

    return file
