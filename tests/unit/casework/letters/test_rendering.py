"""Documents as PDF: tagged, byte for byte the same, and never another text than the blocks'."""

from pathlib import Path

import pypdfium2
import pytest
import typst

from casework.blocks import Block, Heading, Paragraph, plain
from casework.letters import reading, rendering
from casework.letters.rendering import LetterFailure, pdf_of
from tests.support.casework.letters import NAME, NOW, NUMBER, TITLE, failures, letter

FOOTER = f"Dossier {NUMBER}"

MARKUP = '#read("/etc/passwd") *gras* _a_ $x^2$ = Titre <b> \\ // @ref `code` - + ~ -- ...'
"""What would be something in typst, were it markup."""


def test_two_checkers_find_no_failures(tmp_path: Path) -> None:
    """Every kind of block, by 104 rules of one and those of another; which is not to say that it conforms."""
    assert failures(pdf_of(letter(), TITLE, FOOTER, NOW), tmp_path) == []


def test_an_untagged_file_is_found_to_fail(tmp_path: Path) -> None:
    """Twin: the same text without tags, by the same checkers."""
    bare = typst.compile(b"= Titre\nBonjour", format="pdf", pdf_tags=False)
    assert len(failures(bare, tmp_path)) >= 5


def test_the_same_blocks_are_the_same_bytes() -> None:
    """So a PDF can be made again and compared, and its digest says something."""
    first = pdf_of(letter(), TITLE, FOOTER, NOW)
    assert pdf_of(letter("Quelqu’un d’autre"), TITLE, FOOTER, NOW) != first
    assert pdf_of(letter(), TITLE, FOOTER, NOW) == first


@pytest.mark.parametrize(
    "name",
    [
        MARKUP,
        "Anne-Marie " * 30,
        "Nguyễn Thị Ánh Đặng-Łukasiewicz Šćepan ΑΒΓ Дмитрий",
        "محمد 王小明 \N{GRINNING FACE} e\N{COMBINING ACUTE ACCENT} \x07\N{ZERO WIDTH SPACE}fin",
        "x" * 300,
    ],
)
def test_any_text_is_written_as_text(name: str, tmp_path: Path) -> None:
    """Nothing in a name is run, nothing of it is lost, and nothing of it breaks the file."""
    pdf = pdf_of(letter(name), TITLE, FOOTER, NOW)
    assert failures(pdf, tmp_path) == []


def test_a_name_in_another_script_is_written_in_latin_letters() -> None:
    """And a remark says so; the page of the document has it as it is."""
    said = reading.text_of(pdf_of(letter("王小明"), TITLE, FOOTER, NOW), FOOTER)
    assert "WangXiaoMing" in said and said.endswith("lesmontretelsquels.")


def test_a_changed_name_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was compiled of another person's blocks is not given out (trap 19)."""
    whole = rendering._compiled
    monkeypatch.setattr(rendering, "_compiled", lambda text: whole(text.replace(NAME, "Jean Tremblay")))
    with pytest.raises(LetterFailure, match="not the text"):
        pdf_of(letter(), TITLE, FOOTER, NOW)


def test_a_changed_name_goes_out_where_nobody_reads_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twin."""
    whole = rendering._compiled
    monkeypatch.setattr(rendering, "_compiled", lambda text: whole(text.replace(NAME, "Jean Tremblay")))
    assert "JeanTremblay" in reading.text_of(pdf_of(letter(), TITLE, FOOTER, NOW, checked=False), FOOTER)


def test_a_document_without_a_title_is_refused() -> None:
    """typst refuses what PDF/UA does not allow, and that is a failure, not a worse file."""
    bare: list[Block] = [Heading("Sous-titre"), Paragraph(plain("x"))]
    with pytest.raises(LetterFailure):
        pdf_of(bare, "", FOOTER, NOW)


def test_a_warning_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Such as a font that is not there, which typst would replace in silence (trap 24)."""
    template = tmp_path / "letter.typ"
    text = rendering.TEMPLATE.read_text(encoding="utf-8")
    template.write_text(text.replace('"Noto Sans"', '"Nulle Part"'), encoding="utf-8")
    monkeypatch.setattr(rendering, "TEMPLATE", template)
    rendering._compiler.cache_clear()
    with pytest.raises(LetterFailure):
        pdf_of(letter(), TITLE, FOOTER, NOW)
    rendering._compiler.cache_clear()


def test_a_long_letter_has_its_number_on_each_page() -> None:
    """Pages are numbered, and a sheet that fell out says whose file it is of."""
    body: list[Block] = [Paragraph(plain("Une phrase. " * 40))] * 12
    pdf = pdf_of([*letter(), *body], TITLE, FOOTER, NOW)
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    assert len(pages) > 2
    for number, text in enumerate(pages, 1):
        assert text.rstrip().endswith(f"{FOOTER} · Page {number} de {len(pages)}")
