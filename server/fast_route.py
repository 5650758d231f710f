"""Ordinary requests of one route, answered without a task: ids, gates, headers, figures and last resort in one step.

What is odd in any way goes the long way (`fast_path.py`): a header that comes twice, a gate that does not let it pass,
and whatever the route's own handler would rather not decide here.
"""

import time
from collections.abc import Callable
from functools import partial

from starlette.types import Scope

from server.protocol.http_protocol import AnswerAtOnce
from server.requests import Answer, Respond, WholeRequest
from server.response_defaults import ResponseDefaults, id_for, lines

Handler = Callable[[str, WholeRequest, Respond], bool]
"""Calls `Done` once, now or later, for a request about the period of this name; or says False before it did anything.
An exception is an answer too, as long as `Done` was not called."""


class Route:
    """One route's quick way."""

    def __init__(self, template: str, handler: Handler, kept: ResponseDefaults) -> None:
        """`template` is what figures and log lines name."""
        self._template, self._handler, self._kept = template, handler, kept
        json = (b"content-type", b"application/json"), (b"cache-control", b"no-store")
        self._fixed = lines((*json, *kept.headers))

    def __call__(self, id: str, scope: Scope, body: bytes, answer: AnswerAtOnce) -> bool:
        headers = dict(scope["headers"])
        if len(headers) != len(scope["headers"]) or not self._kept.passes(scope):
            return False
        client = scope["client"]
        done = partial(self._done, scope, answer, headers.get(b"x-request-id"), time.monotonic())
        try:
            return self._handler(id, WholeRequest(headers, body, client[0] if client else None), done)
        except Exception as error:
            done(error)
            return True

    def _done(
        self, scope: Scope, answer: AnswerAtOnce, given: bytes | None, began: float, found: Answer | Exception
    ) -> None:
        id_ = id_for(given)
        if isinstance(found, Exception):
            status, head, body = self._kept.last_resort(scope, id_, self._template, found)
        else:
            status, body = found.status, found.body
            head = b"%b%bx-request-id: %b\r\n" % (self._fixed, lines(found.headers), id_)
        answer(status, head, body)
        self._kept.tally.add(self._template, scope["method"], status, time.monotonic() - began)
