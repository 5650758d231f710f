#!/bin/sh
# pikepdf 10.18.0: a tagged letter appended to another one has that one's tags, none of its words in them, and is still « PDF/UA ».
#
# Expected: pages of a tagged file that are put behind those of another one have their own tags or none, and the claim of PDF/UA-1 goes
# where it is no longer true. Seen, with two letters of typst 0.15.2 that both keep the rules: the page brings its number
# `StructParents` 0 along, which in the file it comes to is the first letter's page. Whoever reads by tags (PDFium here, as a
# screen reader does) finds the first letter's tags on the second page and nothing of what stands there. Title, language and claim
# are those of the first letter, and page-validation 0.11.0 and pdfua 0.1.3 find nothing wrong. A new file into which the
# pages of both are put loses tags and claim together, and both checkers say so.
# For us: letters are never joined; the archive of a folder has one file a letter (`casework/letters/archive.py`).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check \
  pikepdf==10.18.0 typst==0.15.2 pypdfium2==5.15.2 page-validation==0.11.0 pdfua==0.1.3
cat > "$folder/join.py" <<'PY'
import ctypes
from importlib.metadata import version

import page
import pdfua
import pikepdf
import pypdfium2
import typst
from pypdfium2 import raw

HEAD = """#set document(title: "Lettre", date: datetime(year: 2026, month: 12, day: 1))
#set text(lang: "fr")
"""
LETTERS = {"one": "= Demande admise\nAlpha\n", "two": "= Pièces à fournir\nBeta\n\nAvant juin.\n"}


def words(page_):
    """The words of a page by the number of their mark."""
    text, found = page_.get_textpage(), {}
    for thing in page_.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
        size = raw.FPDFTextObj_GetText(thing, text, None, 0)
        buffer = ctypes.create_string_buffer(size)
        raw.FPDFTextObj_GetText(thing, text, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
        mark = raw.FPDFPageObj_GetMarkedContentID(thing)
        found[mark] = found.get(mark, "") + buffer.raw.decode("utf-16-le").partition("\0")[0]
    return found


def read(element, found):
    """A tag's name, what stands in it, and the same of those within it."""
    size = raw.FPDF_StructElement_GetType(element, None, 0)
    buffer = ctypes.create_string_buffer(size)
    raw.FPDF_StructElement_GetType(element, buffer, size)
    yield buffer.raw.decode("utf-16-le").rstrip("\0")
    for number in range(raw.FPDF_StructElement_CountChildren(element)):
        mark = raw.FPDF_StructElement_GetChildMarkedContentID(element, number)
        if mark >= 0:
            yield f"«{found[mark].strip()}»"
        if child := raw.FPDF_StructElement_GetChildAtIndex(element, number):
            yield from read(child, found)


def spoken(name):
    """What each page has in its tags, in their order."""
    for page_ in pypdfium2.PdfDocument(f"{name}.pdf"):
        tree = raw.FPDF_StructTree_GetForPage(page_)
        tops = [raw.FPDF_StructTree_GetChildAtIndex(tree, top) for top in range(raw.FPDF_StructTree_CountChildren(tree))]
        yield [said for top in tops for said in read(top, words(page_))]


def failures(name):
    first = page.validate_pdf(f"{name}.pdf", profile=page.ValidationProfile.PDF_UA_1).failures
    return len(first), len(pdfua.validate(f"{name}.pdf").findings)


print(*(f"{name} {version(name)}" for name in ("pikepdf", "typst", "pypdfium2", "page-validation", "pdfua")))
for name, body in LETTERS.items():
    with open(f"{name}.pdf", "wb") as file:
        file.write(typst.compile((HEAD + body).encode(), format="pdf", pdf_standards=["ua-1"]))
with pikepdf.open("one.pdf") as one, pikepdf.open("two.pdf") as two, pikepdf.new() as new:
    new.pages.extend(one.pages)
    new.pages.extend(two.pages)
    new.save("new.pdf")
    one.pages.extend(two.pages)
    one.save("joined.pdf")
for name in ("one", "two", "joined", "new"):
    with pikepdf.open(f"{name}.pdf") as pdf, pdf.open_metadata() as said:
        print(f"{name}: claims {said.get('pdfuaid:part')}, failures {failures(name)}, by tags: {' | '.join(' '.join(one) for one in spoken(name))}")
PY
cd "$folder"
env/bin/python join.py > seen
cat seen
want() { grep -qxF "$1" seen || { echo "changed: $1"; exit 1; }; }
want 'one: claims 1, failures (0, 0), by tags: Document H1 «Demande admise» P «Alpha»'
want 'two: claims 1, failures (0, 0), by tags: Document H1 «Pièces à fournir» P «Beta» P «Avant juin.»'
want 'joined: claims 1, failures (0, 0), by tags: Document H1 «Demande admise» P «Alpha» | Document H1 P'
