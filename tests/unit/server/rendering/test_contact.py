"""The service's name and the contact centre are an installation's own; an example says that it is one."""

import re

from config.assets import templates
from server.rendering.contact import SAMPLE_HOURS, SAMPLE_NAME, SAMPLE_PHONE, Contact
from tests.support.places import ROOT
from tests.support.sources import FOLDERS

OURS = Contact("Guichet <unique>", "418 555-0123", "tous les jours")


def test_a_page_says_what_the_installation_says() -> None:
    """Name in the title and on top, telephone and hours at the foot; nothing of the example."""
    page = templates(OURS).get_template("base.html").render()
    assert page.count("Guichet &lt;unique&gt;") == 3  # scripts read it from the head
    assert "418 555-0123" in page
    assert "tous les jours" in page
    assert not any(sample in page for sample in (SAMPLE_NAME, SAMPLE_PHONE, SAMPLE_HOURS, "exemple"))


def test_an_example_is_marked() -> None:
    """Nobody should call a number that nobody has."""
    assert Contact().is_sample and not OURS.is_sample
    page = templates().get_template("base.html").render()
    assert f"{SAMPLE_PHONE}</span> (numéro d’exemple)" in page


def test_no_page_has_them_in_its_text() -> None:
    """They stand in one place: a template or a script that wrote them itself would show the example for ever."""
    wrong = [
        str(path.relative_to(ROOT))
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".html", ".js", ".toml")
        and re.search(rf"{SAMPLE_PHONE}|{SAMPLE_NAME}", path.read_text("utf-8"))
    ]
    assert wrong == []
