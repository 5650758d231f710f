"""« Tout télécharger »: all documents of an account in one archive, written while it is sent.

Each PDF is read when its turn comes, so that one archive never holds more than one of them; an index says what is in
it, with the SHA-256 of each, as the record of actions has it.
"""

import csv
import io
import zipfile
from collections.abc import AsyncIterator

from casework import documents
from casework.documents import Document
from casework.letters import pdfs
from casework.letters.pdfs import DocumentPdf
from foundation.clock import montreal
from foundation.sql.database import Database
from server.rendering.templating import weekday_instant

NAME = "guichet-mes-documents.zip"

INDEX = "index.csv"

COLUMNS = ("Numéro", "Titre", "Genre", "Déposé le", "Fichier", "SHA-256")


class Outlet(io.RawIOBase):
    """Where the archive is written: what is not sent yet. It cannot go back."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._written += piece
        return len(piece)

    def taken(self) -> bytes:
        """What was written since the last time."""
        piece = bytes(self._written)
        self._written.clear()
        return piece


async def listed(db: Database, account: int) -> list[Document]:
    """What an archive holds, the oldest first; a document of before has its number and its PDF after this."""
    found = await db.read(lambda conn: documents.of_account(conn, account))
    for one in reversed(found):
        if one.size is None:
            await pdfs.find(db, one.id, account)
    found = await db.read(lambda conn: documents.of_account(conn, account))
    return sorted(found, key=lambda one: one.number or 0)


async def archive(db: Database, account: int, held: list[Document]) -> AsyncIterator[bytes]:
    """The archive of these documents, in pieces."""
    outlet, names = Outlet(), list[DocumentPdf]()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as whole:
        for one in held:
            pdf = await pdfs.find(db, one.id, account)
            whole.writestr(_entry(pdf.file_name, one.created_at), pdf.content)
            names.append(DocumentPdf(document=pdf.document, content=b""))
            yield outlet.taken()
        newest = held[-1].created_at if held else 0
        whole.writestr(_entry(INDEX, newest), index(names).encode("utf-8-sig"), zipfile.ZIP_DEFLATED)
    yield outlet.taken()


def index(held: list[DocumentPdf]) -> str:
    """What is in an archive, as a table that any spreadsheet reads. Pure."""
    text = io.StringIO()
    rows = csv.writer(text, delimiter=";")
    rows.writerow(COLUMNS)
    for one in held:
        it = one.document
        filed = weekday_instant(it.created_at)
        rows.writerow((it.number, it.title, it.kind_word, filed, one.file_name, it.digest))
    return text.getvalue()


def _entry(name: str, at: int) -> zipfile.ZipInfo:
    moment = montreal(max(at, 315_600_000_000))  # an archive knows no year before 1980
    return zipfile.ZipInfo(name, moment.timetuple()[:6])
