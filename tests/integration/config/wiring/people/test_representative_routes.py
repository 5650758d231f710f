"""A candidate's representative and the mailroom, put together."""

from starlette.routing import Route

from config.app import open_parts, pages_of_the_file
from config.wiring.people.desk_routes import operators_console
from config.wiring.people.representative_routes import pages_of_representatives
from submission.submit import Submissions
from tests.integration.config.test_app import settings


async def test_a_procuration_has_the_candidates_side_and_the_desks(sqlite_url: str, redis_url: str) -> None:
    """Who is represented sees it, and clerks record what came by post."""
    given = settings(sqlite_url, redis_url)
    parts = open_parts(given)
    sign_in, _ = pages_of_the_file(parts, Submissions(parts.submissions), given)
    routes = pages_of_representatives(parts, sign_in, operators_console(parts).staff, given)
    paths = {route.path for route in routes if isinstance(route, Route)}
    await parts.redis.aclose()
    await parts.db.close()
    assert {"/personnel/courrier"} <= paths
