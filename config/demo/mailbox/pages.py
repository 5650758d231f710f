"""What the demo's mail server took, as a page and as JSON. These addresses exist in the demo only."""

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from config.demo.mailbox.kept_mail import MOST, SHOWN, KeptMail
from server.rendering.templating import Render
from server.responses import json_response

ADDRESS = "/demo/courriels"

LONGEST_ADDRESS = 320
"""Characters that are looked at of an address that is asked for."""


class DemoMailPages:
    """The handlers; `folder` is None outside the demo, which has no routes then."""

    def __init__(self, folder: Path | None, render: Render) -> None:
        self._kept = None if folder is None else KeptMail(folder)
        self._render = render

    def routes(self) -> list[BaseRoute]:
        if self._kept is None:
            return []
        return [Route("/demo/courriels", self.page), Route("/demo/courriels.json", self.listed)]

    async def page(self, request: Request) -> Response:
        """The newest messages, each whole."""
        kept, to = self._kept, _asked(request)
        found = [] if kept is None else await run_in_threadpool(kept.newest, to)
        return self._render(request, "demo_mail.html", messages=found, to=to, most=SHOWN)

    async def listed(self, request: Request) -> Response:
        """All that are kept, or those to one address, the newest first."""
        kept = self._kept
        found = [] if kept is None else await run_in_threadpool(kept.newest, _asked(request), MOST)
        return json_response([message.described() for message in found])


def _asked(request: Request) -> str:
    return request.query_params.get("to", "")[:LONGEST_ADDRESS].strip()
