"""Spaces that must not break: where French has them, and nowhere in what is typed or run."""

import re

import pytest

from server.problems import TABLE, ReasonText
from server.rendering.typography import unbreakable, unbreakable_page, unbreakable_span
from tests.support.places import ROOT


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("« Vérifications »", "«~Vérifications~»"),
        ("Motif : en retard", "Motif~: en retard"),
        ("Vraiment ?", "Vraiment~?"),
        ("822,00 $, soit 5 %.", "822,00~$, soit 5~%."),
        ("à 8 h 30, en 5 min", "à 8~h 30, en 5~min"),
        ("n° 12", "n°~12"),
        ("(voir « A » )", "(voir «~A~» )"),
        ("12 hommes, 3 minutes", "12 hommes, 3 minutes"),
        ("https://exemple.invalid/a ?b", "https://exemple.invalid/a ?b"),
    ],
)
def test_where_french_has_them(written: str, read: str) -> None:
    """And a text that has them already stays as it is."""
    found = unbreakable(written)
    assert found.replace("\N{NO-BREAK SPACE}", "~") == read
    assert unbreakable(found) == found
    assert unbreakable_span(written) == found


def test_a_page_has_them_in_what_is_read() -> None:
    """Across tags too; not in attributes, whose values go back as they were typed, nor in fields and scripts."""
    fields = '<input value="q : r"><textarea>s : t</textarea><script>a ? b : c</script>'
    page = f'<p title="a : b">Nom : <b>x</b> : y</p>{fields}'
    found = unbreakable_page(page).replace("\N{NO-BREAK SPACE}", "~")
    assert found == page.replace("Nom :", "Nom~:").replace("</b> :", "</b>~:")


@pytest.mark.parametrize("written", ["D-0000123-20", "MPQ-7K2QX-00000-ABCDE-12345", "R-0000001-97"])
def test_numbers_with_hyphens_are_whole_on_a_page(written: str) -> None:
    """In what is read, wherever a text has one; not in addresses, titles and fields. Once."""
    page = f'<title>{written}</title><p>Dossier <a href="/dossiers/{written}">{written}</a>, {written}.</p>'
    whole = f'<span class="reference">{written}</span>'
    found = unbreakable_page(f'{page}<input value="{written}"><option>{written}</option>')
    assert found.count(whole) == 2 and found.count(written) == 6
    assert f"<title>{written}</title>" in found and f">{whole}</a>, {whole}.</p>" in found
    assert unbreakable_page(found) == found


@pytest.mark.parametrize(
    "written", ["AVANT-HIER", "rendez-vous", "COVID-19", "H2X 1Y4-3", "RFC-9457", "2016-06-13"]
)
def test_other_words_with_hyphens_stay_as_they_are(written: str) -> None:
    page = f"<p>Le mot « {written} ».</p>"
    assert "reference" not in unbreakable_page(page)


def test_a_page_without_any_is_the_same_object() -> None:
    """Most of what is shown often has nothing to mend: it costs one look."""
    page = "<p>Rien à changer.</p>"
    assert unbreakable_page(page) is page


def test_refusals_have_them_for_scripts_too() -> None:
    """A script shows a refusal's words as they come in the JSON."""
    for entry in TABLE.values():
        for words in (entry.words(), *map(_words, entry.cause.values())):
            assert all(text == unbreakable(text) for text in words.values())


def _words(cause: ReasonText) -> dict[str, str]:
    return {"title": cause.title, "reason": cause.reason, "remedy": cause.remedy}


_SAID = re.compile(r"""(["`])((?:(?!\1).)*[àâçéèêîôûù’](?:(?!\1).)*)\1""")

_BREAKS = re.compile(r"« | »|[\w)’] : ?(?=\w|$|\$\{)")


def test_what_scripts_say_has_them_too() -> None:
    """They write to the page themselves. Titles of tabs, which never break, are given by `face`."""
    found = [
        (path.name, said)
        for path in sorted(ROOT.glob("*/**/static/*.js"))
        if path.relative_to(ROOT).parts[0] not in ("tests", ".venv")
        for line in path.read_text("utf-8").splitlines()
        if "face(" not in line and not line.strip().startswith(("//", "*"))
        for _, said in _SAID.findall(line)
        if _BREAKS.search(said)
    ]
    assert found == []
