"""The way of one candidate through an intake, written once, as a generator that does no I/O.

It yields steps (`steps.py`) and is sent replies; the asyncio crowd and Locust drive the same code. It knows the service
by its contract only: HTTP and WebSocket. On the way it checks what it was promised (`promises.py`); a promise that does
not hold ends the journey as `failed`, and the outcome names it.
"""

from collections.abc import Generator
from typing import Any, NoReturn

from loadtests.journey.client import MOST_BACKOFF_SECONDS, OUTAGE_SECONDS
from loadtests.journey.plan import Plan, PlannedPerson
from loadtests.journey.promises import (
    CLOCK_STEP_SECONDS,
    PromiseViolation,
    check_entry,
    check_frame,
    check_me,
    check_same_receipt,
    instant,
)
from loadtests.journey.states import LIVE, JourneyEnd, PlaceState, Pledge, RefusalCode, StepName
from loadtests.journey.steps import (
    Clock,
    Closed,
    Done,
    FeedFrame,
    HangUp,
    Journey,
    JourneyAnswer,
    Listen,
    Outcome,
    Reply,
    Silence,
    Sleep,
    Step,
    WatchFeed,
)
from loadtests.journey.visit import PageVisitor
from loadtests.people.pages import PageLinks

QUIET_SECONDS = 45.0
"""After so long without a frame the candidate asks by HTTP: a half-open socket says nothing for ever."""

CONFIRMATION_SECONDS = 60.0

IN_TIME = {
    RefusalCode.TOKEN_EXPIRED: Pledge.P5,
    RefusalCode.QUOTA_REACHED: Pledge.P6,
    RefusalCode.PERIOD_CLOSED: Pledge.P6,
}
"""What a token that still works forbids, and which promise says so."""

ENDED_IN_LINE = {
    PlaceState.LEFT: JourneyEnd.LEFT,
    PlaceState.LAPSED: JourneyEnd.LAPSED,
    PlaceState.DRAINED: JourneyEnd.QUOTA_REACHED,
    PlaceState.ANNULLED: JourneyEnd.QUOTA_REACHED,
}
"""How a journey ends whose number is over before it was used."""

Looking = Generator[Step, Reply, dict[str, Any] | None]


class _Over(Exception):
    """The journey has ended."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.kind)
        self.outcome = outcome


def journey(
    person: PlannedPerson,
    plan: Plan,
    clock: Clock,
    *,
    period: str = "demo",
    origin: str,
    links: PageLinks | None = None,
) -> Journey:
    """One candidate from the first page to the receipt, or to wherever the plan and the service lead.

    `clock` gives seconds that only go up; `origin` is the site's own, such as http://127.0.0.1:8000.
    """
    candidate = _Candidate(person, plan, clock, period, origin, links or PageLinks())
    try:
        yield from candidate.go()
    except _Over as over:
        outcome = over.outcome
    except PromiseViolation as broken:
        outcome = Outcome(kind=JourneyEnd.FAILED, number=candidate.number, reason=str(broken))
    yield HangUp()
    return outcome


class _Candidate(PageVisitor):
    """The state of one journey; every method with a `yield` is a stretch of the way."""

    def __init__(
        self, person: PlannedPerson, plan: Plan, clock: Clock, period: str, origin: str, links: PageLinks
    ) -> None:
        super().__init__(plan, clock, period, origin, links)
        self.person = person
        self.number: int | None = None
        self.entry: int | None = None
        self.state = PlaceState.WAITING
        self.poll_seconds = 1.0
        self.watching = False
        self.backoff = 1.0
        self.token = ""
        self.expires_at = 0.0
        """By the server's clock, in seconds since 1970: when the token ends, as last told."""
        self.offset = float("inf")
        """Our clock minus the server's: the smallest seen, which is the one of the quickest answer."""

    # The way

    def go(self) -> Generator[Step, Reply, NoReturn]:
        came = False
        if self.plan.whole:
            came = yield from self.arrive()
        elif self.plan.cookies:
            yield from self.ask(StepName.PAGE, "GET", self.page)
        if not came:
            yield from self.join()
        if self.plan.second_tab:
            yield from self.join()
        yield from self.wait_for_draw()
        returned = False
        while True:
            yield from self.wait_in_line()
            if not self.plan.lapses:
                break
            yield from self.let_lapse()
            if returned or not self.plan.comes_back:
                self.end(JourneyEnd.LAPSED)
            returned = True
            yield from self.join_again()
        if self.plan.gives_back:
            yield from self.leave()
        yield from self.sign_in()
        yield Sleep(self.plan.review)
        yield from self.submit()
        raise AssertionError("a submission ends the journey")

    def join(self) -> Generator[Step, Reply, None]:
        """Ask for a number; asking again gives the same one (P1)."""
        while True:
            answer = yield from self.ask(
                StepName.JOIN, "POST", f"{self.home}/tickets", {"device": self.device()}, key=True
            )
            if answer.status in (200, 201):
                break
            if answer.body["code"] != RefusalCode.ROOM_NOT_OPEN:
                self.refused(answer)
            yield Sleep(self.rng.uniform(1.0, 3.0))
        if not isinstance(answer.body.get("ticket"), str):
            raise PromiseViolation(Pledge.CONTRACT, "a join without a ticket")
        self.ticket = answer.body["ticket"]
        self.note(answer.body)

    def join_again(self) -> Generator[Step, Reply, None]:
        """After a lapse: a new number, at the end of the line."""
        before = self.number or 0
        # The old ticket's socket goes on showing the old number, as a page that is not reloaded would.
        yield from self.hang_up()
        self.forget()
        yield from self.join()
        if (self.number or 0) <= before:
            raise PromiseViolation(
                Pledge.P1, f"after number {before} lapsed, the next join gave {self.number}"
            )

    def forget(self) -> None:
        self.number, self.state, self.token, self.expires_at = None, PlaceState.WAITING, "", 0.0

    def wait_for_draw(self) -> Generator[Step, Reply, None]:
        """In mode draw, until the entry is a number."""
        while self.state == PlaceState.ENTERED:
            yield Sleep(self.poll_seconds * self.rng.uniform(0.5, 1.0))
            yield from self.poll()

    def wait_in_line(self) -> Generator[Step, Reply, None]:
        """Until the call. The patience, the absences and the reconnections of the plan happen here."""
        began, dropped = self.clock(), False
        while self.state == PlaceState.WAITING:
            waited = self.clock() - began
            if self.plan.patience is not None and waited >= self.plan.patience:
                yield from self.leave()
            if self.plan.drops_after is not None and not dropped and waited >= self.plan.drops_after:
                dropped = True
                yield from self.hang_up()
                yield Sleep(self.plan.away)
            yield from self.look()
        if self.state in ENDED_IN_LINE:
            self.end(ENDED_IN_LINE[self.state])

    def let_lapse(self) -> Generator[Step, Reply, None]:
        """Do nothing with the token until it is over."""
        while self.state in LIVE:
            if self.token_seconds() < -OUTAGE_SECONDS:
                raise PromiseViolation(Pledge.P5, f"the token of {self.number} did not end")
            yield from self.look()
        if self.state != PlaceState.LAPSED:
            self.end(ENDED_IN_LINE.get(self.state) or JourneyEnd(self.state))

    def leave(self) -> Generator[Step, Reply, NoReturn]:
        """Give up the number, or the token; a second time is answered as the first."""
        yield from self.hang_up()
        for _ in range(2):
            answer = yield from self.ask(StepName.LEAVE, "DELETE", f"{self.home}/tickets/me")
            if answer.status != 204:
                self.refused(answer)
        self.end(JourneyEnd.LEFT)

    def sign_in(self) -> Generator[Step, Reply, None]:
        """User name, password, security answers, and the token beside them."""
        yield from self.hang_up()
        yield Sleep(self.plan.typing)
        if self.plan.fumbles:
            answer = yield from self.ask(StepName.SIGN_IN, "POST", "/api/v1/session", self.credentials("x"))
            if answer.status != 401 or answer.body["code"] != RefusalCode.BAD_CREDENTIALS:
                self.refused(answer)
            yield Sleep(self.plan.typing / 4)
        answer = yield from self.ask(StepName.SIGN_IN, "POST", "/api/v1/session", self.credentials())
        if answer.status != 200:
            self.refused(answer)
        if not self.is_signed_in or answer.body.get("username") != self.person.username:
            raise PromiseViolation(Pledge.CONTRACT, "a sign-in without a session")
        yield from self.poll()

    def credentials(self, slip: str = "") -> dict[str, Any]:
        who = self.person
        return {
            "username": who.username,
            "password": who.password + slip,
            "answers": list(who.answers),
            "token": self.token,
        }

    def submit(self) -> Generator[Step, Reply, NoReturn]:
        """Sign and send; then, by the plan, send again and read the confirmation."""
        first = yield from self.send()
        receipt, rank = first.get("receipt"), first.get("rank")
        if not isinstance(receipt, str) or not isinstance(rank, int) or rank < 1:
            raise PromiseViolation(
                Pledge.P3, f"an accepted submission with receipt {receipt!r} and rank {rank!r}"
            )
        if self.plan.repeats:
            check_same_receipt(first, (yield from self.send()))
            yield from self.poll()
        if self.plan.reads:
            yield from self.read_confirmation(receipt, rank)
        raise _Over(Outcome(kind=JourneyEnd.SUBMITTED, number=self.number, receipt=receipt, rank=rank))

    def send(self) -> Generator[Step, Reply, dict[str, Any]]:
        signed_in_again = False
        body = {
            "token": self.token,
            "declaration": True,
            "signature": {"capacity": "candidate"},
            "device": self.device(),
        }
        while True:
            answer = yield from self.ask(StepName.SUBMIT, "POST", f"{self.home}/submissions", body)
            if answer.status in (200, 201):
                accepted: dict[str, Any] = answer.body
                return accepted
            code = answer.body["code"]
            if code == RefusalCode.SUSPENDED:
                yield Sleep(self.rng.uniform(2.0, 5.0))
                yield from self.poll()
            elif code in (RefusalCode.NOT_SIGNED_IN, RefusalCode.SESSION_ENDED) and not signed_in_again:
                signed_in_again = True
                yield from self.sign_in()
            else:
                self.refused(answer)

    def read_confirmation(self, receipt: str, rank: int) -> Generator[Step, Reply, None]:
        """The confirmation is under « Consultation des documents » within a minute, once (P3)."""
        began = self.clock()
        while True:
            answer = yield from self.ask(StepName.RECEIPT, "GET", f"/api/v1/submissions/{receipt}")
            if answer.status != 200:
                self.refused(answer)
            if (answer.body.get("receipt"), answer.body.get("rank")) != (receipt, rank):
                raise PromiseViolation(
                    Pledge.P3, f"receipt {receipt} is shown as {answer.body.get('receipt')!r}"
                )
            kinds = [document["kind"] for document in answer.body["documents"]]
            if len(kinds) != len(set(kinds)):
                raise PromiseViolation(Pledge.P3, f"documents made more than once: {kinds}")
            if kinds:
                return
            if self.clock() - began > CONFIRMATION_SECONDS:
                raise PromiseViolation(Pledge.P3, f"no confirmation within {CONFIRMATION_SECONDS:.0f} s")
            yield Sleep(2.0)

    # Looking at the line

    def look(self) -> Generator[Step, Reply, None]:
        """Learn what has become of the place, by socket or by poll, whichever this candidate has."""
        if self.plan.polls:
            yield Sleep(self.poll_seconds)
            yield from self.poll()
        elif not self.watching:
            yield from self.watch()
        else:
            yield from self.listen()

    def poll(self) -> Generator[Step, Reply, None]:
        answer = yield from self.ask(StepName.ME, "GET", f"{self.home}/tickets/me")
        if answer.status != 200:
            if answer.body["code"] == RefusalCode.NO_TICKET:
                raise PromiseViolation(Pledge.P8, f"the ticket of {self.number} is not recognised")
            self.refused(answer)
        self.note(answer.body)

    def watch(self) -> Generator[Step, Reply, None]:
        reply = yield WatchFeed(f"{self.home}/live", self.headers(unsafe=True))
        if isinstance(reply, Done):
            self.watching = True
            return
        if isinstance(reply, JourneyAnswer) and reply.status not in (429, 500, 502, 503):
            raise PromiseViolation(Pledge.CONTRACT, f"the live feed was refused with {reply.status}")
        yield from self.back_off()

    def listen(self) -> Generator[Step, Reply, None]:
        reply = yield Listen(QUIET_SECONDS)
        if isinstance(reply, FeedFrame):
            self.backoff = 1.0
            check_frame(reply.body)
            self.note(reply.body)
        elif isinstance(reply, Silence):
            yield from self.poll()
        elif isinstance(reply, Closed):
            self.watching = False
            if reply.code in (4401, 4404):
                raise PromiseViolation(
                    Pledge.P8,
                    f"the live feed does not recognise number {self.number}: closed with {reply.code}",
                )
            yield from self.back_off()
            yield from self.poll()
        else:
            raise TypeError(f"listening was replied to with {reply}")

    def back_off(self) -> Generator[Step, Reply, None]:
        yield Sleep(self.backoff * self.rng.uniform(0.7, 1.3))
        self.backoff = min(self.backoff * 2, MOST_BACKOFF_SECONDS)

    def hang_up(self) -> Generator[Step, Reply, None]:
        if self.watching:
            self.watching = False
            yield HangUp()

    def note(self, me: Any) -> None:
        """Check a `me` object and remember what it says."""
        if isinstance(me, dict) and me.get("state") == PlaceState.ENTERED:
            check_entry(me, self.entry, self.number)
            self.entry, self.state, self.poll_seconds = (
                me["entry"],
                PlaceState.ENTERED,
                float(me["next_poll_seconds"]),
            )
            return
        if self.state == PlaceState.ENTERED:
            self.state = PlaceState.WAITING
        check_me(me, self.number, self.state)
        self.number, self.state = me["number"], PlaceState(me["state"])
        self.poll_seconds = float(me["next_poll_seconds"])
        self.offset = min(self.offset, self.clock() - instant(me["server_time"]))
        if self.state in LIVE:
            expires_at = instant(me["expires_at"])
            if expires_at < self.expires_at - CLOCK_STEP_SECONDS:
                raise PromiseViolation(
                    Pledge.P5, f"the end of the token came {self.expires_at - expires_at:.1f} s nearer"
                )
            self.token, self.expires_at = me["token"], expires_at

    def token_seconds(self) -> float:
        """How long the token still works, for certain."""
        return self.expires_at + self.offset - self.clock() if self.token else 0.0

    # Ends

    def end(self, kind: JourneyEnd) -> NoReturn:
        raise _Over(Outcome(kind=kind, number=self.number))

    def refused(self, answer: JourneyAnswer) -> NoReturn:
        """An expected "no" ends the journey, unless the promise of the ten minutes forbids it (P5, P6)."""
        code = (answer.body or {}).get("code", str(answer.status))
        left = self.token_seconds() - CLOCK_STEP_SECONDS
        if left > 0 and code in IN_TIME:
            raise PromiseViolation(
                IN_TIME[code], f"number {self.number} was refused with {code}, {left:.0f} s before its end"
            )
        if code == RefusalCode.QUOTA_REACHED:
            self.end(JourneyEnd.QUOTA_REACHED)
        if code == RefusalCode.TOKEN_EXPIRED:
            self.end(JourneyEnd.LAPSED)
        raise _Over(Outcome(kind=JourneyEnd.REFUSED, number=self.number, code=code))
