"""One's own data on a place of candidates' pages."""

from starlette.applications import Starlette

from accounts.own_data.api import OwnDataApi
from accounts.own_data.pages import OwnDataPages
from accounts.own_data.service import OwnData
from accounts.pages import SignInPages
from casework.pages import DESTINATIONS
from config.assets import renderer
from config.own_data.registry import deletion_rules
from server.problems import Problems
from submission.exempt.services import exempt_services
from tests.support.candidates.files import FilePlace
from tests.support.rooms import KEYS


def with_own_data(place: FilePlace) -> OwnData:
    """The pages and calls of one's own data, on this place too."""
    service = OwnData(place.desk.accounts, deletion_rules(exempt_services(place.desk, KEYS)))
    tell = Problems("http://guichet.test", renderer()).tell
    sign_in = SignInPages(place.desk.accounts, renderer(), tell, DESTINATIONS)
    assert isinstance(place.app, Starlette)
    pages = OwnDataPages(service, sign_in, renderer(), tell).routes()
    place.app.router.routes[:0] = [*pages, *OwnDataApi(service).routes()]
    return service
