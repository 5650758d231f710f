"""Letters for tests: blocks of every kind, and what two independent PDF/UA checkers say of a PDF."""

from pathlib import Path

import page
import pdfua

from accounts.identities import Identity
from accounts.personal_data.home_address import HomeAddress
from casework.blocks import (
    Block,
    BulletList,
    Fact,
    Facts,
    Heading,
    Letterhead,
    Note,
    Paragraph,
    SignatureBlock,
    TextTable,
    ordinal,
    plain,
    strong,
)
from casework.files.sheet import FileSheet

NAME = "Élodie N’Diaye"

ADDRESS = ["12, rue de l’Église", "Montréal (Québec)  H2X 1Y4", "Canada"]

NUMBER = "D-0000123-40"

TITLE = "Confirmation d’admission dans le quota"

NOW = 1_465_800_000_000

NOT_EVALUATED = {"UA-14-001"}
"""That a heading is not empty: pdfua's rule ends in an error for the tags of typst, which it does not count as a
finding (`findings/pdfua-passes-headings-it-did-not-look-at.sh`)."""


def letter(name: str = NAME) -> list[Block]:
    """One of each block, to somebody of this name."""
    return [
        Letterhead(
            ["Ministère de la Démonstration"], [name, *ADDRESS], "Le 13 juin 2016",
            [Fact("Numéro de dossier", strong(NUMBER))],
        ),
        Heading(TITLE, level=1),
        Paragraph([*plain("Nous confirmons que la demande "), *strong("désignée ci-dessous"), *plain(" est admise.")]),
        Facts([
            Fact("Nom", strong(name)), Fact("Période de réception", ordinal(2)),
            Fact("Une étiquette assez longue pour passer à la ligne", plain("une valeur, " * 20)),
        ]),
        Heading("Ce qui suit"),
        BulletList([plain("Attendez la liste des documents."), plain("Gardez ce document.")]),
        TextTable("Ce qui s’est passé", ["Date", "Acte"], [["13 juin 2016", "Demande soumise"]] * 3),
        SignatureBlock(["Le service de l’admission", "Ministère de la Démonstration"]),
        Note(plain("Document déposé le 13 juin 2016.")),
    ]  # fmt: skip


def failures(pdf: bytes, folder: Path) -> list[str]:
    """What the two checkers find wrong by the rules of PDF/UA-1, and what the second one could not look at; an empty
    list says only that nothing was found."""
    report = page.validate_pdf_bytes(pdf, profile=page.ValidationProfile.PDF_UA_1)
    path = folder / "checked.pdf"
    path.write_bytes(pdf)
    second = pdfua.validate(str(path))
    skipped = {one.rule_id for one in second.skipped} - NOT_EVALUATED
    return (
        [one.rule_id for one in report.failures] + [one.rule_id for one in second.findings] + sorted(skipped)
    )


def head(number: int = 123) -> FileSheet:
    """The head of a file, of somebody with an address."""
    identity = Identity(family_name="N’Diaye", given_name="Élodie", birth_date="1990-02-03", passport="P123")
    return FileSheet(
        submission=number, account=1, username="elodie", identity=identity, email=None,
        address=HomeAddress(ADDRESS[:2], "CA"), receipt="MPQ-00000-00000-00000-00001", programme="demo",
        rules=None, ordinal=1, rank=17, submitted_at=NOW, pay_by=NOW,
    )  # fmt: skip
