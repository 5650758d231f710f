"""A browser's way through the room's pages: each with the files that it links to, and the form of the button.

Generators like the journey itself; they yield requests and are sent replies.
"""

from collections.abc import Generator

from loadtests.journey.client import Asking, ContractClient
from loadtests.journey.plan import Plan
from loadtests.journey.promises import check_page
from loadtests.journey.states import StepName
from loadtests.journey.steps import Clock, JourneyAnswer, Reply, Step
from loadtests.people.pages import COMPRESSED, PageLinks

VISITS = frozenset({StepName.PAGE, StepName.FILE, StepName.BUTTON, StepName.PLACE})

AGAIN = "entree=1"
"""In the query of the room page: the button was pressed before a visitor cookie had come."""


class PageVisitor(ContractClient):
    """A client that also loads pages, with a cache of files as long as its visit."""

    def __init__(self, plan: Plan, clock: Clock, period: str, origin: str, links: PageLinks) -> None:
        """`links`: what pages link to, shared by all visitors whose pages are alike."""
        super().__init__(plan, clock, origin)
        self.links = links
        self.home = f"/api/v1/periods/{period}"
        self.page = f"/periodes/{period}"
        self.have: set[str] = set()

    def load(self, name: StepName) -> Asking:
        """The room page, then every file that it links to and this browser has not got."""
        answer = yield from self.visit(name, "GET", self.page, self.links.accepts(name))
        if isinstance(answer.body, str):
            self.links.read(name, answer.body)
        for file in self.links.new(name, self.have):
            self.have.add(file)
            yield from self.visit(StepName.FILE, "GET", file, COMPRESSED)
        return answer

    def press(self) -> Asking:
        """« Se connecter », as a form; pressed again by whoever had no cookie yet."""
        fields = {"touch_points": str(self.device()["touch_points"]), "pointer": "fine"}
        fields |= {"any_pointer": "fine", "any_hover": "hover"}
        pressed = 0
        while True:
            answer = yield from self.visit(
                StepName.BUTTON, "POST", f"{self.page}/joindre", COMPRESSED, fields
            )
            pressed += 1
            if answer.status != 303 or AGAIN not in answer.headers.get("location", "") or pressed > 1:
                return answer

    def arrive(self) -> Generator[Step, Reply, bool]:
        """Page, files, button, page, files, as a browser whose pages have scripts. True with a number; the page that
        comes without one says why in words, so whoever needs a code asks by a call."""
        yield from self.load(StepName.PAGE)
        answer = yield from self.press()
        if answer.status != 303:
            return False
        yield from self.load(StepName.PLACE)
        return True

    def visit(
        self, name: StepName, method: str, path: str, accepts: str, form: dict[str, str] | None = None
    ) -> Asking:
        """One page or file, repeated like a call."""
        headers = self.headers(unsafe=method != "GET")
        headers |= {"Accept": "*/*" if name is StepName.FILE else "text/html", "Accept-Encoding": accepts}
        return (yield from self.repeat(name, method, path, headers, form=form))

    def check(self, name: StepName, answer: JourneyAnswer) -> None:
        """A page or a file of a whole arrival is refused as a page; everything else as a call."""
        problem = answer.headers.get("content-type", "").startswith("application/problem")
        if self.plan.whole and name in VISITS and not problem:
            check_page(name, answer)
        else:
            super().check(name, answer)
