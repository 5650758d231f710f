"""« Consultation des documents »: the list, the documents, their PDF."""

from starlette.routing import BaseRoute

from accounts.pages import SignInPages
from casework.letters.pages import DocumentPages
from server.rendering.templating import Render


def routes(sign_in: SignInPages, render: Render) -> list[BaseRoute]:
    """The pages of documents, for the account they are filed in."""
    return DocumentPages(sign_in, render).routes()
