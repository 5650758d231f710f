"""What is wired for documents: the more exact address before the other, or a PDF would be looked for as a page."""

from types import SimpleNamespace
from typing import Any, cast

from starlette.routing import Route

from config.wiring import letters


def test_the_pdf_comes_before_the_page() -> None:
    """Routes are tried in their order."""
    sign_in: Any = SimpleNamespace(services=SimpleNamespace(db=None, personal=None))
    parts: Any = SimpleNamespace(programmes={}, submissions=SimpleNamespace(seals=None))
    paths = [cast(Route, one).path for one in letters.routes(parts, sign_in, cast(Any, None))]
    assert paths.index("/documents/{id}.pdf") < paths.index("/documents/{id}")
    assert paths.index("/documents/archive.zip") < paths.index("/documents/{id}")
