"""How accounts are made, found again and changed, put together."""

from starlette.routing import Route

from config.app import open_parts, pages_of_the_file
from config.wiring.people.account_routes import (
    email_change_routes,
    recovery_routes,
    registration_routes,
    second_factor_routes,
)
from submission.submit import Submissions
from tests.integration.config.test_app import settings


async def test_what_an_owner_does_with_an_account_has_its_addresses(sqlite_url: str, redis_url: str) -> None:
    """Each way has its page and, where scripts use it, its call."""
    given = settings(sqlite_url, redis_url)
    parts = open_parts(given)
    sign_in, _ = pages_of_the_file(parts, Submissions(parts.submissions), given)
    routes = [
        *registration_routes(parts, sign_in, given),
        *recovery_routes(parts, given),
        *email_change_routes(parts, sign_in, given),
        *second_factor_routes(parts, sign_in, given),
    ]
    paths = {route.path for route in routes if isinstance(route, Route)}
    await parts.redis.aclose()
    await parts.db.close()
    assert {"/inscription", "/recuperation", "/compte/courriel", "/compte/code"} <= paths
