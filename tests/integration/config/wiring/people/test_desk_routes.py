"""The desks of staff, put together."""

from starlette.routing import Route

from config.app import open_parts, pages_of_the_file
from config.wiring.lists import list_services
from config.wiring.people.desk_routes import desk_routes, operators_console, pages_of_reviews
from submission.exempt.services import exempt_services
from submission.submit import Submissions
from tests.integration.config.test_app import settings


async def test_every_trade_of_the_staff_has_its_desk(sqlite_url: str, redis_url: str) -> None:
    """Operators, agents and those who look after the staff; the queue of duplicates with them."""
    given = settings(sqlite_url, redis_url)
    parts = open_parts(given)
    sign_in, _ = pages_of_the_file(parts, Submissions(parts.submissions), given)
    operators = operators_console(parts)
    exempt, decisions = exempt_services(parts.submissions, given.secret_keys), list_services(parts, given)
    routes = [
        *desk_routes(parts, operators, exempt, decisions, given),
        *pages_of_reviews(parts, sign_in, operators.staff, given),
    ]
    paths = {route.path for route in routes if isinstance(route, Route)}
    await parts.redis.aclose()
    await parts.db.close()
    assert {"/operateur", "/agent", "/personnel/taches"} <= paths
