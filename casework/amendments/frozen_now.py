"""The answers of a file as they are now, in the form in which they were signed: lists of documents are made of them,
and decisions are about them."""

from typing import NamedTuple

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from casework.amendments.reading import AmendableFile, look, of_file
from casework.amendments.services import AmendmentServices
from casework.files.sheet import FileSheet
from submission.forms.evaluation import evaluate
from submission.signing import frozen, signatures
from submission.signing.frozen import FrozenAnswers


class AnswersNow(NamedTuple):
    """The answers and the digest of their one text."""

    answers: FrozenAnswers
    digest: str


async def answers_now(
    conn: AsyncConnection, services: AmendmentServices, head: FileSheet, now: int
) -> AnswersNow:
    """What was signed, with every amendment that counts. Fails closed: Unavailable where an amended file's form is
    away."""
    if not any(one.counts for one in await of_file(conn, services.cipher, head.submission)):
        signed = await signatures.find(conn, head.receipt, head.programme, services.seals)
        return _digested(signed.answers)
    return amended(await look(conn, services, head.submission, now))


def amended(file: AmendableFile) -> AnswersNow:
    """The answers of an amended file, under the salt of what was signed: the same each time. Pure."""
    seen = frozen.freeze(file.sheet.programme, file.form, evaluate(file.form, file.now_is, file.today))
    return _digested(msgspec.structs.replace(seen, salt=file.signed.salt))


def _digested(answers: FrozenAnswers) -> AnswersNow:
    return AnswersNow(answers, frozen.digest(frozen.canonical(answers)))
