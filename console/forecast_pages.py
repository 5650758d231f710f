"""The page before announcing and arming: in words what will happen, whether the installation is ready, and the form.

It is shown again with what was typed when the act is refused. French, whole without scripts.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from accounts.sessions import Session
from console import gate
from console.forecast import TITLES as GROUPS
from console.forecast import forecast, summary_words
from console.gate import LONGEST_REASON
from console.readiness import STATE_WORDS, TITLES, CheckResult, findings, is_ready
from console.record.looks import PageLooks
from console.states import ACTIONS, STANDS
from console.steering import Console, acting_as
from foundation.clock import now_ms
from foundation.errors import Refusal
from foundation.subjects import Subject
from quota import ledger
from quota.periods import effective
from quota.states import Action, Stand
from quota.store import PERIOD, Period
from server.rendering.forms import Tell
from server.rendering.templating import Render

HOME = "/operateur"

NEXT: Mapping[Stand, Action] = {Stand.DRAFT: Action.ANNOUNCE, Stand.ANNOUNCED: Action.ARM}
"""What is decided on the page of a period that stands so."""

Desk = Callable[[Request], Awaitable[Session | None]]


class ForecastPages:
    """The handler of the page, and the page as the answer to a refused act."""

    def __init__(self, console: Console, looks: PageLooks, desk: Desk, render: Render, tell: Tell) -> None:
        self.console, self.looks, self.desk = console, looks, desk
        self.render, self.tell = render, tell

    def routes(self) -> list[BaseRoute]:
        return [Route("/operateur/periodes/{id}/verification", self.read, methods=["GET"])]

    async def read(self, request: Request) -> Response:
        operator = await self.desk(request)
        if operator is None:
            return RedirectResponse(f"{HOME}?note=session", 303)
        return await self.page(request, operator)

    async def page(
        self,
        request: Request,
        operator: Session,
        refusal: Refusal | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        """The page of the period in the address; after a refused act with its status and reason, and what was typed."""
        period_id = request.path_params["id"]
        period = await self.console.db.read(lambda conn: ledger.period_by_id(conn, period_id))
        await self.looks.saw(acting_as(operator), "vérification", Subject(PERIOD, period.uid))
        now = now_ms()
        found, counted = await self._found(period)
        overridden = await self.console.db.read(lambda conn: gate.overrides(conn, period.uid))
        said = forecast(period, self.console.programmes.get(period.programme), counted, now)
        stand = effective(period, now).stand
        words = None if refusal is None else self.tell(refusal)
        wrong = {} if refusal is None else {f["name"]: f["reason"] for f in refusal.fields.get("fields", [])}
        context: dict[str, Any] = {
            "groups": [(title, getattr(said, name)) for name, title in GROUPS.items() if getattr(said, name)],
            "checks": [(one, TITLES[one.check], STATE_WORDS[one.state]) for one in found],
            "is_ready": is_ready(found), "overridden": overridden,
            "readiness": summary_words(found, is_decided=stand in NEXT),
            "action": NEXT.get(stand), "action_words": ACTIONS, "stand_words": STANDS[stand], "period": period,
            "operator": operator, "refusal": words, "wrong": wrong, "typed": typed or {},
            "name": self._name(period), "longest_reason": LONGEST_REASON,
        }  # fmt: skip
        status = 200 if words is None else words.status
        return self.render(request, "operator_forecast.html", status=status, **context)

    async def _found(self, period: Period) -> tuple[list[CheckResult], Any]:
        if self.console.gate.facts is None:
            return [], None
        facts = await self.console.gate.facts(period)
        return findings(facts), facts.candidates

    def _name(self, period: Period) -> str:
        programme = self.console.programmes.get(period.programme)
        return period.programme if programme is None else programme.name
