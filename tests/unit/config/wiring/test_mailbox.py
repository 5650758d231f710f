"""The mailbox is put together in one place."""

from typing import Any

from starlette.routing import Route

from config.settings import Settings
from config.wiring import mailbox
from tests.support.rooms import KEYS


class _AnyParts:
    """Stands for the parts of a process: pages are made of them, and ask nothing before they are called."""

    def __getattr__(self, name: str) -> Any:
        return self


def test_pages_and_calls_have_one_address_each() -> None:
    parts: Any = _AnyParts()
    settings = Settings(
        database_url="sqlite://",
        redis_url="",
        queue_redis_url="",
        secret_keys=KEYS,
        public_url="http://g.test",
    )
    paths = [one.path for one in mailbox.routes(parts, parts, parts, settings) if isinstance(one, Route)]
    assert {"/messages", "/messages/{id}", "/api/v1/messages", "/api/v1/messages/{id}"} <= set(paths)
