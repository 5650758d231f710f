"""« Consultation des documents »: the list, the documents, their PDF; what is printed of a file."""

from starlette.routing import BaseRoute

from accounts.pages import SignInPages
from casework.letters.pages import DocumentPages
from casework.letters.printed.pages import FilePrintPages
from config.wiring.parts import Parts
from server.fast_path import FastRoute
from server.rendering.templating import Render


def fast_routes(sign_in: SignInPages, render: Render) -> list[FastRoute]:
    """The list of documents."""
    return DocumentPages(sign_in, render).fast_routes()


def routes(parts: Parts, sign_in: SignInPages, render: Render) -> list[BaseRoute]:
    """The pages of documents, for the account they are filed in, but for the list."""
    return [
        *DocumentPages(sign_in, render).routes(),
        *FilePrintPages(sign_in, render, parts.programmes, parts.submissions.seals).routes(),
    ]
