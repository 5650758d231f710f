"""What one client keeps and sends while it goes its way: cookies or a key, headers, and requests that are repeated.

A generator like the journey itself: it yields requests and is sent replies, and does no I/O.
"""

import random
from collections.abc import Generator
from typing import Any

from loadtests.journey.plan import AGENTS, Plan
from loadtests.journey.promises import PromiseViolation, check_answer
from loadtests.journey.states import Pledge, StepName
from loadtests.journey.steps import Clock, JourneyAnswer, Lost, Reply, Request, Sleep, Step

OUTAGE_SECONDS = 300.0
"""A service that was not there for so long has failed this candidate."""

MOST_BACKOFF_SECONDS = 30.0

SESSION_COOKIES = ("session", "__Host-session")
"""The session by its name, plain and behind TLS."""

Asking = Generator[Step, Reply, JourneyAnswer]


class ContractClient:
    """A browser with cookies, or a client with an idempotency key and a Bearer ticket, as the plan has it."""

    def __init__(self, plan: Plan, clock: Clock, origin: str) -> None:
        self.plan, self.clock, self.origin = plan, clock, origin
        self.rng = random.Random(plan.seed)
        self.cookies: dict[str, str] = {}
        self.ticket: str | None = None

    def headers(self, *, unsafe: bool = False, key: bool = False) -> dict[str, str]:
        platform, _, agent = AGENTS[self.plan.agent]
        headers = {"User-Agent": agent, "Accept": "application/json", "Accept-Language": "fr-CA,fr;q=0.9"}
        if platform:
            headers |= {"Sec-CH-UA-Mobile": "?0", "Sec-CH-UA-Platform": f'"{platform}"'}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            if unsafe:
                headers["Origin"] = self.origin
        if not self.plan.cookies:
            if self.ticket:
                headers["Authorization"] = f"Bearer {self.ticket}"
            if key:
                headers["Idempotency-Key"] = self.plan.key
        return headers

    def device(self) -> dict[str, Any]:
        return {"touch_points": AGENTS[self.plan.agent][1], "pointer": "fine"}

    def ask(
        self, name: StepName, method: str, path: str, json: dict[str, Any] | None = None, *, key: bool = False
    ) -> Asking:
        """One call, repeated as below."""
        headers = self.headers(unsafe=method != "GET", key=key)
        return (yield from self.repeat(name, method, path, headers, json))

    def repeat(
        self,
        name: StepName,
        method: str,
        path: str,
        headers: dict[str, str],
        json: dict[str, Any] | None = None,
        form: dict[str, str] | None = None,
    ) -> Asking:
        """One request, repeated with a growing pause while the service is away or asks for patience.

        Everything a candidate sends may be repeated: that is what the contract says.
        """
        began, pause = self.clock(), 1.0
        while True:
            reply = yield Request(name, method, path, headers, json, form)
            wait = pause
            if isinstance(reply, JourneyAnswer):
                self.check(name, reply)
                if reply.status not in (429, 503):
                    self.keep_cookies(reply)
                    return reply
                wait = max(pause, min(60.0, float(reply.headers["retry-after"])))
            elif not isinstance(reply, Lost):
                raise TypeError(f"{name} was replied to with {reply}")
            if self.clock() - began > OUTAGE_SECONDS:
                raise PromiseViolation(Pledge.P8, f"{name} was not answered for {OUTAGE_SECONDS:.0f} s")
            yield Sleep(wait * self.rng.uniform(0.7, 1.3))
            pause = min(pause * 2, MOST_BACKOFF_SECONDS)

    def check(self, name: StepName, answer: JourneyAnswer) -> None:
        """Raises PromiseViolation for an answer that no call may get."""
        check_answer(name, answer)

    @property
    def is_signed_in(self) -> bool:
        """Whether there is a session, by either of its names."""
        return any(name in self.cookies for name in SESSION_COOKIES)

    def keep_cookies(self, answer: JourneyAnswer) -> None:
        """As a browser does; a client with a key keeps only its session."""
        for name, value in answer.cookies.items():
            if not self.plan.cookies and name not in SESSION_COOKIES:
                continue
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
